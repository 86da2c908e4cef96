import { sql } from 'kysely'
import { z } from 'zod'
import type { Database, Transaction } from '../../platform/db/index.ts'
import { peopleVersion } from '../people/index.ts'
import type { AttendanceMode } from './decide-attendance.ts'
import type { RuleMark } from './rules/rule-store.ts'

const stored = z.object({
  mode: z.enum(['observing', 'on']),
  changedAt: z.string().optional(),
  changedBy: z.string().optional(),
})

/** Whether bots go to meetings; observing until an administrator says otherwise. */
export async function readAttendanceMode(db: Database | Transaction): Promise<AttendanceMode> {
  return (await readAttendance(db)).mode
}

/** The mode, with who set it and when. */
export async function readAttendance(db: Database | Transaction): Promise<z.infer<typeof stored>> {
  const row = await db.selectFrom('setting').select('value').where('key', '=', 'attendance').executeTakeFirst()
  return modeOf(row?.value ?? null)
}

/** What decides on all meetings: the mode, and which rules are in force, undefined where there never were any, and which answers of the directory. */
export async function readPolicy(
  trx: Transaction,
): Promise<{ attendance: AttendanceMode; ruleMark: RuleMark | undefined; peopleVersion: number }> {
  const { rows } = await sql<{ attendance: unknown; ruleMark: RuleMark | null; peopleVersion: number }>`
    select (select value from setting where key = 'attendance') as attendance,
      (select jsonb_build_object('version', version, 'sourceHash', source_hash)
        from rule_version order by version desc limit 1) as rule_mark,
      ${peopleVersion} as people_version`.execute(trx)
  const { attendance = null, ruleMark = null, peopleVersion: version = 0 } = rows[0] ?? {}
  return { attendance: modeOf(attendance).mode, ruleMark: ruleMark ?? undefined, peopleVersion: version }
}

function modeOf(value: unknown): z.infer<typeof stored> {
  return value === null ? { mode: 'observing' } : stored.parse(value)
}

/** Stores the mode; the caller plans the meetings again. */
export async function writeAttendanceMode(
  trx: Transaction,
  mode: AttendanceMode,
  changedBy: string,
  now: Date,
): Promise<void> {
  const value = JSON.stringify({ mode, changedAt: now.toISOString(), changedBy })
  await trx
    .insertInto('setting')
    .values({ key: 'attendance', value, updatedAt: now })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value, updatedAt: now }))
    .execute()
}
