import { createHash } from 'node:crypto'
import { type Database, inTransaction, lockNames, type Transaction } from '../../platform/db/index.ts'
import { type Actor, recordAudit } from '../people/index.ts'
import { POLICY_LOCK } from './plan-lock-store.ts'
import type { ReconcileDeps } from './reconcile-meetings.ts'
import { type RuleContext, readRules } from './rules/read-rules.ts'
import { insertRules, readCurrentRules, readFileHistory } from './rules/rule-store.ts'
import { type SweepResult, sweepMeetings } from './sweep-meetings.ts'

type ApplyDeps = ReconcileDeps & { db: Database; ruleContext: RuleContext }

/** A text of rules, and where it comes from. */
interface GivenRules extends Actor {
  source: string
  /** The file it stands in; null where it comes from none. */
  path: string | null
}

interface ApplyResult extends SweepResult {
  version: number
  /** False where these rules are in force already. */
  isNew: boolean
}

/**
 * Puts rules in force and plans every meeting that is not over again; what was decided before stays in the history. Throws
 * `rules_invalid` and then changes nothing. The same text again changes nothing.
 */
export async function applyRules(deps: ApplyDeps, given: GivenRules): Promise<ApplyResult> {
  readRules(given.source, deps.ruleContext)
  const { version, isNew } = await inTransaction(deps.db, (trx) => putInForce(deps, trx, given))
  return { version, isNew, ...(await sweepMeetings(deps, { origin: 'rules' })) }
}

/**
 * Puts the rules of the installation's own file in force if that file was changed since it last was: an edit made elsewhere is not undone
 * by a restart. Answers the new version; undefined where there is nothing new. Throws `rules_invalid`.
 */
export async function applyChangedFile(
  deps: ApplyDeps,
  given: GivenRules & { path: string },
): Promise<number | undefined> {
  return inTransaction(deps.db, async (trx) => {
    await lockNames(trx, [POLICY_LOCK])
    const sourceHash = hashOf(given.source)
    const { lastHash, wasInForce } = await readFileHistory(trx, given.path, sourceHash)
    if (lastHash === undefined ? wasInForce : lastHash === sourceHash) return undefined
    const { version, isNew } = await putInForce(deps, trx, given)
    return isNew ? version : undefined
  })
}

async function putInForce(
  deps: ApplyDeps,
  trx: Transaction,
  { source, path, by, from }: GivenRules,
): Promise<{ version: number; isNew: boolean }> {
  const document = readRules(source, deps.ruleContext)
  await lockNames(trx, [POLICY_LOCK])
  const current = await readCurrentRules(trx)
  const sourceHash = hashOf(source)
  if (current?.sourceHash === sourceHash) return { version: current.version, isNew: false }
  const changedAt = deps.clock.now()
  const version = await insertRules(trx, { document, source, sourceHash, path, changedBy: by, changedAt })
  const detail = { file: path }
  await recordAudit(trx, { at: changedAt, by, from, action: 'rules_applied', subject: `version ${version}`, detail })
  return { version, isNew: true }
}

function hashOf(source: string): string {
  return createHash('sha256').update(source).digest('base64url')
}
