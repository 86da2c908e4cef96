import type { Database, Transaction } from '../../../platform/db/index.ts'
import { type RuleDocument, ruleDocument } from './rule.ts'

/** A set of rules as it was put in force. */
interface RuleVersion {
  version: number
  document: RuleDocument
  /** The text as it was given, with its comments. */
  source: string
  sourceHash: string
  /** The file it came from; null where it came from none. */
  path: string | null
  changedBy: string
  changedAt: Date
}

/** By which rules are told from others. */
export type RuleMark = Pick<RuleVersion, 'version' | 'sourceHash'>

/** Number and hash of the rules in force; undefined where there never were any. */
async function readRuleMark(db: Transaction): Promise<RuleMark | undefined> {
  return db
    .selectFrom('ruleVersion')
    .select(['version', 'sourceHash'])
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** The rules in force; undefined where there never were any. */
export async function readCurrentRules(db: Database | Transaction): Promise<RuleVersion | undefined> {
  const row = await db.selectFrom('ruleVersion').selectAll().orderBy('version', 'desc').limit(1).executeTakeFirst()
  return row && { ...row, document: ruleDocument.parse(row.document) }
}

/** The words by which anyone keeps the bot away. */
export async function readOptOutWords(db: Database): Promise<readonly string[]> {
  return (await readCurrentRules(db))?.document.optOutWords ?? ruleDocument.parse({}).optOutWords
}

/** Every change of the rules, newest first. */
export async function listRuleVersions(
  db: Database,
  limit: number,
): Promise<Pick<RuleVersion, 'version' | 'path' | 'changedBy' | 'changedAt'>[]> {
  return db
    .selectFrom('ruleVersion')
    .select(['version', 'path', 'changedBy', 'changedAt'])
    .orderBy('version', 'desc')
    .limit(limit)
    .execute()
}

/** What was last put in force from a file, and whether this text ever was. */
export async function readFileHistory(
  trx: Transaction,
  path: string,
  sourceHash: string,
): Promise<{ lastHash: string | undefined; wasInForce: boolean }> {
  const last = await trx
    .selectFrom('ruleVersion')
    .select('sourceHash')
    .where('path', '=', path)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst()
  const same = await trx
    .selectFrom('ruleVersion')
    .select('version')
    .where('sourceHash', '=', sourceHash)
    .limit(1)
    .executeTakeFirst()
  return { lastHash: last?.sourceHash, wasInForce: same !== undefined }
}

/** Puts rules in force as the next version; the caller holds the lock on the policy and plans the meetings again. */
export async function insertRules(trx: Transaction, rules: Omit<RuleVersion, 'version'>): Promise<number> {
  const version = ((await readRuleMark(trx))?.version ?? 0) + 1
  await trx
    .insertInto('ruleVersion')
    .values({ ...rules, version, document: JSON.stringify(rules.document) })
    .execute()
  return version
}
