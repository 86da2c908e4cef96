import { sql } from 'kysely'
import type { Database, Transaction } from '../../platform/db/index.ts'
import type { Calendar, ProviderName } from './calendar.ts'
import type { SourceProblem } from './event.ts'
import type { Cursor } from './providers/provider.ts'

const shown = [
  'id',
  'provider',
  'ownerEmail',
  'name',
  'addressLabel',
  'state',
  'stateReason',
  'timeZone',
  'lastAttemptAt',
  'lastSuccessAt',
  'lastChangeAt',
  'nextSyncAt',
  'failureCount',
  'failureMessage',
  'removedAt',
] as const satisfies (keyof Calendar)[]

/** The connected and disconnected calendars, without removed ones, by owner. */
export async function listCalendars(db: Database): Promise<Calendar[]> {
  return db
    .selectFrom('calendar')
    .select(shown)
    .where('removedAt', 'is', null)
    .orderBy('ownerEmail')
    .orderBy('id')
    .execute()
}

export async function readCalendar(db: Database | Transaction, id: string): Promise<Calendar | undefined> {
  return db.selectFrom('calendar').select(shown).where('id', '=', id).executeTakeFirst()
}

/** Whether any calendar was ever connected, removed ones included. */
export async function hasAnyCalendar(db: Database): Promise<boolean> {
  return (await db.selectFrom('calendar').select('id').limit(1).executeTakeFirst()) !== undefined
}

/** A calendar as its sync needs it. */
export interface SyncSource {
  id: string
  provider: ProviderName
  ownerEmail: string
  credential: string | null
  state: Calendar['state']
  timeZone: string | null
  revision: number
  cursor: Cursor | null
  expandedUntil: Date | null
  zoneData: string | null
  failureCount: number
}

export async function readSyncSource(db: Database | Transaction, id: string): Promise<SyncSource | undefined> {
  const row = await db
    .selectFrom('calendar')
    .select([
      'id',
      'provider',
      'ownerEmail',
      'credential',
      'state',
      'timeZone',
      'revision',
      'cursor',
      'expandedUntil',
      'zoneData',
      'failureCount',
    ])
    .where('id', '=', id)
    .where('removedAt', 'is', null)
    .executeTakeFirst()
  if (!row) return undefined
  return { ...row, provider: row.provider as ProviderName }
}

/**
 * Claims the right to write this calendar's events in this transaction: raises the revision if it is still the one that was read.
 * False means that somebody else wrote meanwhile, and the caller starts again from what is stored now.
 */
export async function claimRevision(trx: Transaction, id: string, revision: number): Promise<boolean> {
  const updated = await trx
    .updateTable('calendar')
    .set({ revision: revision + 1 })
    .where('id', '=', id)
    .where('revision', '=', revision)
    .where('removedAt', 'is', null)
    .executeTakeFirst()
  return updated.numUpdatedRows > 0n
}

export interface NewCalendar {
  id: string
  provider: ProviderName
  ownerEmail: string
  name: string | null
  deduplicationKey: string
  credential: string
  addressLabel: string
}

/** Inserts a calendar, or brings back a removed one under its old id. Answers its id and whether it was there already. */
export async function upsertCalendar(
  trx: Transaction,
  calendar: NewCalendar,
  now: Date,
): Promise<{ id: string; existed: boolean }> {
  const existing = await trx
    .selectFrom('calendar')
    .select(['id', 'removedAt'])
    .where('deduplicationKey', '=', calendar.deduplicationKey)
    .forUpdate()
    .executeTakeFirst()
  const fresh = { state: 'connected', stateReason: null, removedAt: null, nextSyncAt: now } as const
  if (existing) {
    const { name, credential, addressLabel } = calendar
    await trx
      .updateTable('calendar')
      .set((eb) => ({
        ...fresh,
        credential,
        addressLabel,
        ...(name === null ? {} : { name }),
        revision: eb('revision', '+', 1),
        failureCount: 0,
        failureCode: null,
        failureMessage: null,
      }))
      .where('id', '=', existing.id)
      .execute()
    return { id: existing.id, existed: existing.removedAt === null }
  }
  await trx
    .insertInto('calendar')
    .values({ ...calendar, ...fresh, createdAt: now })
    .execute()
  return { id: calendar.id, existed: false }
}

/** What a successful sync leaves on the calendar's row. */
export interface SyncSuccess {
  cursor: Cursor
  name: string | null
  timeZone: string | null
  hasChanged: boolean
  nextSyncAt: Date
}

export async function recordSuccess(trx: Transaction, id: string, success: SyncSuccess, now: Date): Promise<void> {
  await trx
    .updateTable('calendar')
    .set((eb) => ({
      cursor: success.cursor,
      name: eb.fn.coalesce('name', eb.val(success.name)),
      timeZone: success.timeZone,
      lastAttemptAt: now,
      lastSuccessAt: now,
      ...(success.hasChanged ? { lastChangeAt: now } : {}),
      nextSyncAt: success.nextSyncAt,
      failureCount: 0,
      failureCode: null,
      failureMessage: null,
    }))
    .where('id', '=', id)
    .execute()
}

/** Notes that nothing changed: the one write of an unchanged sync. */
export async function recordUnchanged(db: Database, id: string, nextSyncAt: Date, now: Date): Promise<void> {
  await db
    .updateTable('calendar')
    .set({
      lastAttemptAt: now,
      lastSuccessAt: now,
      nextSyncAt,
      failureCount: 0,
      failureCode: null,
      failureMessage: null,
    })
    .where('id', '=', id)
    .execute()
}

export async function recordFailure(
  db: Database,
  id: string,
  failure: { code: string; message: string; nextSyncAt: Date },
  now: Date,
): Promise<void> {
  await db
    .updateTable('calendar')
    .set((eb) => ({
      lastAttemptAt: now,
      failureCount: eb('failureCount', '+', 1),
      failureCode: failure.code,
      failureMessage: failure.message,
      nextSyncAt: failure.nextSyncAt,
    }))
    .where('id', '=', id)
    .execute()
}

/** Notes until when, and with which zone data, all stored items are expanded. */
export async function recordExpansion(
  trx: Transaction,
  id: string,
  expansion: { expandedUntil: Date; zoneData: string },
): Promise<void> {
  await trx.updateTable('calendar').set(expansion).where('id', '=', id).execute()
}

/** Marks a calendar as removed and forgets its credential and cursor. */
export async function markRemoved(trx: Transaction, id: string, now: Date): Promise<void> {
  await trx
    .updateTable('calendar')
    .set((eb) => ({
      removedAt: now,
      credential: null,
      state: 'disconnected',
      stateReason: 'removed',
      cursor: null,
      expandedUntil: null,
      revision: eb('revision', '+', 1),
    }))
    .where('id', '=', id)
    .execute()
}

/** Makes calendars due now, whatever is known of them. In the order of their ids, so that two writers never wait for each other. */
export async function makeDue(trx: Transaction, ids: readonly string[], now: Date): Promise<void> {
  await sql`
    with due as (select id from calendar where id = any(${ids}::uuid[]) order by id for no key update)
    update calendar c set next_sync_at = ${now} from due where c.id = due.id and c.next_sync_at > ${now}`.execute(trx)
}

/** Calendars whose next sync is due, the longest overdue first. */
export async function listDueCalendars(db: Database, now: Date, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('calendar')
    .select('id')
    .where('removedAt', 'is', null)
    .where('nextSyncAt', '<=', now)
    .orderBy('nextSyncAt')
    .limit(limit)
    .execute()
  return rows.map((row) => row.id)
}

/** Replaces the problems of some items of a calendar, or, with `uids` undefined, those that belong to no item. */
export async function replaceProblems(
  trx: Transaction,
  calendarId: string,
  uids: readonly string[] | undefined,
  problems: readonly SourceProblem[],
  now: Date,
): Promise<void> {
  const stale = trx.deleteFrom('calendarProblem').where('calendarId', '=', calendarId)
  if (uids === undefined) await stale.where('uid', 'is', null).execute()
  else if (uids.length > 0) await stale.where('uid', 'in', [...uids]).execute()
  if (problems.length === 0) return
  await trx
    .insertInto('calendarProblem')
    .values(problems.slice(0, MAX_PROBLEMS).map((problem) => ({ ...problem, calendarId, noticedAt: now })))
    .execute()
}

const MAX_PROBLEMS = 1_000

export async function listProblems(db: Database, calendarId: string): Promise<SourceProblem[]> {
  return db
    .selectFrom('calendarProblem')
    .select(['code', 'message', 'uid', 'title'])
    .where('calendarId', '=', calendarId)
    .orderBy('id')
    .limit(MAX_PROBLEMS)
    .execute()
}
