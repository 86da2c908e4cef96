import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { newId } from '../../base/ids.ts'
import { type Database, keepPlans, type Transaction } from '../../platform/db/index.ts'
import { notePossibleGroups } from '../people/index.ts'
import type { EventReading } from './calendar.ts'
import type { ResponseStatus, SourceEvent } from './event.ts'
import { type EventChange, type EventFacts, variantOf } from './event-facts.ts'

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
  return writeEvents(trx, owner, { uids, drafts, keepsOthers: false }, now)
}

/** Stores the drafts as `replaceEvents` does, but lets the other events of their UIDs be: they may be listed elsewhere. */
export async function addEvents(
  trx: Transaction,
  owner: EventOwner,
  drafts: readonly EventDraft[],
  now: Date,
): Promise<EventChange[]> {
  const uids = [...new Set(drafts.map(({ source }) => source.uid))]
  return writeEvents(trx, owner, { uids, drafts, keepsOthers: true }, now)
}

async function writeEvents(
  trx: Transaction,
  owner: EventOwner,
  { uids, drafts, keepsOthers }: { uids: readonly string[]; drafts: readonly EventDraft[]; keepsOthers: boolean },
  now: Date,
): Promise<EventChange[]> {
  await keepPlans(trx)
  const stored = await readStoredEvents(trx, owner, uids)
  const wanted = new Map(drafts.map((draft) => [keyOf(draft.source), draft]))
  const changes: EventChange[] = []
  const rows: ReturnType<typeof toRow>[] = []
  const sources: SourceEvent[] = []
  for (const [key, draft] of wanted) {
    const old = stored.get(key)
    const row = toRow(draft, owner, old?.id ?? newId(), now)
    if (old?.contentHash === row.contentHash) continue
    rows.push(row)
    sources.push(draft.source)
    changes.push({ before: old ? old.facts : null, after: toFacts(row, owner) })
  }
  const gone = [...stored.entries()].filter(([key, old]) => !keepsOthers && !wanted.has(key) && old.facts.endsAt > now)
  for (const [, old] of gone) changes.push({ before: old.facts, after: null })
  await deleteEvents(
    trx,
    gone.map(([, old]) => old.id),
  )
  await upsertEvents(trx, rows)
  await notePossibleGroups(trx, addressesOf(sources), now)
  return changes
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
    roomKey: reading.room ? `${reading.room.platform}:${reading.room.roomId}` : null,
    meetingUrl: reading.room?.url ?? null,
    linkWarning: reading.linkWarning,
  }
  const variant = variantOf(toFacts({ ...content, variant: null }, owner), attendees)
  const contentHash = createHash('sha256').update(JSON.stringify(content)).digest('base64url')
  return { ...content, variant, id, calendarId: owner.calendarId, contentHash, createdAt: now, updatedAt: now }
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
