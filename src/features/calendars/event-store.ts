import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { createBreather } from '../../base/breather.ts'
import { newId } from '../../base/ids.ts'
import { type Database, keepPlans, type Transaction } from '../../platform/db/index.ts'
import type { EventReading } from './calendar.ts'
import type { ResponseStatus, SourceEvent } from './event.ts'
import { type EventChange, type EventFacts, variantOf } from './event-facts.ts'
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
 * that ended is kept as a record. Unchanged events are not written. Answers what changed, for the planner.
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
  const changes: EventChange[] = []
  const rows: ReturnType<typeof toRow>[] = []
  for (const [key, draft] of wanted) {
    await breathe()
    const old = stored.get(key)
    const row = toRow(draft, owner, old?.id ?? newId(), now)
    if (old?.contentHash === row.contentHash) continue
    rows.push(row)
    changes.push({ before: old ? old.facts : null, after: toFacts(row, owner) })
  }
  const gone = [...stored].filter(isGone)
  for (const [, old] of gone) changes.push({ before: old.facts, after: null })
  await deleteEvents(
    trx,
    gone.map(([, old]) => old.id),
  )
  await upsertEvents(trx, rows)
  return { changes, leftOut }
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
      old: stored.get(key)?.facts,
      place: placeOf(source, reading),
    }))
    .filter(({ old, place }) => old === undefined || !isSamePlace(old, place))
    .sort((a, b) => a.place.startsAt.getTime() - b.place.startsAt.getTime())
  if (asking.length === 0) return []
  const places = createEventPlaces(await countPlaces(trx, calendarId, now))
  for (const [, { facts }] of gone) places.release(facts)
  const leftOut: StoredWrite['leftOut'] = []
  for (const { key, source, old, place } of asking) {
    const why = old === undefined ? places.take(place) : places.move(old, place)
    if (why === undefined) continue
    leftOut.push({ source, why })
    wanted.delete(key)
  }
  return leftOut
}

function placeOf({ startsAt, ownResponse }: SourceEvent, { room }: EventReading): EventPlace {
  return { roomKey: room ? roomKeyOf(room) : null, startsAt, ownResponse }
}

async function countPlaces(trx: Transaction, calendarId: string, now: Date): Promise<PlaceCount[]> {
  const { rows } = await sql<PlaceCount>`
    select room_key, floor(extract(epoch from starts_at) / 86400)::int as day, own_response = 'needs_action' as is_unasked,
      count(*)::int as count
    from event where calendar_id = ${calendarId} and ends_at > ${now} group by 1, 2, 3`.execute(trx)
  return rows
}

/** Deletes a calendar's coming events and items; what is past stays as a record. */
export async function deleteComingEvents(trx: Transaction, owner: EventOwner, now: Date): Promise<EventChange[]> {
  const rows = await selectStored(trx, owner.calendarId).where('endsAt', '>', now).execute()
  await deleteEvents(
    trx,
    rows.map((row) => row.id),
  )
  await trx.deleteFrom('calendarItem').where('calendarId', '=', owner.calendarId).execute()
  return rows.map((row) => ({ before: toFacts(row, owner), after: null }))
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
    const variant = variantOf(toFacts(row, owner), attendees as SourceEvent['attendees'])
    return { id, before: toFacts(row, former), after: toFacts({ ...row, variant }, owner) }
  })
  const changed = changes.filter(({ before, after }) => before.variant !== after.variant)
  await sql`update event set variant = changed.variant
    from unnest(${changed.map(({ id }) => id)}::uuid[], ${changed.map(({ after }) => after.variant)}::text[]) as changed (id, variant)
    where event.id = changed.id`.execute(trx)
  return changes.filter(({ before, after }) => after.endsAt > now || before.variant !== after.variant)
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
  return trx
    .selectFrom('event')
    .select([
      'id',
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
      'ownResponse',
      'variant',
    ])
    .where('calendarId', '=', calendarId)
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
    visibility: row.visibility,
    kind: row.kind,
    tags: row.tags,
    isCancelled: row.isCancelled,
    ownResponse: row.ownResponse as ResponseStatus,
    ownerEmail: owner.ownerEmail,
    isConnected: owner.disconnectedAt === null || row.endsAt <= owner.disconnectedAt,
    variant: row.variant,
  }
}

function toRow({ source, reading }: EventDraft, owner: EventOwner, id: string, now: Date) {
  const { linkTexts: _, attendees, ...fields } = source
  const content = {
    ...fields,
    attendees: JSON.stringify(attendees),
    tags: [...reading.tags],
    platform: reading.room?.platform ?? null,
    roomId: reading.room?.roomId ?? null,
    roomKey: reading.room ? roomKeyOf(reading.room) : null,
    meetingUrl: reading.room?.url ?? null,
    linkWarning: reading.linkWarning,
  }
  const variant = variantOf(toFacts({ ...content, variant: null }, owner), attendees)
  const contentHash = createHash('sha256').update(JSON.stringify(content)).digest('base64url')
  return { ...content, variant, id, calendarId: owner.calendarId, contentHash, createdAt: now, updatedAt: now }
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
