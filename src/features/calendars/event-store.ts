import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { createBreather } from '../../base/breather.ts'
import { newId } from '../../base/ids.ts'
import { type Database, keepPlans, type Transaction } from '../../platform/db/index.ts'
import { notePossibleGroups } from '../people/index.ts'
import type { EventReading } from './calendar.ts'
import type { ResponseStatus, SourceEvent } from './event.ts'
import { type EventChange, type EventFacts, namesOwner, variantOf } from './event-facts.ts'
import { createEventPlaces, type EventPlace, type Fullness, isSamePlace, type PlaceCount } from './event-limits.ts'

/** An event ready to be stored: as the provider reports it, with what was read out of it. */
export interface EventDraft {
  source: SourceEvent
  reading: EventReading
}

/** Whose events are written, for the facts that stand on the calendar. */
export interface EventOwner {
  calendarId: string
  ownerEmail: string
  /** Since when the calendar is disconnected; null where it is connected. What had ended by then counts as it did. */
  disconnectedAt: Date | null
  /** Whether the calendar was never read to its end before: then the provider's word counts for when its events were entered. */
  isFirstReading?: boolean
}

const CHUNK = 1_000

/** What is to be stored. */
export interface EventWrite {
  /** Whose events are made equal to the drafts. */
  uids: readonly string[]
  drafts: readonly EventDraft[]
  /** Events of these UIDs that are not among the drafts stay: they may be listed elsewhere. */
  keepsOthers?: boolean
}

export interface StoredWrite {
  /** For the planner. */
  changes: EventChange[]
  /** Drafts that were not stored, because their calendar has too many. */
  leftOut: { source: SourceEvent; why: Fullness }[]
}

/**
 * Makes the stored events of some UIDs equal to the drafts, within the window and never touching what is past and gone: an occurrence
 * that ended is kept as a record, and one that has begun as vanished, since its list says who may read what was said. Unchanged events are
 * not written. Answers what changed, for the planner.
 */
export async function replaceEvents(
  trx: Transaction,
  owner: EventOwner,
  uids: readonly string[],
  drafts: readonly EventDraft[],
  now: Date,
): Promise<EventChange[]> {
  return (await storeEvents(trx, owner, { uids, drafts }, now)).changes
}

/** Stores drafts as `replaceEvents` does, as far as the limits of one calendar go; the others are answered, and gone where they were known. */
export async function storeEvents(
  trx: Transaction,
  owner: EventOwner,
  { uids, drafts, keepsOthers = false }: EventWrite,
  now: Date,
): Promise<StoredWrite> {
  await keepPlans(trx)
  const breathe = createBreather()
  const named = keepsOthers ? [...new Set(drafts.map(({ source }) => source.uid))] : uids
  const stored = await readStoredEvents(trx, owner, named)
  const wanted = new Map(drafts.map((draft) => [keyOf(draft.source), draft]))
  const isGone = ([key, old]: [string, Stored]) => !keepsOthers && !wanted.has(key) && old.facts.endsAt > now
  const leftOut = await leaveOut(trx, owner, wanted, stored, [...stored].filter(isGone), now)
  const invitedAt = new Map<string, Date>()
  for (const { facts } of stored.values())
    if (facts.knownAt < (invitedAt.get(facts.uid) ?? now)) invitedAt.set(facts.uid, facts.knownAt)
  const changes: EventChange[] = []
  const rows: ReturnType<typeof toRow>[] = []
  const sources: SourceEvent[] = []
  for (const [key, draft] of wanted) {
    await breathe()
    const old = stored.get(key)
    const row = toRow(draft, owner, { old, invitedAt: invitedAt.get(draft.source.uid) }, now)
    if (old?.contentHash === row.contentHash) continue
    rows.push(row)
    // What says the same as before names nobody new.
    if (row.variant === null || row.variant !== old?.facts.variant) sources.push(draft.source)
    changes.push({ before: old ? old.facts : null, after: toFacts(row, owner) })
  }
  const gone = [...stored].filter(isGone)
  await upsertEvents(trx, rows)
  await notePossibleGroups(trx, addressesOf(sources), now)
  const vanished = await removeVanished(
    trx,
    gone.map(([, old]) => old),
    now,
  )
  return { changes: [...changes, ...vanished], leftOut }
}

/** Whoever is invited to something that is coming, as `notePossibleGroups` wants them. Reads every event: for once. */
export async function listAddressesOfComingEvents(trx: Transaction, now: Date): Promise<string[]> {
  const { rows } = await sql<{ email: string }>`
    select distinct attendee ->> 'email' as email
    from event, jsonb_array_elements(attendees) as attendee
    where ends_at > ${now} and attendee ->> 'kind' <> 'room'`.execute(trx)
  return rows.map(({ email }) => email)
}

function addressesOf(sources: readonly SourceEvent[]): string[] {
  const attendees = sources.flatMap((source) => source.attendees)
  return [...new Set(attendees.filter(({ kind }) => kind !== 'room').map(({ email }) => email))]
}

/** Takes out of what is wanted that for which there is no place. Places are counted only where a calendar grows. */
async function leaveOut(
  trx: Transaction,
  { calendarId }: EventOwner,
  wanted: Map<string, EventDraft>,
  stored: ReadonlyMap<string, Stored>,
  gone: readonly [string, Stored][],
  now: Date,
): Promise<StoredWrite['leftOut']> {
  const asking = [...wanted]
    .map(([key, { source, reading }]) => ({
      key,
      source,
      old: hasPlace(stored.get(key)),
      place: placeOf(source, reading),
    }))
    .filter(({ old, place }) => old === undefined || !isSamePlace(old, place))
    .sort((a, b) => a.place.startsAt.getTime() - b.place.startsAt.getTime())
  if (asking.length === 0) return []
  const places = createEventPlaces(await countPlaces(trx, calendarId, now))
  for (const [, old] of gone) if (hasPlace(old)) places.release(old.facts)
  const leftOut: StoredWrite['leftOut'] = []
  for (const { key, source, old, place } of asking) {
    const why = old === undefined ? places.take(place) : places.move(old, place)
    if (why === undefined) continue
    leftOut.push({ source, why })
    wanted.delete(key)
  }
  return leftOut
}

/** What vanished is a record, and has no place. */
function hasPlace(stored: Stored | undefined): EventFacts | undefined {
  return stored?.facts.hasVanished ? undefined : stored?.facts
}

function placeOf({ startsAt, ownResponse }: SourceEvent, { room }: EventReading): EventPlace {
  return { roomKey: room ? roomKeyOf(room) : null, startsAt, ownResponse }
}

async function countPlaces(trx: Transaction, calendarId: string, now: Date): Promise<PlaceCount[]> {
  const { rows } = await sql<PlaceCount>`
    select room_key, floor(extract(epoch from starts_at) / 86400)::int as day, own_response = 'needs_action' as is_unasked,
      count(*)::int as count
    from event where calendar_id = ${calendarId} and ends_at > ${now} and not has_vanished group by 1, 2, 3`.execute(
    trx,
  )
  return rows
}

/** Deletes a calendar's coming events and items; what is past stays as a record. */
export async function deleteComingEvents(trx: Transaction, owner: EventOwner, now: Date): Promise<EventChange[]> {
  const rows = await selectStored(trx, owner.calendarId).where('endsAt', '>', now).execute()
  await trx.deleteFrom('calendarItem').where('calendarId', '=', owner.calendarId).execute()
  return removeVanished(
    trx,
    rows.map((row) => ({ id: row.id, facts: toFacts(row, owner) })),
    now,
  )
}

/** What has begun stays, as vanished; what has not is deleted. Answers what that changes. */
async function removeVanished(
  trx: Transaction,
  vanished: readonly Pick<Stored, 'id' | 'facts'>[],
  now: Date,
): Promise<EventChange[]> {
  const hasBegun = ({ facts }: Pick<Stored, 'facts'>) => facts.startsAt <= now
  const idsOf = (list: readonly Pick<Stored, 'id'>[]) => list.map(({ id }) => id)
  await deleteEvents(trx, idsOf(vanished.filter((event) => !hasBegun(event))))
  const begun = vanished.filter((event) => hasBegun(event) && !event.facts.hasVanished)
  if (begun.length > 0)
    await trx
      .updateTable('event')
      // No content has this hash: if it comes back it is written anew.
      .set({ hasVanished: true, contentHash: '', updatedAt: now })
      .where('id', '=', sql<string>`any(${idsOf(begun)}::uuid[])`)
      .execute()
  return [
    ...vanished.filter((event) => !hasBegun(event)).map(({ facts }) => ({ before: facts, after: null })),
    ...begun.map(({ facts }) => ({ before: facts, after: { ...facts, hasVanished: true } })),
  ]
}

/** The UIDs of coming events, in pages. */
export async function listUidsOfComingEvents(
  db: Database,
  calendarId: string,
  now: Date,
  afterUid: string,
  limit: number,
): Promise<string[]> {
  const rows = await db
    .selectFrom('event')
    .select('uid')
    .distinct()
    .where('calendarId', '=', calendarId)
    .where('endsAt', '>', now)
    .where('uid', '>', afterUid)
    .orderBy('uid')
    .limit(limit)
    .execute()
  return rows.map(({ uid }) => uid)
}

/** What becomes of the plan when a calendar is disconnected, or no longer is; the rows themselves do not change. */
export async function readConnectionChanges(
  trx: Transaction,
  owner: Omit<EventOwner, 'disconnectedAt'>,
  change: { disconnectedAt: Date; isConnected: boolean },
): Promise<EventChange[]> {
  const rows = await selectStored(trx, owner.calendarId).where('endsAt', '>', change.disconnectedAt).execute()
  return rows.map((row) => {
    const connected = toFacts(row, { ...owner, disconnectedAt: null })
    const disconnected = toFacts(row, { ...owner, disconnectedAt: change.disconnectedAt })
    return change.isConnected ? { before: disconnected, after: connected } : { before: connected, after: disconnected }
  })
}

/**
 * Brings the events of a calendar in step with another address of its owner, by which is told who organises. Answers for the planner all
 * that are coming, and what that changes of others.
 */
export async function readdressEvents(
  trx: Transaction,
  former: EventOwner,
  ownerEmail: string,
  now: Date,
): Promise<EventChange[]> {
  const rows = await selectStored(trx, former.calendarId).select('attendees').where('roomKey', 'is not', null).execute()
  const owner = { ...former, ownerEmail }
  const changes = rows.map(({ id, attendees, ...row }) => {
    const own = {
      isOrganizerCopy: row.organizerEmail === ownerEmail,
      namesOwner: namesOwner(attendees as SourceEvent['attendees'], { ...row, ownerEmail }),
    }
    const variant = variantOf(toFacts({ ...row, ...own }, owner), attendees as SourceEvent['attendees'])
    return { id, before: toFacts(row, former), after: toFacts({ ...row, ...own, variant }, owner) }
  })
  const changed = changes.filter(({ before, after }) => before.variant !== after.variant)
  await sql`update event set variant = changed.variant, is_organizer_copy = changed.is_own, names_owner = changed.names_owner
    from unnest(${changed.map(({ id }) => id)}::uuid[], ${changed.map(({ after }) => after.variant)}::text[],
      ${changed.map(({ after }) => after.isOrganizerCopy)}::boolean[], ${changed.map(({ after }) => after.namesOwner)}::boolean[])
      as changed (id, variant, is_own, names_owner)
    where event.id = changed.id`.execute(trx)
  return changes.filter(({ before, after }) => after.endsAt > now || before.variant !== after.variant)
}

/** The events of a room that are not over. Locks their calendars, as whoever writes events does first. */
export async function listEventsInRoom(
  trx: Transaction,
  roomKey: string,
  now: Date,
): Promise<Pick<Stored, 'id' | 'facts'>[]> {
  const { rows: owners } = await sql<EventOwner>`
    select id as calendar_id, owner_email, disconnected_at from calendar
    where id in (select calendar_id from event where room_key = ${roomKey} and ends_at > ${now}) order by id for update`.execute(
    trx,
  )
  const known = new Map(owners.map((owner) => [owner.calendarId, owner]))
  const rows = await selectFacts(trx).where('roomKey', '=', roomKey).where('endsAt', '>', now).execute()
  return rows.flatMap(({ calendarId, ...row }) => {
    const owner = known.get(calendarId)
    return owner ? [{ id: row.id, facts: toFacts(row, owner) }] : []
  })
}

interface Stored {
  id: string
  contentHash: string
  facts: EventFacts
}

async function readStoredEvents(
  trx: Transaction,
  owner: EventOwner,
  uids: readonly string[],
): Promise<Map<string, Stored>> {
  const rows = await selectStored(trx, owner.calendarId).where('uid', '=', sql<string>`any(${uids}::text[])`).execute()
  return new Map(
    rows.map((row) => [keyOf(row), { id: row.id, contentHash: row.contentHash, facts: toFacts(row, owner) }]),
  )
}

function selectStored(trx: Transaction, calendarId: string) {
  return selectFacts(trx).where('calendarId', '=', calendarId)
}

function selectFacts(trx: Transaction) {
  return trx
    .selectFrom('event')
    .select([
      'id',
      'calendarId',
      'contentHash',
      'uid',
      'occurrenceKey',
      'roomKey',
      'platform',
      'roomId',
      'meetingUrl',
      'startsAt',
      'endsAt',
    ])
    .select([
      'isAllDay',
      'title',
      'organizerEmail',
      'visibility',
      'kind',
      'tags',
      'isCancelled',
      'hasVanished',
      'ownResponse',
      'variant',
      'isOrganizerCopy',
      'namesOwner',
      'knownAt',
      'placedAt',
    ])
}

type FactColumns = Omit<EventFacts, 'ownerEmail' | 'isConnected' | 'ownResponse'> & { ownResponse: string }

function toFacts(row: FactColumns, owner: EventOwner): EventFacts {
  return {
    roomKey: row.roomKey,
    platform: row.platform,
    roomId: row.roomId,
    meetingUrl: row.meetingUrl,
    uid: row.uid,
    occurrenceKey: row.occurrenceKey,
    startsAt: row.startsAt,
    endsAt: row.endsAt,
    isAllDay: row.isAllDay,
    title: row.title,
    organizerEmail: row.organizerEmail,
    isOrganizerCopy: row.isOrganizerCopy,
    namesOwner: row.namesOwner,
    knownAt: row.knownAt,
    placedAt: row.placedAt,
    visibility: row.visibility,
    kind: row.kind,
    tags: row.tags,
    isCancelled: row.isCancelled,
    hasVanished: row.hasVanished,
    ownResponse: row.ownResponse as ResponseStatus,
    ownerEmail: owner.ownerEmail,
    isConnected: owner.disconnectedAt === null || row.endsAt <= owner.disconnectedAt,
    variant: row.variant,
  }
}

/** What a calendar held before: this event, and since when any of its invitation. */
interface Before {
  old: Stored | undefined
  invitedAt: Date | undefined
}

function toRow({ source, reading }: EventDraft, owner: EventOwner, { old, invitedAt }: Before, now: Date) {
  const { linkTexts: _, attendees, createdAt, isOrganizerCopy, ...fields } = source
  const content = {
    ...fields,
    isOrganizerCopy: isOrganizerCopy ?? (source.organizerEmail !== null && source.organizerEmail === owner.ownerEmail),
    attendees: JSON.stringify(attendees),
    tags: [...reading.tags],
    platform: reading.room?.platform ?? null,
    roomId: reading.room?.roomId ?? null,
    roomKey: reading.room ? roomKeyOf(reading.room) : null,
    meetingUrl: reading.room?.url ?? null,
    linkWarning: reading.linkWarning,
  }
  const contentHash = createHash('sha256').update(JSON.stringify(content)).digest('base64url')
  const enteredAt = firstKnownAt(owner, createdAt, now)
  // The next occurrences of a series are of whoever knew it first, whosever calendar they enter first.
  const knownAt = old?.facts.knownAt ?? invitedAt ?? enteredAt
  const placed = { ...content, namesOwner: namesOwner(attendees, { ...source, ownerEmail: owner.ownerEmail }), knownAt }
  const row = { ...placed, hasVanished: false, placedAt: old ? placedAtOf(placed, old.facts, now) : enteredAt }
  const variant = variantOf(toFacts({ ...row, variant: null }, owner), attendees)
  const id = old?.id ?? newId()
  return { ...row, variant, id, calendarId: owner.calendarId, contentHash, createdAt: now, updatedAt: now }
}

/** At a calendar's first reading the provider's word counts; what comes later is known since it came, whatever it says. */
function firstKnownAt(owner: EventOwner, createdAt: Date | undefined, now: Date): Date {
  return owner.isFirstReading && createdAt !== undefined && createdAt < now ? createdAt : now
}

type Placed = Pick<EventFacts, 'roomKey' | 'startsAt' | 'endsAt' | 'isAllDay' | 'kind' | 'isCancelled' | 'ownResponse'>

/** What is moved, has another link, is restored or becomes something that takes place, stands there from now on. */
function placedAtOf(row: Placed, before: EventFacts, now: Date): Date {
  const takesPlace = (event: Pick<EventFacts, 'isCancelled' | 'ownResponse'>) =>
    !event.isCancelled && event.ownResponse !== 'declined'
  const isSame =
    before.roomKey === row.roomKey &&
    before.startsAt.getTime() === row.startsAt.getTime() &&
    before.endsAt.getTime() === row.endsAt.getTime() &&
    before.isAllDay === row.isAllDay &&
    before.kind === row.kind
  return isSame && ((takesPlace(before) && !before.hasVanished) || !takesPlace(row)) ? before.placedAt : now
}

function roomKeyOf({ platform, roomId }: { platform: string; roomId: string }): string {
  return `${platform}:${roomId}`
}

async function upsertEvents(trx: Transaction, rows: readonly ReturnType<typeof toRow>[]): Promise<void> {
  for (const chunk of chunksOf(rows)) {
    const {
      id: _,
      calendarId: __,
      uid: ___,
      occurrenceKey: ____,
      createdAt: _____,
      knownAt: ______,
      ...changing
    } = chunk[0] as (typeof rows)[0]
    const columns = Object.keys(changing) as (keyof typeof changing)[]
    await trx
      .insertInto('event')
      .values(chunk)
      .onConflict((conflict) =>
        conflict
          .columns(['calendarId', 'uid', 'occurrenceKey'])
          .doUpdateSet((eb) => Object.fromEntries(columns.map((column) => [column, eb.ref(`excluded.${column}`)]))),
      )
      .execute()
  }
}

async function deleteEvents(trx: Transaction, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await trx.deleteFrom('event').where('id', '=', sql<string>`any(${ids}::uuid[])`).execute()
}

function keyOf(event: { uid: string; occurrenceKey: string }): string {
  return JSON.stringify([event.uid, event.occurrenceKey])
}

function* chunksOf<T>(list: readonly T[]): Generator<T[]> {
  for (let i = 0; i < list.length; i += CHUNK) yield list.slice(i, i + CHUNK)
}
