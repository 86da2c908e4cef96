import { sql } from 'kysely'
import { keepPlans, type Transaction } from '../../platform/db/index.ts'
import type { NamedRoom } from '../calendars/index.ts'
import { modeOf } from './attendance-store.ts'
import type { AttendanceMode } from './decide-attendance.ts'
import type { OccurrenceRef } from './occurrence.ts'
import type { RuleMark } from './rules/rule-store.ts'

/** Shared by every plan; whoever changes rules or attendance holds it alone, so that no plan is written by what was before. */
export const POLICY_LOCK = 'policy'

/** What decides on all meetings: the mode, which rules are in force, undefined where there never were any, and which answers of the directory. */
export interface Policy {
  attendance: AttendanceMode
  ruleMark: RuleMark | undefined
  /** `peopleVersion` of features/people. */
  peopleVersion: number
}

interface Row {
  attendance: unknown
  ruleMark: RuleMark | null
  peopleVersion: number
  aliases: [alias: string, platform: string, roomId: string, roomKey: string][] | null
}

/**
 * Begins a plan: one planner at a time for an invitation, and for each room that its copies name, until the transaction ends. The invitation comes
 * first: only who holds it knows its rooms, for another planner may just have written of one more. `aliases`: the rooms to which links of these
 * names lead that have another name.
 */
export async function beginPlan(
  trx: Transaction,
  refs: readonly OccurrenceRef[],
): Promise<{ policy: Policy; aliases: Map<string, NamedRoom> }> {
  await keepPlans(trx)
  const uids = [...new Set(refs.map(({ uid }) => uid))]
  const roomKeys = [...new Set(refs.map(({ roomKey }) => roomKey))]
  const { rows } = await sql<Row>`select * from begin_plan(${uids}::text[], ${roomKeys}::text[])`.execute(trx)
  const { attendance = null, ruleMark = null, peopleVersion = 0, aliases = null } = rows[0] ?? {}
  return {
    policy: { attendance: modeOf(attendance).mode, ruleMark: ruleMark ?? undefined, peopleVersion },
    aliases: new Map(
      (aliases ?? []).map(([alias, platform, roomId, roomKey]) => [alias, { platform, roomId, roomKey }]),
    ),
  }
}
