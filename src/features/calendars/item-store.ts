import { sql } from 'kysely'
import type { Database, Transaction } from '../../platform/db/index.ts'
import type { Removal, SourceItem } from './providers/provider.ts'

/** What tells a stored item from a delivered one, without its content. */
export interface StoredItem {
  id: string
  uid: string | null
  seriesId: string | null
  /** Null for what is gone, of which only the version is remembered. */
  contentHash: string | null
  version: string
}

/** An item as it is stored; the UID of a part is that of its series, by which they are expanded together. */
export type ItemRow = Omit<SourceItem, 'isHole'>

const CHUNK = 1_000

/** The stored items that some ids and series concern: themselves, also those that are gone, and the parts of these series. */
export async function readStoredItems(
  db: Database,
  calendarId: string,
  ids: readonly string[],
  seriesIds: readonly string[],
): Promise<StoredItem[]> {
  const { rows } = await sql<StoredItem>`
    select item_id as id, uid, series_id, content_hash, version from calendar_item
      where calendar_id = ${calendarId} and item_id = any(${ids}::text[])
    union
    select item_id, uid, series_id, content_hash, version from calendar_item
      where calendar_id = ${calendarId} and series_id = any(${seriesIds}::text[])
    union all
    select item_id, null, null, null, version from gone_item
      where calendar_id = ${calendarId} and item_id = any(${ids}::text[])`.execute(db)
  return rows
}

/** All items of some UIDs, and some others by their ids, with their contents. */
export async function readItemsOfUids(
  db: Database,
  calendarId: string,
  uids: readonly string[],
  ids: readonly string[] = [],
): Promise<{ id: string; uid: string | null; content: string }[]> {
  return db
    .selectFrom('calendarItem')
    .select(['itemId as id', 'uid', 'content'])
    .where('calendarId', '=', calendarId)
    .where((eb) =>
      eb.or([eb('uid', '=', sql<string>`any(${uids}::text[])`), eb('itemId', '=', sql<string>`any(${ids}::text[])`)]),
    )
    .orderBy('itemId')
    .execute()
}

/** The UIDs that have, or may have, occurrences between two instants, in pages. */
export async function listUidsWithin(
  db: Database,
  calendarId: string,
  window: { from: Date; to: Date },
  afterUid: string,
  limit: number,
): Promise<string[]> {
  const rows = await db
    .selectFrom('calendarItem')
    .select('uid')
    .distinct()
    .where('calendarId', '=', calendarId)
    .where('uid', '>', afterUid)
    .where('firstStartsAt', '<', window.to)
    .where((eb) => eb.or([eb('lastEndsAt', 'is', null), eb('lastEndsAt', '>', window.from)]))
    .orderBy('uid')
    .limit(limit)
    .execute()
  return rows.flatMap(({ uid }) => uid ?? [])
}

/** The ids and UIDs of all stored items, in pages by id. */
export async function listStoredIds(
  db: Database,
  calendarId: string,
  afterId: string,
  limit: number,
): Promise<{ id: string; uid: string | null }[]> {
  return db
    .selectFrom('calendarItem')
    .select(['itemId as id', 'uid'])
    .where('calendarId', '=', calendarId)
    .where('itemId', '>', afterId)
    .orderBy('itemId')
    .limit(limit)
    .execute()
}

export async function writeItems(trx: Transaction, calendarId: string, items: readonly ItemRow[]): Promise<void> {
  for (let i = 0; i < items.length; i += CHUNK) {
    const rows = items.slice(i, i + CHUNK).map(({ id, ...rest }) => ({ calendarId, itemId: id, ...rest }))
    await trx
      .insertInto('calendarItem')
      .values(rows)
      .onConflict((conflict) =>
        conflict.columns(['calendarId', 'itemId']).doUpdateSet((eb) => ({
          uid: eb.ref('excluded.uid'),
          seriesId: eb.ref('excluded.seriesId'),
          content: eb.ref('excluded.content'),
          contentHash: eb.ref('excluded.contentHash'),
          isRecurring: eb.ref('excluded.isRecurring'),
          firstStartsAt: eb.ref('excluded.firstStartsAt'),
          lastEndsAt: eb.ref('excluded.lastEndsAt'),
          version: eb.ref('excluded.version'),
        })),
      )
      .execute()
  }
}

/** Gives parts the UID of their series, once it is known. */
export async function adoptParts(
  trx: Transaction,
  calendarId: string,
  ids: readonly string[],
  uid: string,
): Promise<void> {
  await trx
    .updateTable('calendarItem')
    .set({ uid })
    .where('calendarId', '=', calendarId)
    .where('itemId', '=', sql<string>`any(${ids}::text[])`)
    .execute()
}

/** Notes that items are newer than they were, and the same. */
export async function renewVersions(trx: Transaction, calendarId: string, renewals: readonly Removal[]): Promise<void> {
  if (renewals.length === 0) return
  await sql`
    update calendar_item i set version = said.version
    from unnest(${renewals.map(({ id }) => id)}::text[], ${renewals.map(({ version }) => version)}::text[]) as said (id, version)
    where i.calendar_id = ${calendarId} and i.item_id = said.id`.execute(trx)
}

/** Remembers for some days what items were when they went. */
export async function rememberGone(
  trx: Transaction,
  calendarId: string,
  gone: readonly Removal[],
  now: Date,
): Promise<void> {
  for (let i = 0; i < gone.length; i += CHUNK) {
    const rows = gone.slice(i, i + CHUNK).map(({ id, version }) => ({ calendarId, itemId: id, version, goneAt: now }))
    await trx
      .insertInto('goneItem')
      .values(rows)
      .onConflict((conflict) =>
        conflict.columns(['calendarId', 'itemId']).doUpdateSet((eb) => ({
          version: eb.fn('greatest', ['goneItem.version', 'excluded.version']),
          goneAt: now,
        })),
      )
      .execute()
  }
}

/** Forgets what went before an instant: nothing comes that late. */
export async function forgetGone(db: Database, before: Date): Promise<void> {
  await db.deleteFrom('goneItem').where('goneAt', '<', before).execute()
}

export async function deleteItems(trx: Transaction, calendarId: string, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await trx
    .deleteFrom('calendarItem')
    .where('calendarId', '=', calendarId)
    .where('itemId', '=', sql<string>`any(${ids}::text[])`)
    .execute()
}
