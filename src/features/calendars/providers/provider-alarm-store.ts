import type { Database } from '../../../platform/db/index.ts'

/** What is wrong for everybody at one provider: one state, however many calendars it concerns. */
interface ProviderAlarm {
  /** Of the provider, and after an underscore what of it. */
  name: string
  code: string
  message: string
  raisedAt: Date
  seenAt: Date
  /** When it is tried again, by one caller for all. */
  probeAt: Date
}

/** An alarm with the name of its provider. */
export type StandingAlarm = ProviderAlarm & { provider: string }

export async function listProviderAlarms(db: Database): Promise<StandingAlarm[]> {
  const alarms = await db.selectFrom('providerAlarm').selectAll().orderBy('name').execute()
  return alarms.map((alarm) => ({ ...alarm, provider: alarm.name.split('_', 1)[0] ?? '' }))
}

export async function readProviderAlarm(db: Database, name: string): Promise<ProviderAlarm | undefined> {
  return db.selectFrom('providerAlarm').selectAll().where('name', '=', name).executeTakeFirst()
}

/** Raises the alarm, or says that it still stands; when it was raised first stays. */
export async function raiseProviderAlarm(
  db: Database,
  alarm: { name: string; code: string; message: string; probeAt: Date },
  now: Date,
): Promise<void> {
  const { code, message, probeAt } = alarm
  await db
    .insertInto('providerAlarm')
    .values({ ...alarm, raisedAt: now, seenAt: now })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ code, message, probeAt, seenAt: now }))
    .execute()
}

/** Claims the next try while an alarm stands; false if somebody else tries, or the time has not come. */
export async function claimProbe(db: Database, name: string, until: Date, now: Date): Promise<boolean> {
  const claimed = await db
    .updateTable('providerAlarm')
    .set({ probeAt: until })
    .where('name', '=', name)
    .where('probeAt', '<=', now)
    .executeTakeFirst()
  return claimed.numUpdatedRows > 0n
}

/** Ends an alarm; true if there was one. */
export async function clearProviderAlarm(db: Database, name: string): Promise<boolean> {
  const deleted = await db.deleteFrom('providerAlarm').where('name', '=', name).executeTakeFirst()
  return deleted.numDeletedRows > 0n
}
