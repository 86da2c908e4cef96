import type { Clock } from '../../src/base/clock.ts'
import type { Database } from '../../src/platform/db/index.ts'
import { seedChannel } from './push.ts'
import { seedCalendar, seedEvents } from './seed.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** A Google Workspace with calendars in every state, for pages to be looked at. Answers the ids of some of them, by their owner's name. */
export async function seedGoogleOrganisation({
  db,
  clock,
}: {
  db: Database
  clock: Clock
}): Promise<Record<'ana' | 'ben' | 'cleo', string>> {
  const now = clock.now()
  const ago = (ms: number) => new Date(now.getTime() - ms)
  const from = { provider: 'google', access: 'service_account', addressLabel: 'Google Calendar' } as const
  const ana = await seedCalendar(db, clock, 'ana@example.com', { ...from, name: 'Ana Lima' })
  const ben = await seedCalendar(db, clock, 'ben@example.com', { ...from, name: 'בן לוי' })
  const cleo = await seedCalendar(db, clock, 'cleo@example.com', { ...from, access: 'oauth' })
  const dov = await seedCalendar(db, clock, 'dov@example.com', from)
  const eve = await seedCalendar(db, clock, 'eve@example.com', from)
  await seedCalendar(db, clock, 'finn@example.com', { ...from, lastSuccessAt: null })
  await seedCalendar(db, clock, 'gil@example.com', {
    ...from,
    state: 'disconnected',
    stateReason: 'person_suspended',
    releaseReason: 'suspended',
    lastSuccessAt: ago(50 * HOUR_MS),
  })
  await seedCalendar(db, clock, 'hana@example.com', {
    ...from,
    access: 'oauth',
    state: 'disconnected',
    stateReason: 'consent_withdrawn',
    lastSuccessAt: ago(9 * HOUR_MS),
  })
  await seedCalendar(db, clock, 'ida@example.com', {
    ...from,
    failureCount: 3,
    failureMessage: 'Google answered with status 503.',
    lastSuccessAt: ago(2 * HOUR_MS),
  })
  for (const [id, lastDeliveryAt] of [
    [ana, ago(2 * MINUTE_MS)],
    [ben, ago(20 * HOUR_MS)],
    [cleo, null],
  ] as const) {
    const channel = await seedChannel(db, id)
    const at = { createdAt: ago(HOUR_MS), expiresAt: ago(-47 * HOUR_MS), renewAt: ago(-30 * HOUR_MS) }
    await db
      .updateTable('pushChannel')
      .set({ ...at, lastDeliveryAt, lastNoticeAt: lastDeliveryAt })
      .where('id', '=', channel.id)
      .execute()
  }
  const refused = 'Google sends no notice of changes for this calendar; it is looked at from time to time.'
  await db
    .insertInto('calendarPush')
    .values([
      { calendarId: ben, lostCount: 2, lastLostAt: ago(26 * HOUR_MS) },
      {
        calendarId: dov,
        isRefused: true,
        failureCount: 1,
        failureCode: 'google_push_not_supported',
        failureMessage: refused,
      },
      { calendarId: eve, stoppedAt: ago(3 * HOUR_MS) },
    ])
    .execute()
  const directory = {
    nextReadAt: ago(-40 * MINUTE_MS).toISOString(),
    lastAttemptAt: ago(12 * MINUTE_MS).toISOString(),
    lastSuccessAt: ago(12 * MINUTE_MS).toISOString(),
    people: 9,
    failureCode: null,
    failureMessage: null,
  }
  await db
    .insertInto('setting')
    .values({ key: 'google_directory', value: JSON.stringify(directory) })
    .execute()
  const link = (code: string) => `https://meet.google.com/abc-defg-${code}`
  await seedEvents(
    { db, clock, joinable: ['google_meet'] },
    [
      { id: ana, owner: 'ana@example.com' },
      { id: ben, owner: 'ben@example.com' },
    ],
    [
      {
        title: 'Weekly planning',
        at: '2026-11-23T09:00:00Z',
        location: link('hia'),
        organizerEmail: 'ana@example.com',
      },
      { title: 'Design review', at: '2026-11-23T10:00:00Z', location: link('hib'), organizerEmail: 'ben@example.com' },
      { title: 'Supplier call', at: '2026-11-23T11:00:00Z', location: 'https://example.zoom.us/j/1234567890' },
      { title: 'Surgery', at: '2026-11-23T12:00:00Z', location: link('hic'), visibility: 'private' },
      { title: 'Trade fair', at: '2026-11-22T23:00:00Z', minutes: 1_440, location: link('hid'), isAllDay: true },
      { title: 'Called off', at: '2026-11-23T13:00:00Z', location: link('hie'), isCancelled: true },
      { title: 'Later', at: '2026-11-25T13:00:00Z', location: link('hif') },
    ],
  )
  return { ana, ben, cleo }
}
