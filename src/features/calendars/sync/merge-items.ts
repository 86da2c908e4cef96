import type { ItemRow, StoredItem } from '../item-store.ts'
import type { Removal, SourceItem } from '../providers/provider.ts'

/** What a delivery does to the stored items of a calendar. */
export interface Merge {
  writes: ItemRow[]
  /** Items that are newer than they were, and the same. */
  renewals: Removal[]
  deletes: string[]
  /** What is to be remembered of items that are gone. */
  gone: Removal[]
  /** Stored parts whose series has come and says their UID. */
  adoptions: { id: string; uid: string }[]
  /** UIDs whose occurrences may be others now. */
  touched: Set<string>
  /** Ids of items of which only an older state came. */
  stale: Set<string>
}

export interface Delivery {
  items: readonly SourceItem[]
  removed: readonly Removal[]
  /** Whether everything was listed: what is there then is there, though it was gone. */
  isWhole: boolean
  /** Ids delivered in this round, these included: what was just delivered is not taken away with its series. */
  delivered: { has(id: string): boolean }
}

/**
 * Compares a delivery with what is stored of the items and series it concerns. A state that is older than the one that is known changes
 * nothing, also not of an item that is gone. A part stands under the UID of its series, in whichever order they come; a part whose
 * series is unknown stands by itself; a series that is gone takes its parts with it. Pure.
 */
export function mergeItems(delivery: Delivery, stored: readonly StoredItem[]): Merge {
  const known = new Map(stored.filter(({ contentHash }) => contentHash !== null).map((item) => [item.id, item]))
  const goneVersions = new Map(
    stored.filter(({ contentHash }) => contentHash === null).map(({ id, version }) => [id, version]),
  )
  const partsOf = Map.groupBy(
    [...known.values()].filter((item) => item.seriesId !== null),
    (item) => item.seriesId ?? '',
  )
  const merge: Merge = {
    ...{ writes: [], renewals: [], deletes: [], gone: [], adoptions: [] },
    ...{ touched: new Set(), stale: new Set() },
  }
  const touch = (uid: string | null | undefined) => {
    if (uid !== null && uid !== undefined) merge.touched.add(uid)
  }
  const knownVersion = (id: string) =>
    newest(known.get(id)?.version ?? '', delivery.isWhole ? '' : (goneVersions.get(id) ?? ''))
  const items = delivery.items.filter(({ id, version }) => !isOlder(version, knownVersion(id)))
  const came = new Map(items.map((item) => [item.id, item]))
  for (const { id } of delivery.items) if (!came.has(id)) merge.stale.add(id)

  const removed = delivery.removed.filter(({ id, version }) => !isOlder(version, known.get(id)?.version ?? ''))
  const gone = new Set(removed.map(({ id }) => id))
  for (const item of items) {
    if (item.isHole && item.seriesId !== null && gone.has(item.seriesId)) continue
    const old = known.get(item.id)
    const seriesUid = item.seriesId === null ? undefined : (came.get(item.seriesId) ?? known.get(item.seriesId))?.uid
    const { isHole: _, ...given } = item
    const row = { ...given, uid: seriesUid ?? item.uid, version: item.version || versionAfter(knownVersion(item.id)) }
    const isSame = old?.contentHash === row.contentHash && old.uid === row.uid && old.seriesId === row.seriesId
    if (!isSame) {
      merge.writes.push(row)
      touch(old?.uid)
      touch(row.uid)
    } else if (row.version !== old.version) merge.renewals.push({ id: row.id, version: row.version })
    if (row.seriesId === null && row.uid !== null) adopt(merge, partsOf.get(row.id) ?? [], came, row.uid)
  }
  const versions = new Map<string, string>()
  for (const { id, version } of removed) {
    const isKept = (part: StoredItem) =>
      delivery.delivered.has(part.id) && !merge.stale.has(part.id) && came.get(part.id)?.isHole !== true
    const parts = (partsOf.get(id) ?? []).filter((part) => !isKept(part))
    versions.set(id, newest(version, versions.get(id) ?? ''))
    for (const item of [known.get(id), ...parts]) {
      if (item === undefined) continue
      merge.deletes.push(item.id)
      touch(item.uid)
      versions.set(item.id, newest(versionAfter(item.version), versions.get(item.id) ?? ''))
    }
  }
  merge.gone = [...versions].flatMap(([id, version]) => (version === '' ? [] : [{ id, version }]))
  return merge
}

/** What does not say how new it is counts as new. */
function isOlder(version: string, known: string): boolean {
  return version !== '' && version < known
}

function newest(a: string, b: string): string {
  return a > b ? a : b
}

/** Newer than this one, and older than any other that is newer. */
function versionAfter(version: string): string {
  return version === '' || version.endsWith('+') ? version : `${version}+`
}

function adopt(merge: Merge, parts: readonly StoredItem[], came: ReadonlyMap<string, SourceItem>, uid: string): void {
  for (const part of parts) {
    if (part.uid === uid || came.has(part.id)) continue
    merge.adoptions.push({ id: part.id, uid })
    merge.touched.add(uid)
    if (part.uid !== null) merge.touched.add(part.uid)
  }
}
