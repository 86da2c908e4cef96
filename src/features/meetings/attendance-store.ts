import { z } from 'zod'
import type { Database, Transaction } from '../../platform/db/index.ts'
import type { AttendanceMode } from './decide-attendance.ts'

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

/** The mode out of what is stored. */
export function modeOf(value: unknown): z.infer<typeof stored> {
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
