import { sql } from 'kysely'
import { HOUR_MS } from '../../../base/time.ts'
import type { Database, Transaction } from '../../../platform/db/index.ts'
import { type KnownPeople, nothingKnown } from '../../people/index.ts'
import { isUnplanned, type Meeting } from '../meeting.ts'
import type { Authority } from './authority.ts'
import { listRefsOf } from './invited-store.ts'
import { readAuthorities } from './read-invited.ts'
import type { RoomMeeting } from './room-meeting.ts'
import { type RankedMeeting, toRoomMeeting } from './settle-rooms.ts'

/** Somebody in a room whom the directory or the platform vouches for. */
export interface KnownPerson {
  /** By which they are known here: the main one. */
  address: string
  /** All their addresses, in lower case; the one above among them. */
  addresses: readonly string[]
}

export interface RoomFacts {
  /** The meetings that may have to do with the room about now. */
  meetings: RoomMeeting[]
  /** Who brought the room; null where nobody is known to have. */
  broughtBy: string | null
}

type Row = RankedMeeting & Pick<Meeting, 'organizerEmail'> & { broughtBy: string | null; isStopped: boolean }

const nobodyAsked: ReadonlyMap<string, ReadonlyMap<string, Asked>> = new Map()
/** A meeting may run over for so long. */
const BEFORE_MS = 5 * HOUR_MS
/** What begins later is read again before. */
const AHEAD_MS = HOUR_MS

/**
 * Reads which meetings may have to do with a room about now, and of the people recognised there whom each invites and who are its own people: of
 * these alone, however many are invited. `seated` are meetings that are in the room already, wherever the plan has them now.
 */
export async function readRoomPicture(
  db: Database | Transaction,
  input: {
    roomKey: string
    now: Date
    recognised: readonly KnownPerson[]
    seated?: readonly string[]
    /** What is known of groups and aliases. */
    knownPeople?: KnownPeople
  },
): Promise<RoomFacts> {
  const { roomKey, now, recognised, seated = [], knownPeople = nothingKnown } = input
  const { rows } = await sql<Row>`
    select m.id, m.uid, m.occurrence_key, m.starts_at, m.ends_at, m.is_ranked, m.says_no, m.is_accepted_by_others, m.is_accepted_by_owner, m.proven_organizer,
      m.circle, m.organizer_email, m.standing, r.brought_by, coalesce(m.wish = 'none', false) as is_stopped
    from meeting m left join room r on r.room_key = ${roomKey}
    where m.id = any(${seated}::uuid[]) or (m.room_key = ${roomKey}
      and m.starts_at < ${new Date(now.getTime() + AHEAD_MS)} and m.starts_at > ${now}::timestamptz - interval '2 days'
      and m.ends_at > ${new Date(now.getTime() - BEFORE_MS)}
      and (m.supporting > 0 or m.uid = 'sent-' || m.id::text) and m.reason <> 'room_closed')
    order by m.id`.execute(db)
  // A meeting that somebody made by sending a bot is none any more once they stopped it.
  const meetings = rows.filter((row) => !(isUnplanned(row) && row.isStopped))
  const organizers = meetings.flatMap(({ provenOrganizer }) => provenOrganizer ?? [])
  const people = withOrganizers(recognised, organizers)
  const known = new Set(recognised.map(({ address }) => address))
  // One that is alone in its room has it, whoever is there.
  const isClear = meetings.length < 2 && rows[0]?.broughtBy
  const asked = isClear
    ? nobodyAsked
    : await readAsked(
        db,
        meetings.map(({ id }) => id),
        people,
        knownPeople,
      )
  const circles = isClear ? new Map<string, Authority[]>() : await readCircles(db, meetings, knownPeople)
  return {
    broughtBy: rows[0]?.broughtBy ?? null,
    meetings: meetings.map((meeting) => {
      const invited = new Set<string>()
      const own = new Set<string>()
      for (const { address: person, addresses } of people) {
        const said = asked.get(meeting.id)?.get(person)
        const isOrganizer = person === meeting.provenOrganizer
        const isNamed =
          said?.isNamed || addresses.some((address) => circles.get(meeting.id)?.some((one) => one.isInvited(address)))
        if (!isOrganizer && !isInvited(meeting, addresses, isNamed === true)) continue
        invited.add(person)
        if (known.has(person) && (isOrganizer || said?.hasAccepted)) own.add(person)
      }
      return { ...toRoomMeeting(meeting, { broughtBy: meeting.broughtBy }), invited, own }
    }),
  }
}

/** Where nobody's calendar proves a meeting: its first circle, whose people a meeting's row keeps some of. */
async function readCircles(
  db: Database | Transaction,
  meetings: readonly Row[],
  knownPeople: KnownPeople,
): Promise<Map<string, Authority[]>> {
  const circles = new Map<string, Authority[]>()
  for (const { id, provenOrganizer } of meetings)
    if (provenOrganizer === null) circles.set(id, await readAuthorities(db, await listRefsOf(db, id), knownPeople))
  return circles
}

function withOrganizers(recognised: readonly KnownPerson[], organizers: readonly string[]): KnownPerson[] {
  const known = new Set(recognised.map(({ address }) => address))
  const others = [...new Set(organizers)].filter((organizer) => !known.has(organizer))
  return [...recognised, ...others.map((address) => ({ address, addresses: [address] }))]
}

function isInvited(
  { provenOrganizer, circle, organizerEmail }: Row,
  addresses: readonly string[],
  isNamed: boolean,
): boolean {
  if (isNamed || provenOrganizer !== null) return isNamed
  return addresses.some((address) => circle.includes(address) || address === organizerEmail)
}

interface Asked {
  isNamed: boolean
  hasAccepted: boolean
}

/** For each meeting: of some people those whom its organiser's copy names, and those who accepted it in their own calendars. */
async function readAsked(
  db: Database | Transaction,
  meetingIds: readonly string[],
  people: readonly KnownPerson[],
  { membersOf }: KnownPeople,
): Promise<Map<string, Map<string, Asked>>> {
  const asked = new Map<string, Map<string, Asked>>()
  if (meetingIds.length === 0 || people.length === 0) return asked
  const pairs = people.flatMap(({ address: person, addresses }) => addresses.map((address) => ({ person, address })))
  const { rows } = await sql<{ meetingId: string; person: string } & Asked>`
    with person as (select * from unnest(${pairs.map((pair) => pair.person)}::text[], ${pairs.map((pair) => pair.address)}::text[])
        as p (person, address)),
      held as (
        select m.id as meeting_id, e.attendees, c.owner_email, not e.is_cancelled as takes_place, e.own_response,
          e.is_organizer_copy and m.proven_organizer is not distinct from c.owner_email as is_organizers
        from unnest(${meetingIds}::uuid[]) as wanted (id) join meeting m on m.id = wanted.id
          join occurrence o on o.meeting_id = m.id
          join event e on e.room_key = o.room_key and e.uid = o.uid and e.occurrence_key = o.occurrence_key
          join calendar c on c.id = e.calendar_id
        where c.owner_email = any(${pairs.map((pair) => pair.address)}::text[]))
    select s.meeting_id, p.person, bool_or(s.is_named) as is_named, bool_or(s.has_accepted) as has_accepted
    from (
      select h.meeting_id, a ->> 'email' as address, true as is_named, false as has_accepted
        from held h cross join lateral jsonb_array_elements(h.attendees) a where h.is_organizers and a ->> 'kind' <> 'room'
      union all
      select h.meeting_id, h.owner_email, false, h.takes_place and (h.own_response = 'accepted' or h.is_organizers) from held h) s
      join person p on p.address = s.address
    group by 1, 2`.execute(db)
  for (const { meetingId, person, ...said } of rows) note(asked, meetingId, person, said)
  for (const { meetingId, groupAddress } of await readGroups(db, meetingIds)) {
    const members = membersOf(groupAddress)?.members
    for (const { address, addresses } of people)
      if (addresses.some((one) => members?.has(one)))
        note(asked, meetingId, address, { isNamed: true, hasAccepted: false })
  }
  return asked
}

function note(asked: Map<string, Map<string, Asked>>, meetingId: string, person: string, said: Asked): void {
  const ofMeeting = asked.get(meetingId) ?? new Map<string, Asked>()
  const before = ofMeeting.get(person)
  ofMeeting.set(person, {
    isNamed: said.isNamed || (before?.isNamed ?? false),
    hasAccepted: said.hasAccepted || (before?.hasAccepted ?? false),
  })
  asked.set(meetingId, ofMeeting)
}

/** The groups that the organisers' copies name. */
async function readGroups(
  db: Database | Transaction,
  meetingIds: readonly string[],
): Promise<{ meetingId: string; groupAddress: string }[]> {
  const { rows } = await sql<{ meetingId: string; groupAddress: string }>`
    select distinct m.id as meeting_id, a ->> 'email' as group_address
    from unnest(${meetingIds}::uuid[]) as wanted (id) join meeting m on m.id = wanted.id
      join occurrence o on o.meeting_id = m.id
      join event e on e.room_key = o.room_key and e.uid = o.uid and e.occurrence_key = o.occurrence_key
      join calendar c on c.id = e.calendar_id
      cross join lateral jsonb_array_elements(e.attendees) a
    where e.is_organizer_copy and m.proven_organizer = c.owner_email and a ->> 'kind' = 'group'`.execute(db)
  return rows
}
