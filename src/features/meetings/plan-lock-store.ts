import { sql } from 'kysely'
import { keepPlans, type Transaction } from '../../platform/db/index.ts'
import type { NamedRoom } from '../calendars/index.ts'
import type { OccurrenceRef } from './occurrence.ts'

/** Shared by every plan; whoever changes rules or attendance holds it alone, so that no plan is written by what was before. */
export const POLICY_LOCK = 'policy'

/**
 * One planner at a time for an invitation, and for each room that its copies name, until the transaction ends. The invitation comes first: only
 * who holds it knows its rooms, for another planner may just have written of one more. Answers the rooms to which links of these names lead that
 * have another name.
 */
export async function lockPlan(trx: Transaction, refs: readonly OccurrenceRef[]): Promise<Map<string, NamedRoom>> {
  await keepPlans(trx)
  const uids = [...new Set(refs.map(({ uid }) => uid))]
  const roomKeys = [...new Set(refs.map(({ roomKey }) => roomKey))]
  const { rows } = await sql<NamedRoom & { aliasKey: string }>`
    select alias_key, platform, room_id, room_key from lock_plan(${uids}::text[], ${roomKeys}::text[])`.execute(trx)
  return new Map(rows.map(({ aliasKey, ...room }) => [aliasKey, room]))
}
