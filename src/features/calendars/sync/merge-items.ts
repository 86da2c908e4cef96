import type { ItemRow, StoredItem } from '../item-store.ts'
import type { SourceItem } from '../providers/provider.ts'

/** What a delivery does to the stored items of a calendar. */
export interface Merge {
  writes: ItemRow[]
  deletes: string[]
  /** Stored parts whose series has come and says their UID. */
  adoptions: { id: string; uid: string }[]
  /** UIDs whose occurrences may be others now. */
  touched: Set<string>
}

export interface Delivery {
  items: readonly SourceItem[]
  removed: readonly string[]
  /** Ids delivered in this round, these included: what was just delivered is not taken away with its series. */
  delivered: { has(id: string): boolean }
}

/**
 * Compares a delivery with what is stored of the items and series it concerns. A part stands under the UID of its series, in whichever
 * order they come; a part whose series is unknown stands by itself; a series that is gone takes its parts with it. Pure.
 */
export function mergeItems(delivery: Delivery, stored: readonly StoredItem[]): Merge {
  const known = new Map(stored.map((item) => [item.id, item]))
  const partsOf = Map.groupBy(
    stored.filter((item) => item.seriesId !== null),
    (item) => item.seriesId ?? '',
  )
  const came = new Map(delivery.items.map((item) => [item.id, item]))
  const merge: Merge = { writes: [], deletes: [], adoptions: [], touched: new Set() }
  const touch = (uid: string | null | undefined) => {
    if (uid !== null && uid !== undefined) merge.touched.add(uid)
  }

  const gone = new Set(delivery.removed)
  for (const item of delivery.items) {
    if (item.isHole && item.seriesId !== null && gone.has(item.seriesId)) continue
    const old = known.get(item.id)
    const seriesUid = item.seriesId === null ? undefined : (came.get(item.seriesId) ?? known.get(item.seriesId))?.uid
    const { version: _, isHole: __, ...row } = { ...item, uid: seriesUid ?? item.uid }
    const isSame = old?.contentHash === row.contentHash && old.uid === row.uid && old.seriesId === row.seriesId
    if (!isSame) {
      merge.writes.push(row)
      touch(old?.uid)
      touch(row.uid)
    }
    if (row.seriesId === null && row.uid !== null) adopt(merge, partsOf.get(row.id) ?? [], came, row.uid)
  }
  for (const id of delivery.removed) {
    const isKept = (part: StoredItem) => delivery.delivered.has(part.id) && came.get(part.id)?.isHole !== true
    const parts = (partsOf.get(id) ?? []).filter((part) => !isKept(part))
    for (const item of [known.get(id), ...parts]) {
      if (item === undefined) continue
      merge.deletes.push(item.id)
      touch(item.uid)
    }
  }
  return merge
}

function adopt(merge: Merge, parts: readonly StoredItem[], came: ReadonlyMap<string, SourceItem>, uid: string): void {
  for (const part of parts) {
    if (part.uid === uid || came.has(part.id)) continue
    merge.adoptions.push({ id: part.id, uid })
    merge.touched.add(uid)
    if (part.uid !== null) merge.touched.add(part.uid)
  }
}
