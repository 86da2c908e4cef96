import { sql } from 'kysely'
import { z } from 'zod'
import { createBreather } from '../../base/breather.ts'
import { columnName, type Database, oneByOne, rowsAsJson, type Transaction } from '../../platform/db/index.ts'
import { guestsSaid } from '../calendars/index.ts'
import { byFirstKnown, KEY_TOLERANCE_MS, listSameTimes, type Occurrence, type WithoutNewReaders } from './identity.ts'
import { type Counts, countNames, type OccurrenceRef, type OccurrenceVariant, occurrenceId } from './occurrence.ts'
import { keyInstant } from './words/authority.ts'
import type { HeardOccurrence, HeardVariant } from './words/heard-occurrence.ts'

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
    on conflict (room_key, uid, occurrence_key, variant) do update set ${countsAdded},
      first_known_at = least(v.first_known_at, excluded.first_known_at),
      -- Where nobody supported it, what comes now stands there from now on.
      placed_at = case when excluded.supporting <= 0 then v.placed_at when v.supporting <= 0 then excluded.placed_at
        else least(v.placed_at, excluded.placed_at) end`.execute(trx)
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
  'namesOwner',
  'firstKnownAt',
  'placedAt',
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
 * Reads occurrences with what their copies say, whoever wrote them: the named ones, the same invitations in other rooms, those that share a
 * meeting with them, and their neighbours in time in the same rooms. One row per variant and one sampled copy each, never all copies.
 */
export async function readOccurrences(
  trx: Database | Transaction,
  refs: readonly OccurrenceRef[],
  near: readonly Neighbourhood[],
  namedAddresses: readonly string[],
): Promise<{ heard: HeardOccurrence[]; wanted: Set<string>; meetingIds: string[] }> {
  const found = await readRefs(trx, refs, near)
  const all = new Map(found.map(({ meetingId: _, isWanted: __, ...ref }) => [occurrenceId(ref), ref]))
  const named = found.filter(({ isWanted }) => isWanted)
  const variants = await readVariants(trx, [...all.values()], namedAddresses)
  const byOccurrence = Map.groupBy(variants, ({ variant }) => occurrenceId(variant))
  const heard = [...byOccurrence.entries()].map(([id, rows]) => ({
    ...(all.get(id) as OccurrenceRef),
    variants: rows.map((row) => row.variant),
    owners: new Set(rows[0]?.owners ?? []),
    meetingId: rows[0]?.meetingId ?? null,
    provenBefore: rows[0]?.provenBefore ?? null,
    invitation: rows[0]?.invitation,
  }))
  // Also of occurrences that just lost their last copy: their meetings have to be told.
  const meetingIds = [...named, ...heard].flatMap(({ meetingId }) => meetingId ?? [])
  return { heard, wanted: new Set(named.map(occurrenceId)), meetingIds }
}

/** All stored occurrences of some UIDs. */
export async function listOccurrencesOfUids(
  trx: Transaction,
  invitations: readonly Pick<OccurrenceRef, 'uid'>[],
): Promise<OccurrenceRef[]> {
  if (invitations.length === 0) return []
  return trx
    .selectFrom('occurrence')
    .select(['roomKey', 'uid', 'occurrenceKey'])
    .where('uid', '=', sql<string>`any(${invitations.map(({ uid }) => uid)}::text[])`)
    .execute()
}

/** The keys that may be one occurrence with those of some invitations, as rows `r (uid, from_key, to_key)` of a statement. */
function keyRanges(refs: readonly Pick<OccurrenceRef, 'uid' | 'occurrenceKey'>[]) {
  const ranges = refs.map(({ uid, occurrenceKey }) => {
    const at = keyInstant(occurrenceKey)
    const [from, to] =
      at === undefined ? [occurrenceKey, occurrenceKey] : [keyAt(at - KEY_TOLERANCE_MS), keyAt(at + KEY_TOLERANCE_MS)]
    return { uid, from, to }
  })
  return sql`(select distinct * from unnest(${ranges.map(({ uid }) => uid)}::text[], ${ranges.map(({ from }) => from)}::text[],
    ${ranges.map(({ to }) => to)}::text[]) as u (uid, from_key, to_key)) as r`
}

// Keys of instants sort as the instants do, letter by letter.
const isInRange = sql`o.uid = r.uid and o.occurrence_key collate "C" >= r.from_key and o.occurrence_key collate "C" <= r.to_key`

function keyAt(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z')
}

interface FoundRef extends OccurrenceRef {
  meetingId: string | null
  isWanted: boolean
}

/**
 * The named ones and those of a nearby key, in any room, and those that share a meeting with them, which are wanted; and their neighbours.
 */
async function readRefs(
  trx: Database | Transaction,
  refs: readonly OccurrenceRef[],
  near: readonly Neighbourhood[],
): Promise<FoundRef[]> {
  const rooms = near.map(({ roomKey }) => roomKey)
  const from = near.map(({ at }) => new Date(at.getTime() - NEIGHBOURHOOD_MS).toISOString())
  const to = near.map(({ at }) => new Date(at.getTime() + NEIGHBOURHOOD_MS).toISOString())
  const { rows } = await sql<FoundRef>`
    with named as (
      select o.* from ${keyRanges(refs)}, ${oneByOne(sql`select * from occurrence o where ${isInRange}`)} o)
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
  provenBefore: string | null
  muteFor: string | null
  mute: unknown
  invitedBy: string | null
  provenAt: Date | null
  invitationKnownAt: Date | null
  owners: string[] | null
  attendees: unknown
  ownerEmail: string | null
}

/**
 * What the copies of some occurrences say. `owners`: of the addresses that rules name, though the invitation perhaps does not, those that hold a
 * copy of the occurrence and have not declined it.
 */
async function readVariants(
  trx: Database | Transaction,
  refs: readonly OccurrenceRef[],
  namedAddresses: readonly string[],
) {
  const { rows } = await sql<VariantRow>`
    select v.*, o.meeting_id, (select m.proven_organizer from meeting m where m.id = o.meeting_id) as proven_before, named.owners, copy.attendees, copy.owner_email, i.organizer_email as invited_by, i.proven_at,
      i.first_known_at as invitation_known_at
    from ${refRows(refs)},
      ${oneByOne(sql`select meeting_id from occurrence o
        where o.room_key = r.room_key and o.uid = r.uid and o.occurrence_key = r.occurrence_key`)} o,
      ${oneByOne(sql`select array_agg(c.owner_email) as owners from calendar c
        where c.owner_email = any(${namedAddresses}::text[]) and c.removed_at is null and (
          select true from event e
          where e.calendar_id = c.id and e.uid = r.uid and e.occurrence_key = r.occurrence_key and e.room_key = r.room_key
            and not e.is_cancelled and not e.has_vanished and e.own_response <> 'declined' limit 1)`)} named,
      ${oneByOne(sql`select * from occurrence_variant v
        where v.room_key = r.room_key and v.uid = r.uid and v.occurrence_key = r.occurrence_key`)} v
    left join lateral (
      select e.attendees, (select c.owner_email from calendar c where c.id = e.calendar_id) as owner_email from event e
      where e.room_key = v.room_key and e.uid = v.uid and e.occurrence_key = v.occurrence_key and e.variant = v.variant
      limit 1) copy on true
    left join lateral (select * from invitation i where i.uid = r.uid offset 0) i on true`.execute(trx)
  return rows.map((row) => {
    const {
      meetingId,
      provenBefore,
      owners,
      attendees,
      ownerEmail,
      invitedBy,
      provenAt,
      invitationKnownAt,
      mute,
      ...variant
    } = row
    const named = attendeeList.parse(attendees ?? [])
    // A copy that names nobody but its owner speaks for itself; where several are one variant, that one owner would be chance.
    const guests = variant.copies > 1 && ownerEmail !== null ? guestsSaid(named, { ...variant, ownerEmail }) : named
    const emailsOf = (kind: string) => guests.filter((guest) => guest.kind === kind).map(({ email }) => email)
    const invitation =
      invitedBy === null || invitationKnownAt === null
        ? undefined
        : { uid: variant.uid, organizerEmail: invitedBy, provenAt, firstKnownAt: invitationKnownAt }
    return {
      ...{ meetingId, provenBefore, invitation },
      owners: owners ?? [],
      variant: {
        ...variant,
        mute: mute as Counts | null,
        people: emailsOf('person'),
        groups: emailsOf('group'),
      } satisfies HeardVariant,
    }
  })
}

/** So many calendars are asked whether they hold two occurrences, the first known first. */
const HOLDERS_ASKED = 100

/** Pairs of occurrences of one UID, with keys apart, that the calendar of somebody invited to both holds both of. */
export async function readHeldTogether(trx: Transaction, occurrences: readonly Occurrence[]): Promise<Set<string>> {
  const candidates = [...Map.groupBy(occurrences, (o) => JSON.stringify([o.roomKey, o.uid])).values()].filter(
    (sameUid) => sameUid.length > 1,
  )
  const pairs = candidates.flatMap((sameUid) => nearPairs(sameUid))
  if (pairs.length === 0) return new Set()
  const { rows } = await sql<{ roomKey: string; uid: string; a: string; b: string; ownerEmail: string }>`
    select p.room_key, p.uid, p.a, p.b, held.owner_email
    from unnest(${pairs.map((p) => p.roomKey)}::text[], ${pairs.map((p) => p.uid)}::text[],
      ${pairs.map((p) => p.a)}::text[], ${pairs.map((p) => p.b)}::text[]) as p (room_key, uid, a, b),
      ${oneByOne(sql`
        select c.owner_email from event x
          join event y on y.calendar_id = x.calendar_id and y.uid = x.uid and y.occurrence_key = p.b
          join calendar c on c.id = x.calendar_id
        where x.room_key = p.room_key and x.uid = p.uid and x.occurrence_key = p.a and y.room_key = p.room_key
        order by x.known_at limit ${HOLDERS_ASKED}`)} held`.execute(trx)
  const authorityOf = new Map(occurrences.map((o) => [occurrenceId(o), o.authority]))
  return new Set(
    rows
      .filter(({ roomKey, uid, a, b, ownerEmail }) =>
        [a, b].every((occurrenceKey) =>
          authorityOf.get(occurrenceId({ roomKey, uid, occurrenceKey }))?.isInvited(ownerEmail),
        ),
      )
      .map((row) => pairId(row.roomKey, row.uid, row.a, row.b)),
  )
}

/**
 * Of invitations under other UIDs in one room and in the same minutes: those pairs of which all whom the later one invites are own people of the
 * earlier, its proven organiser and who accepted it in their own calendar. Such a one adds no reader.
 */
export async function readWithoutNewReaders(
  trx: Transaction,
  occurrences: readonly Occurrence[],
): Promise<WithoutNewReaders> {
  const pairs = await listPairsToAsk(trx, listSameTimes(occurrences))
  const accepted = await readAccepted(trx, pairs)
  return pairs.filter(([earlier, { authority }]) =>
    [...authority.named].every(
      (address) => address === earlier.authority.provenOrganizer || accepted.has(acceptedId(earlier, address)),
    ),
  )
}

/**
 * The earlier ones are found by one person whom the later one names, who must be an own person of theirs: nobody has accepted many in one minute,
 * while the pairs of all that stand there may be millions.
 */
async function listPairsToAsk(
  trx: Transaction,
  sameTimes: readonly Occurrence[][],
): Promise<[earlier: Occurrence, later: Occurrence][]> {
  const breathe = createBreather()
  const pairs: [Occurrence, Occurrence][] = []
  const acceptedBy = await readAcceptedByFirst(trx, sameTimes)
  for (const sameTime of sameTimes) {
    const byId = new Map(sameTime.map((occurrence) => [occurrenceId(occurrence), occurrence]))
    const organizedBy = Map.groupBy(sameTime, ({ authority }) => authority.provenOrganizer)
    const oldest = sameTime.toSorted(byFirstKnown)
    const ownOf = new Map<string, Occurrence[]>()
    const findOwn = (roomKey: string, address: string) => {
      const ids = acceptedBy.get(JSON.stringify([roomKey, address])) ?? []
      return [...(organizedBy.get(address) ?? []), ...ids.flatMap((id) => byId.get(id) ?? [])]
    }
    for (const later of sameTime) {
      await breathe()
      if (later.authority.groups.size > 0) continue
      const [first] = later.authority.named
      const found =
        first === undefined
          ? oldest.filter(({ uid }) => uid !== later.uid).slice(0, 1)
          : (ownOf.get(first) ?? findOwn(later.roomKey, first))
      if (first !== undefined) ownOf.set(first, found)
      for (const earlier of new Set(found)) {
        if (earlier.uid === later.uid || byFirstKnown(earlier, later) > 0 || !isAllInvited(earlier, later)) continue
        pairs.push([earlier, later])
      }
    }
  }
  return pairs
}

/** What the first of the people whom each of some invitations names has accepted about that time: `occurrenceId`s by room and address. */
async function readAcceptedByFirst(
  trx: Transaction,
  sameTimes: readonly Occurrence[][],
): Promise<Map<string, string[]>> {
  const asked = sameTimes.flatMap((sameTime) => {
    const variants = sameTime.flatMap((occurrence) => occurrence.variants)
    const from = variants.reduce((least, { startsAt }) => Math.min(least, startsAt.getTime()), Number.POSITIVE_INFINITY)
    const until = variants.reduce((most, { endsAt }) => Math.max(most, endsAt.getTime()), 0)
    const firsts = new Set(
      sameTime.flatMap(({ authority }) => (authority.groups.size > 0 ? [] : [...authority.named].slice(0, 1))),
    )
    return [...firsts].map((address) => ({
      roomKey: sameTime[0]?.roomKey ?? '',
      address,
      from: new Date(from).toISOString(),
      until: new Date(until).toISOString(),
    }))
  })
  if (asked.length === 0) return new Map()
  const { rows } = await sql<OccurrenceRef & { address: string }>`
    select r.address, accepted.* from unnest(${asked.map(({ roomKey }) => roomKey)}::text[], ${asked.map(({ address }) => address)}::text[],
        ${asked.map(({ from }) => from)}::timestamptz[], ${asked.map(({ until }) => until)}::timestamptz[])
        as r (room_key, address, from_at, until_at),
      ${oneByOne(sql`
        select e.room_key, e.uid, e.occurrence_key from calendar c join event e on e.calendar_id = c.id
        where c.owner_email = r.address and c.removed_at is null and e.room_key = r.room_key and e.ends_at >= r.from_at
          and e.starts_at <= r.until_at and e.own_response = 'accepted' and not e.is_cancelled and not e.has_vanished`)} accepted`.execute(
    trx,
  )
  const byPerson = Map.groupBy(rows, ({ roomKey, address }) => JSON.stringify([roomKey, address]))
  return new Map([...byPerson].map(([person, refs]) => [person, [...new Set(refs.map(occurrenceId))]]))
}

function isAllInvited(earlier: Occurrence, later: Occurrence): boolean {
  return [...later.authority.named].every(earlier.authority.isInvited)
}

/** Who accepted the earlier ones, of those whom the later ones name. */
async function readAccepted(trx: Transaction, pairs: readonly [Occurrence, Occurrence][]): Promise<Set<string>> {
  if (pairs.length === 0) return new Set()
  const asked = [
    ...new Map(
      pairs.flatMap(([earlier, { authority }]) =>
        [...authority.named].map((address) => [acceptedId(earlier, address), { earlier, address }] as const),
      ),
    ).values(),
  ]
  const { rows } = await sql<OccurrenceRef & { address: string }>`
    select r.* from unnest(${asked.map(({ earlier }) => earlier.roomKey)}::text[], ${asked.map(({ earlier }) => earlier.uid)}::text[],
        ${asked.map(({ earlier }) => earlier.occurrenceKey)}::text[], ${asked.map(({ address }) => address)}::text[])
        as r (room_key, uid, occurrence_key, address)
    where exists (select from calendar c join event e on e.calendar_id = c.id
      where c.owner_email = r.address and c.removed_at is null and e.room_key = r.room_key and e.uid = r.uid
        and e.occurrence_key = r.occurrence_key and e.own_response = 'accepted' and not e.is_cancelled and not e.has_vanished)`.execute(
    trx,
  )
  return new Set(rows.map(({ address, ...earlier }) => acceptedId(earlier, address)))
}

const acceptedId = (ref: OccurrenceRef, address: string) => `${occurrenceId(ref)}${address}`

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

/** Points occurrences to the meetings they belong to; those that nobody speaks of to none. */
export async function linkOccurrences(
  trx: Transaction,
  links: readonly { occurrence: OccurrenceRef; meetingId: string | null }[],
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
