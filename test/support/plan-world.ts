import { sql } from 'kysely'
import { newId } from '../../src/base/ids.ts'
import { disconnectCalendar } from '../../src/features/calendars/connection.ts'
import type { Attendee } from '../../src/features/calendars/event.ts'
import { replaceEvents } from '../../src/features/calendars/event-store.ts'
import { type EventChange, removeCalendar, type SourceEvent } from '../../src/features/calendars/index.ts'
import { type RuleContext, readEvent, reconcileChanges } from '../../src/features/meetings/index.ts'
import { allJobs } from '../../src/jobs.ts'
import { createPipeline, type Pipeline } from '../../src/pipeline.ts'
import { type Database, inTransaction, openDatabase, type Transaction } from '../../src/platform/db/index.ts'
import { createHttpClient } from '../../src/platform/http/index.ts'
import { openQueue } from '../../src/platform/jobs/index.ts'
import { createTestDatabase } from './database.ts'
import { createManualClock, type ManualClock } from './manual-clock.ts'
import { createIdleProviders } from './providers.ts'

export const NOW = new Date('2026-11-23T08:00:00Z')

/** What one person's calendar says of one occurrence, in the few words a test needs. */
export interface Copy {
  uid: string
  key?: string
  /** Name of a room of the sandbox; null for no link. */
  room: string | null
  /** Any link, in place of a room. */
  link?: string
  /** Minutes after `NOW`. */
  start: number
  minutes?: number
  title?: string
  organizer?: string
  attendees?: readonly string[]
  /** Rooms and groups that were invited. */
  rooms?: readonly string[]
  groups?: readonly string[]
  response?: SourceEvent['ownResponse']
  cancelled?: boolean
  visibility?: SourceEvent['visibility']
  kind?: SourceEvent['kind']
  isAllDay?: boolean
  description?: string
}

/** People with calendars on a real database, whose events are written and planned as a sync does it. */
export interface PlanWorld extends AsyncDisposable {
  db: Database
  clock: ManualClock
  reconcile: Pipeline['reconcile']
  /** Who is in which group, as the directory would say. */
  groups: Map<string, readonly string[]>
  ruleContext: RuleContext
  /** Makes a person's copies of one UID be these; in one of several calendars where it is named. */
  put(person: string, uid: string, copies: readonly Copy[], calendar?: string): Promise<void>
  /** Lets nobody into a person's calendar any more. */
  disconnect(person: string): Promise<void>
  /** Removes a person's calendar. */
  remove(person: string): Promise<void>
  clear(): Promise<void>
}

const ROOM_ORIGIN = 'http://127.0.0.1:9'

export async function createPlanWorld(options: { attendance?: 'observing' | 'on' } = {}): Promise<PlanWorld> {
  const database = await createTestDatabase()
  const second = await openDatabase({ url: database.url, maxConnections: 5 })
  const log = { warn: () => {}, error: () => {} }
  const queue = await openQueue({ databaseUrl: database.url, jobs: allJobs, log, supervise: false, migrate: false })
  const http = createHttpClient({ allowPrivateHosts: [], userAgent: 'test' })
  const clock = createManualClock(NOW)
  const { reconcile, ruleContext } = createPipeline({
    db: database.db,
    queue,
    clock,
    decrypt: (text) => text,
    providers: createIdleProviders(),
    pilotUsers: [],
    timeZone: 'UTC',
    jitsiHosts: [],
    orgDomains: ['example.com'],
    sandboxOrigin: ROOM_ORIGIN,
    alwaysAttends: options.attendance === 'on',
    runnerOf: () => 'browser',
  })
  const owners = new Map<string, string>()
  const groups = new Map<string, readonly string[]>()
  reconcile.knownPeople = async () => ({
    primaryOf: (address) => address,
    membersOf(group) {
      const members = groups.get(group)
      return members && { members: new Set(members), mark: members.join() }
    },
  })
  let turn = 0
  return {
    db: database.db,
    clock,
    reconcile,
    groups,
    ruleContext,
    async put(person, uid, copies, calendar = '') {
      // Two pools, as two processes would have.
      const db = turn++ % 2 === 0 ? database.db : second
      const calendarId = await calendarOf(db, owners, person, calendar)
      const drafts = copies.map((copy) => {
        const source = toSourceEvent(copy)
        return { source, reading: readEvent(source, { jitsiHosts: [], sandboxOrigin: ROOM_ORIGIN }) }
      })
      await inTransaction(db, async (trx) => {
        await trx.selectFrom('calendar').select('id').where('id', '=', calendarId).forUpdate().execute()
        const owner = { calendarId, ownerEmail: person, disconnectedAt: null }
        const changes = await replaceEvents(trx, owner, [uid], drafts, clock.now())
        await reconcileChanges(reconcile, trx, changes)
      })
    },
    async disconnect(person) {
      const calendarId = await calendarOf(database.db, owners, person)
      const reconcileIn = (trx: Transaction, changes: readonly EventChange[]) =>
        reconcileChanges(reconcile, trx, changes)
      await disconnectCalendar(
        { db: database.db, clock, reconcile: reconcileIn },
        { calendarId, reason: 'consent_withdrawn' },
      )
    },
    async remove(person) {
      const calendarId = await calendarOf(database.db, owners, person)
      owners.delete(person)
      await removeCalendar(
        {
          db: database.db,
          clock,
          reconcile: (trx: Transaction, changes: readonly EventChange[]) => reconcileChanges(reconcile, trx, changes),
        },
        { calendarId },
      )
    },
    async clear() {
      owners.clear()
      groups.clear()
      await sql`truncate calendar, event, meeting, occurrence, occurrence_variant, invitation, room, room_alias, bot, rule_version, wish cascade`.execute(
        database.db,
      )
      await sql`delete from rapporteur_jobs.job`.execute(database.db)
    },
    async [Symbol.asyncDispose]() {
      await queue[Symbol.asyncDispose]()
      await http[Symbol.asyncDispose]()
      await second.destroy()
      await database[Symbol.asyncDispose]()
    },
  }
}

async function calendarOf(db: Database, owners: Map<string, string>, person: string, name = ''): Promise<string> {
  const known = owners.get(person + name)
  if (known) return known
  const id = newId()
  owners.set(person + name, id)
  await db
    .insertInto('calendar')
    .values({
      id,
      provider: 'ics',
      ownerEmail: person,
      deduplicationKey: id,
      addressLabel: 'test',
      state: 'connected',
      lastSuccessAt: NOW,
    } as never)
    .execute()
  return id
}

export function toSourceEvent(copy: Copy): SourceEvent {
  const startsAt = new Date(NOW.getTime() + copy.start * 60_000)
  const title = copy.title ?? 'Meeting'
  return {
    uid: copy.uid,
    occurrenceKey: copy.key ?? '',
    startsAt,
    endsAt: new Date(startsAt.getTime() + (copy.minutes ?? 30) * 60_000),
    isAllDay: copy.isAllDay ?? false,
    timeZone: 'UTC',
    title,
    organizerEmail: copy.organizer ?? null,
    organizerName: null,
    attendees: [
      ...(copy.attendees ?? []).map((email) => guest(email, 'person')),
      ...(copy.rooms ?? []).map((email) => guest(email, 'room')),
      ...(copy.groups ?? []).map((email) => guest(email, 'group')),
    ],
    ownResponse: copy.response ?? 'accepted',
    isCancelled: copy.cancelled ?? false,
    visibility: copy.visibility ?? 'default',
    kind: copy.kind ?? 'default',
    linkTexts: {
      conferenceUrls: linkOf(copy),
      location: '',
      description: copy.description ?? '',
      title,
    },
  }
}

function linkOf({ room, link }: Copy): string[] {
  if (link !== undefined) return [link]
  return room === null ? [] : [`${ROOM_ORIGIN}/rooms/${room}`]
}

function guest(email: string, kind: Attendee['kind']): Attendee {
  return { email, name: null, response: 'none', kind }
}

/** The plan as it stands, without ids and history: what must come out the same whatever the order. */
export async function readPlan(db: Database): Promise<unknown[]> {
  const { rows } = await sql`
    select m.room_key, m.starts_at, m.ends_at, m.title, m.decision, m.reason, m.supporting, m.copies, m.is_private, m.organizer_email, m.attendee_count,
      (select count(*)::int from bot b where b.meeting_id = m.id and b.state = 'scheduled' and b.join_at = m.starts_at) as bots,
      (select jsonb_agg(jsonb_build_array(o.uid, o.occurrence_key) order by o.uid, o.occurrence_key)
        from occurrence o where o.meeting_id = m.id) as occurrences
    from meeting m where m.copies > 0`.execute(db)
  return rows.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}

/** Everything that must always hold, as a list of what does not. */
export async function findBrokenInvariants(db: Database): Promise<unknown[]> {
  const { rows } = await sql`
    select 'two live bots for a meeting' as what, meeting_id::text as id from bot
      where state not in ('ended', 'fatal_error', 'cancelled') and wanted = 'attend' group by meeting_id having count(*) > 1
    union all
    select 'a live bot for a meeting that is not attended', m.id::text from meeting m join bot b on b.meeting_id = m.id
      where b.state not in ('ended', 'fatal_error', 'cancelled') and m.decision <> 'attend'
    union all
    select 'an attended meeting without a bot', m.id::text from meeting m
      where m.decision = 'attend' and not exists (select from bot b where b.meeting_id = m.id
        and b.state not in ('ended', 'fatal_error', 'cancelled') and b.join_at = coalesce(m.seat_from, m.starts_at) and b.room_key = m.room_key)
    union all
    select 'two bots in a room', room_key from bot
      where state in ('joining', 'waiting_room', 'joined_recording', 'leaving') group by room_key having count(*) > 1
    union all
    select 'a scheduled bot without its job, or at another time', b.id from bot b
      where b.state = 'scheduled' and not exists (select from rapporteur_jobs.job j where j.id = b.job_id
        and j.state = 'created' and j.start_after between b.join_at - interval '90 seconds' and b.join_at - interval '60 seconds')
    union all
    select 'a job without its bot', j.id::text from rapporteur_jobs.job j
      where j.name = 'attend-meeting' and j.state = 'created' and not exists (select from bot b where b.job_id = j.id and b.state = 'scheduled')
    union all
    select 'a count that is wrong', coalesce(v.uid, e.uid) from occurrence_variant v
      full join (select e.room_key, e.uid, e.occurrence_key, e.variant, count(*)::int as copies,
          (count(*) filter (where s))::int as supporting,
          (count(*) filter (where s and (e.own_response = 'accepted' or e.is_organizer_copy)))::int as accepted,
          (count(*) filter (where s and e.own_response = 'tentative' and not e.is_organizer_copy))::int as tentative
        from event e join calendar c on c.id = e.calendar_id
          cross join lateral (select not e.is_cancelled and not e.has_vanished and e.own_response <> 'declined'
            and (c.state = 'connected' or e.ends_at <= c.disconnected_at) as s) supports
        where e.room_key is not null group by 1, 2, 3, 4) e using (room_key, uid, occurrence_key, variant)
      where (v.copies, v.supporting, v.accepted, v.tentative) is distinct from (e.copies, e.supporting, e.accepted, e.tentative)`.execute(
    db,
  )
  return rows
}
