import { sql } from 'kysely'
import type { Clock } from '../../src/base/clock.ts'
import { MINUTE_MS, SECOND_MS } from '../../src/base/time.ts'
import { replaceEvents } from '../../src/features/calendars/event-store.ts'
import type { SourceEvent } from '../../src/features/calendars/index.ts'
import { readEvent, reconcileChanges } from '../../src/features/meetings/index.ts'
import { inTransaction } from '../../src/platform/db/index.ts'
import { type AttendanceWorld, createAttendanceWorld } from './attendance-world.ts'
import { seedCalendar } from './seed.ts'
import type { StubGuest } from './stub-runner.ts'
import { until } from './until.ts'

/** An invitation as a table of cases writes it: times of one day, people by name. The first written is known first. */
export interface SaidMeeting {
  id: string
  at: `${string}-${string}`
  organizer: string
  invites?: readonly string[]
  accepted?: readonly string[]
  title?: string
  /** The name by which its link calls the room, where that is another. */
  link?: string
  /** An all-day event. */
  isAllDay?: boolean
}

/** Who is in a room, and for how long. A name with a question mark is not recognised; `!` is a bot of our name, `*` another's. */
export type Stay = [name: string, at: `${string}-${string}`]

export interface RoomStory {
  meetings: readonly SaidMeeting[]
  people?: readonly Stay[]
  /** Who brought the room, where that is known before. */
  brought?: string
  /** Whose the sound is at some times; `none`: nobody's. */
  heard: Readonly<Record<string, string>>
}

export interface ToldDay {
  world: AttendanceWorld
  /** Whose sound it was at the times asked for, by room. */
  heard: Map<string, Record<string, string>>
  /** The names that a meeting of a room was told. */
  namesOf(room: string, meeting: string): Promise<string[]>
  meetingOf(
    room: string,
    meeting: string,
  ): Promise<{ id: string; decision: string; reason: string; heldAt: Date | null }>
}

const DAY = Date.UTC(2030, 0, 15)
const HEARD_FOR_MS = 600
const OUTSIDE = new Set(['client', 'outsider'])

/** A clock that runs, and can be set ahead. */
function createJumpingClock(startMs: number): Clock & { jumpTo(ms: number): void } {
  let offsetMs = startMs - Date.now()
  return {
    now: () => new Date(Date.now() + offsetMs),
    jumpTo(ms) {
      offsetMs = Math.max(offsetMs, ms - Date.now())
    },
  }
}

/**
 * Lets one day pass in many rooms at once: invitations stand in people's calendars and are planned, people come and go, and one worker attends
 * with bots that only count and hear silence. The clock is set from one time to the next at which something happens or is asked for;
 * `happens` is what else is done at some times.
 */
export async function tellDay(
  stories: Readonly<Record<string, RoomStory>>,
  happens: Readonly<Record<string, (world: AttendanceWorld) => unknown>> = {},
): Promise<ToldDay & AsyncDisposable> {
  const clock = createJumpingClock(instantOf('11:58'))
  const world = await createAttendanceWorld({ hasSound: true, clock })
  const { db } = world.app
  await writeInvitations(world, stories)
  for (const [room, { meetings }] of Object.entries(stories))
    for (const { link } of meetings) if (link !== undefined) world.rooms.lead(world.urlOf(link), world.urlOf(room))
  world.startWorker({ clock })
  const windows = new Map<string, number>()
  for (const time of timesOf(stories, Object.keys(happens))) {
    clock.jumpTo(instantOf(time) - SECOND_MS)
    for (const [room, { people = [] }] of Object.entries(stories)) go(world, room, people, time)
    await stageDue(world, instantOf(time))
    clock.jumpTo(instantOf(time))
    for (const [room, { people = [] }] of Object.entries(stories)) come(world, room, people, time)
    await happens[time]?.(world)
    await lookAgain(world)
    await until(
      () => countDue(world, clock),
      (count) => count === 0,
    )
    const fromMs = clock.now().getTime()
    windows.set(time, fromMs)
    await until(
      () => Object.keys(stories).map((room) => world.rooms.soundUntil(world.urlOf(room)) ?? Number.POSITIVE_INFINITY),
      (told) => told.every((untilMs) => untilMs > fromMs + HEARD_FOR_MS),
    )
  }
  clock.jumpTo(instantOf('23:00'))
  for (const room of Object.keys(stories)) world.rooms.endMeeting(world.urlOf(room))
  await lookAgain(world)
  await until(world.bots, (bots) => bots.every(({ state }) => ['ended', 'fatal_error', 'cancelled'].includes(state)))

  if (process.env.TEST_SHOWS) await show(world, windows)
  const heard = new Map<string, Record<string, string>>()
  for (const [room, { heard: asked }] of Object.entries(stories)) {
    const told: Record<string, string> = {}
    for (const time of Object.keys(asked))
      told[time] = (await whoHeard(world, room, windows.get(time) ?? 0)).join(' and ') || 'none'
    heard.set(room, told)
  }
  return {
    world,
    heard,
    async namesOf(room, meeting) {
      const rows = await db
        .selectFrom('participant')
        .innerJoin('meeting', 'meeting.id', 'participant.meetingId')
        .select('participant.name')
        .where('meeting.uid', '=', uidOf(room, meeting))
        .execute()
      return [...new Set(rows.flatMap(({ name }) => name ?? []))].sort()
    },
    meetingOf: (room, meeting) =>
      db
        .selectFrom('meeting')
        .select(['id', 'decision', 'reason', 'heldAt'])
        .where('uid', '=', uidOf(room, meeting))
        .executeTakeFirstOrThrow(),
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  }
}

/**
 * The same for one room that bots of a server attend: who came there when. `until` are the times, and what is waited for at each: a number of
 * visits so far, or that no bot waits any more.
 */
export async function tellServersDay(
  story: RoomStory,
  times: Readonly<Record<string, number | 'nobody waits'>>,
): Promise<{ meeting: string; cameAt: Date }[]> {
  const clock = createJumpingClock(instantOf('11:58'))
  await using world = await createAttendanceWorld({ clock, runnerOf: () => 'attendee' })
  const room = 'server'
  await writeInvitations(world, { [room]: story })
  world.startWorker({ clock, runners: { attendee: world.rooms } })
  for (const [time, awaited] of Object.entries(times)) {
    clock.jumpTo(instantOf(time) - SECOND_MS)
    go(world, room, story.people ?? [], time)
    await stageDue(world, instantOf(time))
    clock.jumpTo(instantOf(time))
    come(world, room, story.people ?? [], time)
    await until(
      async () => {
        await lookAgain(world)
        return world.bots()
      },
      (bots) =>
        awaited === 'nobody waits'
          ? bots.every(({ state }) => state !== 'staged')
          : world.rooms.visits.length === awaited,
    )
  }
  const bots = await world.app.db
    .selectFrom('bot')
    .innerJoin('meeting', 'meeting.id', 'bot.meetingId')
    .select(['bot.id', 'meeting.uid'])
    .execute()
  return world.rooms.visits.map(({ botId, cameAt }) => {
    return { meeting: bots.find(({ id }) => id === botId)?.uid.split('-')[0] ?? '', cameAt }
  })
}

function timesOf(stories: Readonly<Record<string, RoomStory>>, others: readonly string[]): string[] {
  const times = Object.values(stories).flatMap(({ people = [], heard }) => [
    ...people.flatMap(([, at]) => at.split('-')),
    ...Object.keys(heard),
  ])
  return [...new Set([...times, ...others])].filter((time) => time >= '12:00' && time <= '16:00').sort()
}

/** A time of the day, in milliseconds since 1970. */
export function instantOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return DAY + (hours * 60 + minutes) * MINUTE_MS
}

function go(world: AttendanceWorld, room: string, people: readonly Stay[], time: string): void {
  for (const [name, at] of people) if (at.split('-')[1] === time) world.rooms.go(world.urlOf(room), `${room} ${name}`)
}

function come(world: AttendanceWorld, room: string, people: readonly Stay[], time: string): void {
  const url = world.urlOf(room)
  for (const [name, at] of people) {
    if (at.split('-')[0] === time) world.rooms.come(url, { nativeId: `${room} ${name}`, name, ...whatIsTold(name) })
  }
}

function addressOf(name: string): string {
  return `${name}@${OUTSIDE.has(name) ? 'example.org' : 'example.com'}`
}

function uidOf(room: string, meeting: string): string {
  return `${meeting}-${room}@example.com`
}

async function writeInvitations(world: AttendanceWorld, stories: Readonly<Record<string, RoomStory>>): Promise<void> {
  const { db, clock, reconcile } = world.app
  const calendars = new Map<string, string>()
  const calendarOf = async (owner: string) => {
    const id = calendars.get(owner) ?? (await seedCalendar(db, clock, addressOf(owner)))
    calendars.set(owner, id)
    return id
  }
  const sandboxOrigin = new URL(world.urlOf('x')).origin
  const readingOf = (source: SourceEvent) => readEvent(source, { jitsiHosts: [], sandboxOrigin })
  for (const [room, { meetings, brought }] of Object.entries(stories)) {
    if (brought !== undefined && meetings[0]) {
      const link = readingOf(eventOf(world, room, meetings[0], true)).room
      const row = { broughtBy: addressOf(brought), broughtAt: clock.now(), broughtHow: 'administrator' as const }
      await db
        .insertInto('room')
        .values({ roomKey: `${link?.platform}:${link?.roomId}`, ...row })
        .execute()
    }
    for (const said of meetings) {
      const { organizer, invites = [], accepted = [] } = said
      const holders = [organizer, ...invites].filter((name) => !OUTSIDE.has(name))
      for (const owner of new Set(holders)) {
        const source = eventOf(world, room, said, owner === organizer || accepted.includes(owner))
        const calendar = { calendarId: await calendarOf(owner), ownerEmail: addressOf(owner), disconnectedAt: null }
        await inTransaction(db, async (trx) => {
          const draft = { source, reading: readingOf(source) }
          const changes = await replaceEvents(trx, calendar, [source.uid], [draft], clock.now())
          await reconcileChanges(reconcile, trx, changes)
        })
      }
    }
  }
}

function eventOf(world: AttendanceWorld, room: string, said: SaidMeeting, hasAccepted: boolean): SourceEvent {
  const {
    id,
    at,
    organizer,
    invites = [],
    accepted = [],
    title = `${id} in ${room}`,
    isAllDay = false,
    link = room,
  } = said
  const [from = '', to = ''] = at.split('-')
  return {
    uid: uidOf(room, id),
    occurrenceKey: '',
    startsAt: new Date(instantOf(from)),
    endsAt: new Date(instantOf(to)),
    isAllDay,
    timeZone: 'UTC',
    title,
    organizerEmail: addressOf(organizer),
    organizerName: null,
    attendees: [organizer, ...invites].map((name) => ({
      email: addressOf(name),
      name,
      response: name === organizer || accepted.includes(name) ? 'accepted' : 'needs_action',
      kind: 'person',
    })),
    ownResponse: hasAccepted ? 'accepted' : 'needs_action',
    isCancelled: false,
    visibility: 'default',
    kind: 'default',
    linkTexts: { conferenceUrls: [world.urlOf(link)], location: '', description: '', title },
  }
}

/** The queue goes by its database's time: what is due by ours is made due there, and taken. */
async function stageDue(world: AttendanceWorld, untilMs: number): Promise<void> {
  const due = new Date(untilMs + 60 * SECOND_MS)
  await sql`update rapporteur_jobs.job j set start_after = now() - interval '1 second'
    from bot b where j.name = 'attend-meeting' and j.id = b.job_id and b.state = 'scheduled' and b.join_at < ${due}`.execute(
    world.app.db,
  )
  await lookAgain(world)
  await until(
    () =>
      world.app.db.selectFrom('bot').select('id').where('state', '=', 'scheduled').where('joinAt', '<', due).execute(),
    (rows) => rows.length === 0,
  )
}

async function lookAgain(world: AttendanceWorld): Promise<void> {
  await sql`select pg_notify('bot_wanted', '')`.execute(world.app.db)
}

/** Seats of which no bot is in the room yet although it is due. */
async function countDue(world: AttendanceWorld, clock: Clock): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from bot b where b.state in ('staged', 'joining') and b.join_at <= ${clock.now()}
      and not exists (select from bot o where o.job_id = b.job_id and o.state = 'joined_recording')
      and not exists (select from meeting m where m.room_key = b.room_key and m.says_no
        and m.starts_at <= ${clock.now()} and m.ends_at > ${clock.now()})`.execute(world.app.db)
  return rows[0]?.count ?? 0
}

async function whoHeard(world: AttendanceWorld, room: string, fromMs: number): Promise<string[]> {
  const { rows } = await sql<{ uid: string }>`
    select distinct m.uid from audio_step s join meeting m on m.id = s.meeting_id join recording r on r.meeting_id = m.id
    where m.uid like ${`%-${room}@example.com`}
      and r.started_at + s.started_ms * interval '1 millisecond' < ${new Date(fromMs + HEARD_FOR_MS)}
      and r.started_at + (s.started_ms + s.duration_ms) * interval '1 millisecond' > ${new Date(fromMs + 200)}`.execute(
    world.app.db,
  )
  return rows.map(({ uid }) => uid.split('-')[0] ?? '').sort()
}

/** Everything that was heard and done, to find out why. */
async function show(world: AttendanceWorld, windows: ReadonlyMap<string, number>): Promise<void> {
  const { db } = world.app
  const steps = await sql`select m.uid, min(r.started_at + s.started_ms * interval '1 millisecond')::text as first,
      max(r.started_at + (s.started_ms + s.duration_ms) * interval '1 millisecond')::text as last, count(*)::int as count, s.bot_id
    from audio_step s join meeting m on m.id = s.meeting_id join recording r on r.meeting_id = m.id
    group by 1, 5 order by 1, 2`.execute(db)
  const events = await sql`select m.uid, b.id, e.created_at::text as at, e.type, e.sub_type, e.detail from bot_event e
    join bot b on b.id = e.bot_id join meeting m on m.id = b.meeting_id order by 1, e.id`.execute(db)
  process.stdout.write(
    `${JSON.stringify(
      [...windows].map(([time, ms]) => [time, new Date(ms)]),
      null,
      1,
    )}\n`,
  )
  for (const entry of world.logs.entries())
    if (entry.level === 'warn' || entry.level === 'error') process.stdout.write(`${JSON.stringify(entry)}\n`)
  for (const row of [...steps.rows, ...events.rows]) process.stdout.write(`${JSON.stringify(row)}\n`)
}

/** What else a room says of somebody, by the end of their name here. */
function whatIsTold(name: string): Pick<StubGuest, 'email' | 'hasBotName' | 'isAnotherBot'> {
  if (name.endsWith('?')) return {}
  if (name.endsWith('!')) return { hasBotName: true }
  if (name.endsWith('*')) return { isAnotherBot: true }
  return { email: addressOf(name) }
}
