import type { Transaction } from '../../../platform/db/index.ts'
import {
  adoptParts,
  deleteItems,
  readStoredItems,
  rememberGone,
  renewVersions,
  type StoredItem,
  writeItems,
} from '../item-store.ts'
import type { SyncContext } from './context.ts'
import { type Delivery, type Merge, mergeItems } from './merge-items.ts'

const CHUNK = 1_000

/** Compares a delivery with what is stored. */
export async function compareWithStored(context: SyncContext, delivery: Delivery): Promise<Merge> {
  const removed = delivery.removed.map(({ id }) => id)
  const ids = new Set(removed)
  const seriesIds = new Set(removed)
  for (const { id, seriesId } of delivery.items) {
    ids.add(id)
    if (seriesId === null) seriesIds.add(id)
    else ids.add(seriesId)
  }
  const stored: StoredItem[] = []
  for (const chunk of chunksOf([...ids])) {
    const series = chunk.filter((id) => seriesIds.has(id))
    stored.push(...(await readStoredItems(context.deps.db, context.source.id, chunk, series)))
  }
  return mergeItems(delivery, stored)
}

/** The part of a comparison that is written. */
export type StoredMerge = Pick<Merge, 'writes' | 'renewals' | 'deletes' | 'gone' | 'adoptions'>

export function isEmpty({ writes, renewals, deletes, gone, adoptions }: StoredMerge): boolean {
  return [writes, renewals, deletes, gone, adoptions].every((list) => list.length === 0)
}

/** Writes what a comparison found, or the part of it that is given. */
export async function storeMerge(
  trx: Transaction,
  calendarId: string,
  { writes, renewals, deletes, gone, adoptions }: StoredMerge,
  now: Date,
): Promise<void> {
  await deleteItems(trx, calendarId, deletes)
  await rememberGone(trx, calendarId, gone, now)
  await writeItems(trx, calendarId, writes)
  await renewVersions(trx, calendarId, renewals)
  for (const [uid, parts] of Map.groupBy(adoptions, (adoption) => adoption.uid)) {
    await adoptParts(
      trx,
      calendarId,
      parts.map(({ id }) => id),
      uid,
    )
  }
}

export function* chunksOf<T>(list: readonly T[], size = CHUNK): Generator<T[]> {
  for (let i = 0; i < list.length; i += size) yield list.slice(i, i + size)
}
