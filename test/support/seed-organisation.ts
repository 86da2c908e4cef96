import { seedCalendar, seedEvents } from './seed.ts'
import type { TestWeb } from './web.ts'

const MEET = 'https://meet.google.com/abc-defg-hi'

/** Calendars, meetings, bots and troubles of every kind, for pages to be looked at. */
export async function seedOrganisation(web: TestWeb): Promise<{ meetingId: string; calendarId: string }> {
  const { db, clock } = web
  const ana = { id: await seedCalendar(db, clock, 'ana@example.com', { name: 'Ana Lima' }), owner: 'ana@example.com' }
  const ben = { id: await seedCalendar(db, clock, 'ben@example.com', { name: 'בן לוי' }), owner: 'ben@example.com' }
  const failing = {
    failureCount: 4,
    failureMessage: 'The address answers 401. Its password may have changed: add the calendar again.',
  }
  await seedCalendar(db, clock, 'cleo@example.com', { ...failing, lastSuccessAt: new Date('2026-11-22T07:12:00Z') })
  await seedCalendar(db, clock, 'dov@example.com', { nextSyncAt: new Date('2026-11-23T06:00:00Z') })
  await seedCalendar(db, clock, `${'long'.repeat(40)}@example.com`, { state: 'disconnected', lastSuccessAt: null })
  await db.insertInto('setting').values({ key: 'attendance', value: '{"mode":"on"}' }).execute()
  await seedEvents(
    { db, clock, joinable: ['google_meet'] },
    [ana, ben],
    [
      { title: 'Stand-up', at: '2026-11-23T06:30:00Z', location: `${MEET}a`, organizerEmail: 'ana@example.com' },
      { title: 'Weekly planning', at: '2026-11-23T07:45:00Z', location: `${MEET}b`, organizerEmail: 'ben@example.com' },
      { title: 'Design review', at: '2026-11-23T09:00:00Z', location: `${MEET}c`, organizerEmail: 'ana@example.com' },
      { title: 'Supplier call', at: '2026-11-23T10:00:00Z', location: 'https://example.zoom.us/j/1234567890' },
      { title: 'Surgery', at: '2026-11-23T11:00:00Z', location: `${MEET}d`, visibility: 'private' },
      { title: 'Trade fair', at: '2026-11-22T23:00:00Z', minutes: 1_440, location: `${MEET}e`, isAllDay: true },
      { title: 'Called off', at: '2026-11-23T13:00:00Z', location: `${MEET}f`, isCancelled: true },
      { title: `<b>Bold</b> & ${'x'.repeat(480)}`, at: '2026-11-23T14:00:00Z', location: `${MEET}g` },
      { title: 'תכנון שבועי', at: '2026-11-23T22:30:00Z', minutes: 60, location: `${MEET}h` },
      { title: 'Lunch', at: '2026-11-23T11:30:00Z' },
      { title: 'Away', at: '2026-11-23T16:00:00Z', kind: 'out_of_office' },
    ],
  )
  const meetings = await db
    .selectFrom('meeting')
    .select(['id', 'title', 'roomKey', 'startsAt'])
    .orderBy('startsAt')
    .execute()
  const states: Record<string, string> = {
    'Stand-up': 'fatal_error',
    'Weekly planning': 'waiting_room',
    'Design review': 'scheduled',
  }
  for (const { id, title, roomKey, startsAt } of meetings) {
    const state = states[title]
    if (state === undefined) continue
    const botId = `bot_${id.replaceAll('-', '').slice(0, 16)}`
    await db
      .insertInto('bot')
      .values({
        id: botId,
        meetingId: id,
        roomKey,
        runner: 'browser',
        state,
        joinAt: startsAt,
        attendsAt: startsAt,
        jobId: null,
      })
      .execute()
    const event = {
      botId,
      type: 'staged',
      subType: null,
      oldState: 'scheduled',
      newState: state,
      detail: '{}',
      createdAt: startsAt,
    }
    await db.insertInto('botEvent').values(event).execute()
  }
  const problem = {
    code: 'rrule_invalid',
    message: 'The rule "FREQ=NEVER" cannot be read; the event is shown once.',
    uid: 'u',
    title: 'Series',
  }
  await db
    .insertInto('calendarProblem')
    .values([
      { ...problem, calendarId: ana.id },
      { ...problem, calendarId: ben.id },
    ])
    .execute()
  const job = {
    name: 'sync-calendar',
    payload: {},
    reason: 'The disk of the database is full.',
    failedAt: new Date('2026-11-23T07:00:00Z'),
  }
  web.deadLetters.push(
    { ...job, id: '0d0c7f6e-8f7c-4a37-9c55-5a3f5f4b2a10' },
    { ...job, id: '1d0c7f6e-8f7c-4a37-9c55-5a3f5f4b2a11' },
  )
  const meetingId = meetings.find(({ title }) => title === 'Weekly planning')?.id as string
  return { meetingId, calendarId: ana.id }
}
