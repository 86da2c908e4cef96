import type { Database, Transaction } from '../../../platform/db/index.ts'
import { compileRules, type RuleSet } from './compile-rules.ts'
import type { RuleContext } from './read-rules.ts'
import { ruleDocument } from './rule.ts'
import { type RuleMark, readCurrentRules } from './rule-store.ts'

/** Answers the rules in force, which are the ones of this mark. */
export type RulesInForce = (db: Database | Transaction, mark: RuleMark | undefined) => Promise<RuleSet>

/** Reads the rules from the database, and prepares them only when they are others than last time. */
export function createRulesInForce(context: RuleContext): RulesInForce {
  const none = compileRules(ruleDocument.parse({}), 0, context)
  let known: { sourceHash: string; rules: RuleSet } | undefined
  return async (db, mark) => {
    if (!mark) return none
    if (known?.sourceHash === mark.sourceHash && known.rules.version === mark.version) return known.rules
    const current = await readCurrentRules(db)
    if (!current) return none
    known = { sourceHash: current.sourceHash, rules: compileRules(current.document, current.version, context) }
    return known.rules
  }
}
