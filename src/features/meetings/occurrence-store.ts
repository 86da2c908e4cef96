import { sql } from 'kysely'
import { z } from 'zod'
import { columnName, oneByOne, rowsAsJson, type Transaction } from '../../platform/db/index.ts'
import { guestsSaid } from '../calendars/index.ts'
import { KEY_TOLERANCE_MS, type Occurrence } from './identity.ts'
import { countNames, type OccurrenceRef, type OccurrenceVariant, occurrenceId } from './occurrence.ts'

/** Adds the deltas to the counts; what falls to zero copies is gone. The rooms must be locked. */
export async function applyVariantDeltas(trx: Transaction, deltas: readonly OccurrenceVariant[]): Promise<void> {
  if (deltas.length === 0) return
  await sql`
    with delta as (
      select d.*, coalesce(stored.copies, 0) + d.copies as copies_left
      from jsonb_populate_recordset(null::occurrence_variant, ${rowsAsJson(deltas, variantColumns)}::jsonb) d
      left join ${oneByOne(sql`select copies from occurrence_variant v
        where v.room_key = d.room_key and v.uid = d.uid and v.occurrence_key = d.occurrence_key and v.variant = d.variant`)} stored
        on true),
    known as (
      insert into occurrence (room_key, uid, occurrence_key) select distinct room_key, uid, occurrence_key from delta
      on conflict do nothing),
    gone as (
      delete from occurrence_variant v using delta d
      where d.copies_left <= 0 and v.room_key = d.room_key and v.uid = d.uid and v.occurrence_key = d.occurrence_key
        and v.variant = d.variant)
    insert into occurrence_variant as v (${columnList}) select ${columnList} from delta where copies_left > 0
    on conflict (room_key, uid, occurrence_key, variant) do update set ${countsAdded}`.execute(trx)
}

const variantColumns = [
  'roomKey',
  'uid',
  'occurrenceKey',
  'variant',
  'startsAt',
  'endsAt',
  'isAllDay',
  'title',
  'organizerEmail',
  'isOrganizerCopy',
  'visibility',
  'kind',
  'tags',
  'meetingUrl',
  'platform',
  'roomId',
  ...countNames,
] as const satisfies (keyof OccurrenceVariant)[]
const columnList = sql.raw(variantColumns.map(columnName).join(', '))
const countsAdded = sql.raw(countNames.map((count) => `${count} = v.${count} + excluded.${count}`).join(', '))

/** Removes occurrences that no copy speaks of any more. */
export async function removeEmptyOccurrences(trx: Transaction, refs: readonly OccurrenceRef[]): Promise<void> {
  if (refs.length === 0) return
  await sql`
    delete from occurrence o using ${refRows(refs)}
    where o.room_key = r.room_key and o.uid = r.uid and o.occurrence_key = r.occurrence_key
      and not exists (select from occurrence_variant v
        where v.room_key = o.room_key and v.uid = o.uid and v.occurrence_key = o.occurrence_key)`.execute(trx)
}

/** Times around which an occurrence stood or stands: where its neighbours are looked for. */
export interface Neighbourhood {
  roomKey: string
  at: Date
}

// Twice the tolerance, so that every possible partner of a neighbour is seen as well.
const NEIGHBOURHOOD_MS = 2 * KEY_TOLERANCE_MS + 60_000

/**
 * Reads occurrences with what their copies say: the named ones, those that share a meeting with them, and their neighbours in
 * time in the same rooms. One row per variant and one sampled copy each, never all copies.
 */
export async function readOccurrences(
  trx: Transaction,
  refs: readonly OccurrenceRef[],
  near: readonly Neighbourhood[],
  namedAddresses: readonly string[],
): Promise<{ occurrences: Occurrence[]; wanted: Set<string>; meetingIds: string[] }> {
  const found = await readRefs(trx, refs, near)
  const all = new Map(found.map(({ meetingId: _, isWanted: __, ...ref }) => [occurrenceId(ref), ref]))
  const named = found.filter(({ isWanted }) => isWanted)
  const variants = await readVariants(trx, [...all.values()], namedAddresses)
  const byOccurrence = Map.groupBy(variants, ({ variant }) => occurrenceId(variant))
  const occurrences = [...byOccurrence.entries()].map(([id, rows]) => ({
    ...(all.get(id) as OccurrenceRef),
    variants: rows.map((row) => row.variant),
    participants: new Set(rows.flatMap((row) => row.people)),
    groups: new Set(rows.flatMap((row) => row.groups)),
    owners: new Set(rows[0]?.owners ?? []),
    meetingId: rows[0]?.meetingId ?? null,
  }))
  // Also of occurrences that just lost their last copy: their meetings have to be told.
  const meetingIds = [...named, ...occurrences].flatMap(({ meetingId }) => meetingId ?? [])
  return { occurrences, wanted: new Set(named.map(occurrenceId)), meetingIds }
}

interface FoundRef extends OccurrenceRef {
  meetingId: string | null
  isWanted: boolean
}

/** The named ones that are known, and those that share a meeting with them, which are wanted; and their neighbours. */
async function readRefs(
  trx: Transaction,
  refs: readonly OccurrenceRef[],
  near: readonly Neighbourhood[],
): Promise<FoundRef[]> {
  const rooms = near.map(({ roomKey }) => roomKey)
  const from = near.map(({ at }) => new Date(at.getTime() - NEIGHBOURHOOD_MS).toISOString())
  const to = near.map(({ at }) => new Date(at.getTime() + NEIGHBOURHOOD_MS).toISOString())
  const { rows } = await sql<FoundRef>`
    with named as (
      select o.* from ${refRows(refs)}, ${oneByOne(sql`select * from occurrence o
        where o.room_key = r.room_key and o.uid = r.uid and o.occurrence_key = r.occurrence_key`)} o)
    select room_key, uid, occurrence_key, meeting_id, true as is_wanted from named
    union
    select o.room_key, o.uid, o.occurrence_key, o.meeting_id, true from (select distinct meeting_id from named) n,
      ${oneByOne(sql`select * from occurrence o where o.meeting_id = n.meeting_id`)} o
    union
    select v.room_key, v.uid, v.occurrence_key, null, false
    from unnest(${rooms}::text[], ${from}::timestamptz[], ${to}::timestamptz[]) as n (room_key, from_at, to_at),
      ${oneByOne(sql`select * from occurrence_variant v
        where v.room_key = n.room_key and v.starts_at between n.from_at and n.to_at`)} v`.execute(trx)
  return rows
}

const attendeeList = z.array(z.object({ email: z.string(), kind: z.enum(['person', 'room', 'group']) })).catch([])

interface VariantRow extends OccurrenceVariant {
  meetingId: string | null
  owners: string[] | null
  attendees: unknown
  ownerEmail: string | null
}

/**
 * What the copies of some occurrences say. `owners`: of the addresses that rules name, though the invitation perhaps does not, those that hold a
 * copy of the occurrence and have not declined it.
 */
async function readVariants(trx: Transaction, refs: readonly OccurrenceRef[], namedAddresses: readonly string[]) {
  const { rows } = await sql<VariantRow>`
    select v.*, o.meeting_id, named.owners, copy.attendees, copy.owner_email
    from ${refRows(refs)},
      ${oneByOne(sql`select meeting_id from occurrence o
        where o.room_key = r.room_key and o.uid = r.uid and o.occurrence_key = r.occurrence_key`)} o,
      ${oneByOne(sql`select array_agg(c.owner_email) as owners from calendar c
        where c.owner_email = any(${namedAddresses}::text[]) and c.removed_at is null and (
          select true from event e
          where e.calendar_id = c.id and e.uid = r.uid and e.occurrence_key = r.occurrence_key and e.room_key = r.room_key
            and not e.is_cancelled and e.own_response <> 'declined' limit 1)`)} named,
      ${oneByOne(sql`select * from occurrence_variant v
        where v.room_key = r.room_key and v.uid = r.uid and v.occurrence_key = r.occurrence_key`)} v
    left join lateral (
      select e.attendees, (select c.owner_email from calendar c where c.id = e.calendar_id) as owner_email from event e
      where e.room_key = v.room_key and e.uid = v.uid and e.occurrence_key = v.occurrence_key and e.variant = v.variant
      limit 1) copy on true`.execute(trx)
  return rows.map(({ meetingId, owners, attendees, ownerEmail, ...variant }) => {
    const named = attendeeList.parse(attendees ?? [])
    // A copy that names nobody but its owner speaks for itself; where several are one variant, that one owner would be chance.
    const guests = variant.copies > 1 && ownerEmail !== null ? guestsSaid(named, { ...variant, ownerEmail }) : named
    const emailsOf = (kind: string) => guests.filter((guest) => guest.kind === kind).map(({ email }) => email)
    const organizer = variant.organizerEmail === null ? [] : [variant.organizerEmail]
    return {
      meetingId,
      owners: owners ?? [],
      variant: variant satisfies OccurrenceVariant,
      people: [...emailsOf('person'), ...organizer],
      groups: emailsOf('group'),
    }
  })
}

/** Pairs of occurrences of one UID, with keys apart, that some one calendar holds both of. */
export async function readHeldTogether(trx: Transaction, occurrences: readonly Occurrence[]): Promise<Set<string>> {
  const candidates = [...Map.groupBy(occurrences, (o) => JSON.stringify([o.roomKey, o.uid])).values()].filter(
    (sameUid) => sameUid.length > 1,
  )
  const pairs = candidates.flatMap((sameUid) => nearPairs(sameUid))
  if (pairs.length === 0) return new Set()
  const { rows } = await sql<{ roomKey: string; uid: string; a: string; b: string }>`
    select p.room_key, p.uid, p.a, p.b
    from unnest(${pairs.map((p) => p.roomKey)}::text[], ${pairs.map((p) => p.uid)}::text[],
      ${pairs.map((p) => p.a)}::text[], ${pairs.map((p) => p.b)}::text[]) as p (room_key, uid, a, b)
    where exists (
      select from event x join event y on y.calendar_id = x.calendar_id and y.uid = x.uid and y.occurrence_key = p.b
      where x.room_key = p.room_key and x.uid = p.uid and x.occurrence_key = p.a and y.room_key = p.room_key)`.execute(
    trx,
  )
  return new Set(rows.map((row) => pairId(row.roomKey, row.uid, row.a, row.b)))
}

/** In the order of their keys, so that each looks only as far as the tolerance goes. */
function nearPairs(sameUid: readonly Occurrence[]): { roomKey: string; uid: string; a: string; b: string }[] {
  const timed = sameUid
    .filter((o) => o.occurrenceKey.includes('T'))
    .map(({ roomKey, uid, occurrenceKey }) => ({ roomKey, uid, key: occurrenceKey, at: Date.parse(occurrenceKey) }))
    .sort((a, b) => a.at - b.at)
  const pairs: ReturnType<typeof nearPairs> = []
  for (const [i, { roomKey, uid, key: a, at }] of timed.entries()) {
    for (let j = i + 1; j < timed.length; j++) {
      const b = timed[j]
      if (b === undefined || b.at - at > KEY_TOLERANCE_MS) break
      pairs.push({ roomKey, uid, a, b: b.key })
    }
  }
  return pairs
}

/** The name of a pair in what `readHeldTogether` answers, in either order. */
export function pairId(roomKey: string, uid: string, a: string, b: string): string {
  return JSON.stringify([roomKey, uid, ...[a, b].sort()])
}

/** Points occurrences to the meetings they belong to. */
export async function linkOccurrences(
  trx: Transaction,
  links: readonly { occurrence: OccurrenceRef; meetingId: string }[],
): Promise<void> {
  if (links.length === 0) return
  await sql`
    update occurrence o set meeting_id = l.meeting_id
    from unnest(${links.map((l) => l.occurrence.roomKey)}::text[], ${links.map((l) => l.occurrence.uid)}::text[],
      ${links.map((l) => l.occurrence.occurrenceKey)}::text[], ${links.map((l) => l.meetingId)}::uuid[])
      as l (room_key, uid, occurrence_key, meeting_id)
    where o.room_key = l.room_key and o.uid = l.uid and o.occurrence_key = l.occurrence_key
      and o.meeting_id is distinct from l.meeting_id`.execute(trx)
}

/** The refs as rows `r (room_key, uid, occurrence_key)` of a statement. */
function refRows(refs: readonly OccurrenceRef[]) {
  return sql`(select distinct * from unnest(${refs.map((ref) => ref.roomKey)}::text[], ${refs.map((ref) => ref.uid)}::text[],
    ${refs.map((ref) => ref.occurrenceKey)}::text[]) as u (room_key, uid, occurrence_key)) as r`
}
