import { sql } from 'kysely'
import type { Database, Transaction } from '../../platform/db/index.ts'
import type { Calendar } from './calendar.ts'
import type { Cursor } from './providers/provider.ts'
import type { ProviderName } from './providers/registry.ts'

const shown = [
  'id',
  'provider',
  'ownerEmail',
  'name',
  'addressLabel',
  'state',
  'stateReason',
  'access',
  'releaseReason',
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

/** The ciphertext of every credential that is kept, with its owner. */
export async function listCredentials(db: Database): Promise<{ ownerEmail: string; credential: string }[]> {
  return db
    .selectFrom('calendar')
    .select(['ownerEmail', 'credential'])
    .where('credential', 'is not', null)
    .$narrowType<{ credential: string }>()
    .orderBy('ownerEmail')
    .execute()
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
  access: 'service_account' | 'oauth' | null
  credential: string | null
  state: Calendar['state']
  disconnectedAt: Date | null
  timeZone: string | null
  revision: number
  cursor: Cursor | null
  cursorLosses: number
  changeMarker: number
  pulledMarker: number
  watchedUntil: Date | null
  expandedUntil: Date | null
  lastSuccessAt: Date | null
  zoneData: string | null
  nextSyncAt: Date
  failureCount: number
}

export async function readSyncSource(db: Database | Transaction, id: string): Promise<SyncSource | undefined> {
  const row = await db
    .selectFrom('calendar')
    .select(['id', 'provider', 'ownerEmail', 'access', 'credential', 'state', 'disconnectedAt', 'timeZone', 'revision'])
    .select(['cursor', 'cursorLosses', 'changeMarker', 'pulledMarker', 'watchedUntil', 'expandedUntil', 'zoneData'])
    .select(['lastSuccessAt', 'nextSyncAt', 'failureCount'])
    .where('id', '=', id)
    .where('removedAt', 'is', null)
    .where('releaseReason', 'is', null)
    .executeTakeFirst()
  return row && { ...row, provider: row.provider as ProviderName }
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

interface NewCalendar {
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
  const fresh = {
    state: 'connected',
    stateReason: null,
    disconnectedAt: null,
    removedAt: null,
    nextSyncAt: now,
  } as const
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

/** What a successful sync leaves on the calendar's row; what is left out stays as it is. */
interface SyncSuccess {
  cursor?: Cursor
  name?: string | null
  timeZone?: string | null
  hasChanged: boolean
  nextSyncAt: Date
  /** The change marker with which the reading began: what was said until then has been seen. */
  pulledMarker: number
  cursorLosses: number
}

/** Answers the change marker as it is now: greater than the pulled one if a notice came while this was read. */
export async function recordSuccess(
  db: Database | Transaction,
  id: string,
  success: SyncSuccess,
  now: Date,
): Promise<number> {
  const { name = null, hasChanged, ...columns } = success
  const row = await db
    .updateTable('calendar')
    .set((eb) => ({
      ...columns,
      ...(name === null ? {} : { name: eb.fn.coalesce('name', eb.val(name)) }),
      ...(hasChanged ? { lastChangeAt: now } : {}),
      lastAttemptAt: now,
      lastSuccessAt: now,
      failureCount: 0,
      failureCode: null,
      failureMessage: null,
    }))
    .where('id', '=', id)
    .returning('changeMarker')
    .executeTakeFirst()
  return row?.changeMarker ?? success.pulledMarker
}

/** The calendar's turn comes later, for a reason that is not its own. */
export async function postponeSync(db: Database, id: string, nextSyncAt: Date, now: Date): Promise<void> {
  await db.updateTable('calendar').set({ lastAttemptAt: now, nextSyncAt }).where('id', '=', id).execute()
}

/** Counts that a cursor was refused; answers how often in a row. */
export async function countCursorLoss(db: Database, id: string): Promise<number> {
  const row = await db
    .updateTable('calendar')
    .set((eb) => ({ cursorLosses: eb('cursorLosses', '+', 1) }))
    .where('id', '=', id)
    .returning('cursorLosses')
    .executeTakeFirst()
  return row?.cursorLosses ?? 0
}

/** The row of a calendar as whether it is connected is decided by it, locked. */
export async function lockConnection(trx: Transaction, id: string) {
  return trx
    .selectFrom('calendar')
    .select(['id', 'ownerEmail', 'state', 'stateReason', 'disconnectedAt'])
    .where('id', '=', id)
    .where('removedAt', 'is', null)
    .forUpdate()
    .executeTakeFirst()
}

/** Sets whether a calendar is connected; `reason` is a stable word, null for a connected one. */
export async function writeConnection(
  trx: Transaction,
  id: string,
  connection: { state: Calendar['state']; stateReason: string | null; disconnectedAt: Date | null },
): Promise<void> {
  await trx
    .updateTable('calendar')
    .set((eb) => ({ ...connection, revision: eb('revision', '+', 1) }))
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
      disconnectedAt: now,
      expandedUntil: null,
      revision: eb('revision', '+', 1),
    }))
    .where('id', '=', id)
    .execute()
}

/** Notes that these calendars changed: a sync that reads one already reads it again. Its job is the caller's next step. */
export async function markChanged(trx: Transaction, ids: readonly string[]): Promise<void> {
  // In the order of their ids, so that two processes never wait for each other.
  await sql`
    with changed as (select id from calendar where id = any(${ids}::uuid[]) order by id for no key update)
    update calendar c set change_marker = c.change_marker + 1 from changed where c.id = changed.id`.execute(trx)
}

/** Calendars whose next sync is due, the longest overdue first; `isNew`: never read yet. */
export async function listDueCalendars(
  db: Database,
  now: Date,
  limit: number,
): Promise<{ id: string; isNew: boolean }[]> {
  const rows = await db
    .selectFrom('calendar')
    .select(['id', 'cursor'])
    .where('removedAt', 'is', null)
    .where('releaseReason', 'is', null)
    .where('nextSyncAt', '<=', now)
    .orderBy('nextSyncAt')
    .limit(limit)
    .execute()
  return rows.map(({ id, cursor }) => ({ id, isNew: cursor === null }))
}
