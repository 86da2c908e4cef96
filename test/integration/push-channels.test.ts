import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { timed } from '../../sandbox/google/calendar-editor.ts'
import { AppError } from '../../src/base/errors.ts'
import { noteUnannounced } from '../../src/features/calendars/channels/channel-store.ts'
import {
  listChannelOverviews,
  listSilentCalendars,
  type Providers,
  renewChannels,
  syncCalendar,
  syncCalendarJob,
} from '../../src/features/calendars/index.ts'
import type { CalendarPush } from '../../src/features/calendars/providers/provider.ts'
import { createGoogleTestApp, type GoogleTestApp } from '../support/google-app.ts'
import { seedCalendar } from '../support/seed.ts'

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
const people = ['ana', 'ben', 'cleo'].map((name) => ({ email: `${name}@example.com` }))
const withoutCalendar = { email: 'dov@example.com', hasCalendar: false }

/** A person's Google calendar, connected through the service account. */
async function seedGoogleCalendar({ app, clock }: GoogleTestApp, owner: string): Promise<string> {
  const id = await seedCalendar(app.db, clock, owner, { provider: 'google', access: 'service_account' })
  await app.db.updateTable('calendar').set({ credential: null }).where('id', '=', id).execute()
  return id
}

/** One round of the job, as it is set up, with the address of this test's web. */
function renew(world: GoogleTestApp, { address }: { address: string | undefined } = { address: world.noticeAddress }) {
  const { channels } = world.app
  return renewChannels({ ...channels, addressOf: () => address, random: () => 0.5 })
}

const channelsOf = ({ app }: GoogleTestApp, calendarId: string) =>
  app.db
    .selectFrom('pushChannel')
    .select(['id', 'state', 'resourceId', 'expiresAt', 'renewAt', 'lastDeliveryAt', 'address'])
    .where('calendarId', '=', calendarId)
    .orderBy('createdAt')
    .orderBy('state')
    .execute()

const pushOf = ({ app }: GoogleTestApp, calendarId: string) =>
  app.db.selectFrom('calendarPush').selectAll().where('calendarId', '=', calendarId).executeTakeFirst()

const calendarOf = ({ app }: GoogleTestApp, id: string) =>
  app.db.selectFrom('calendar').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

/** Forgets the syncs that were asked for, and says how many there were. */
async function takeSyncs({ app }: GoogleTestApp): Promise<number> {
  const waiting = await app.queue.boss.fetch(syncCalendarJob.name, { batchSize: 100 })
  if (waiting.length > 0)
    await app.queue.boss.complete(
      syncCalendarJob.name,
      waiting.map(({ id }) => id),
    )
  return waiting.length
}

const unavailable = () => new AppError('google_unavailable', 'Google answered with status 503.', { retry: 'later' })

/** The providers, of which Google opens and stops channels as it is told here. */
function withPush({ app }: GoogleTestApp, changes: Partial<CalendarPush>): Providers {
  const { google, ...others } = app.channels.providers
  return { ...others, google: { ...google, push: { ...(google.push as CalendarPush), ...changes } } }
}

const eventAt = (at: string) => ({ summary: 'Planning', ...timed(new Date(at), 30, 'Europe/Vienna') })

const liveIds = ({ google }: GoogleTestApp) => google.channels.live().map(({ id }) => id)

describe('A channel', () => {
  let world: GoogleTestApp

  beforeAll(async () => {
    world = await createGoogleTestApp({ people: [...people, withoutCalendar] })
    world.google.push.transport.retryDelaysMs = []
  })
  afterAll(() => world[Symbol.asyncDispose]())
  beforeEach(async () => {
    await world.google.push.settled()
    for (const id of liveIds(world)) world.google.channels.drop(id)
    await world.app.db.deleteFrom('calendar').execute()
    await takeSyncs(world)
    world.google.doubts.syncBeforeWatchAnswer = false
    // A token of yesterday is of no use any more.
    world.clock.advance(24 * HOUR_MS)
  })

  test('is opened for each connected calendar, and a change then wakes its sync at once', async () => {
    const id = await seedGoogleCalendar(world, 'ana@example.com')
    const ics = await seedCalendar(world.app.db, world.clock, 'ben@example.com')
    expect(await renew(world)).toMatchObject({ opened: 1, failed: 0 })
    await world.google.push.settled()
    const [channel] = await channelsOf(world, id)
    expect(channel).toMatchObject({ state: 'open', address: world.noticeAddress })
    expect(channel?.lastDeliveryAt).toEqual(world.clock.now())
    // 48 hours, renewed half-way to four fifths of it.
    expect(channel?.expiresAt.getTime()).toBe(world.clock.now().getTime() + 48 * HOUR_MS)
    expect(channel?.renewAt.getTime()).toBe(world.clock.now().getTime() + 0.65 * 48 * HOUR_MS)
    expect(await channelsOf(world, ics)).toEqual([])
    // What changed between the last reading and the channel would never have been said.
    expect(await takeSyncs(world)).toBe(1)

    world.google.as('ana@example.com').insert(eventAt('2026-11-24T09:00:00Z'))
    await world.google.push.settled()
    expect(await takeSyncs(world)).toBe(1)
    expect(await renew(world)).toMatchObject({ opened: 0, stopped: 0 })
  })

  test('tells the sync until when notices are to be expected, once one has come', async () => {
    const id = await seedGoogleCalendar(world, 'ana@example.com')
    world.google.push.hold()
    await renew(world)
    expect((await calendarOf(world, id)).watchedUntil).toBeNull()
    world.google.push.release()
    await world.google.push.settled()
    expect((await calendarOf(world, id)).watchedUntil?.getTime()).toBe(world.clock.now().getTime() + 48 * HOUR_MS)
  })

  test('has its secret stored as a digest only, and each has another', async () => {
    await seedGoogleCalendar(world, 'ana@example.com')
    await seedGoogleCalendar(world, 'ben@example.com')
    await renew(world)
    const secrets = world.google.channels.live().map(({ token }) => token as string)
    expect(new Set(secrets).size).toBe(2)
    const stored = JSON.stringify(await world.app.db.selectFrom('pushChannel').selectAll().execute())
    for (const secret of secrets) expect(stored).not.toContain(secret)
  })

  // Facts, row 17: the first message may come before the answer.
  test('whose first message comes before the answer is known already', async () => {
    world.google.doubts.syncBeforeWatchAnswer = true
    const id = await seedGoogleCalendar(world, 'ana@example.com')
    await renew(world)
    expect(world.google.push.delivered.at(-1)).toMatchObject({ state: 'sync', status: 204 })
    expect(await channelsOf(world, id)).toMatchObject([{ state: 'open', lastDeliveryAt: world.clock.now() }])
    expect((await calendarOf(world, id)).watchedUntil).not.toBeNull()
  })

  test('with little life left gets a successor before it is stopped', async () => {
    const id = await seedGoogleCalendar(world, 'ana@example.com')
    await renew(world)
    await takeSyncs(world)
    const [first] = liveIds(world)
    world.clock.advance(32 * HOUR_MS)
    const seen = world.google.requests.length
    expect(await renew(world)).toMatchObject({ opened: 1, stopped: 1 })
    const order = world.google.requests.slice(seen).map(({ path }) => path.split('/').at(-1))
    expect(order.filter((name) => name === 'watch' || name === 'stop')).toEqual(['watch', 'stop'])
    expect(await channelsOf(world, id)).toMatchObject([{ id: first, state: 'closed' }, { state: 'open' }])
    expect(liveIds(world)).toHaveLength(1)
    expect(liveIds(world)).not.toContain(first)
    // Nothing could be missed, so nothing is read for it.
    expect(await takeSyncs(world)).toBe(0)
  })

  // Defect 31 of the predecessor: it stopped the old channel first and was without any when the new one failed.
  test('stays as it is when its successor cannot be opened; that is tried again later, ever more rarely', async () => {
    const id = await seedGoogleCalendar(world, 'ana@example.com')
    await renew(world)
    const [first] = liveIds(world)
    world.clock.advance(32 * HOUR_MS)
    const pausesMs: number[] = []
    for (let attempt = 0; attempt < 3; attempt++) {
      const result = await renewChannels({
        ...world.app.channels,
        providers: withPush(world, { watch: () => Promise.reject(unavailable()) }),
        addressOf: () => world.noticeAddress,
        random: () => 0.5,
      })
      expect(result).toMatchObject({ opened: 0, failed: 1, stopped: 0 })
      const push = await pushOf(world, id)
      expect(push).toMatchObject({ failureCount: attempt + 1, failureCode: 'google_unavailable', isRefused: false })
      pausesMs.push((push?.nextTryAt.getTime() ?? 0) - world.clock.now().getTime())
      // Not yet its turn.
      expect(await renew(world)).toMatchObject({ opened: 0, failed: 0 })
      world.clock.set(push?.nextTryAt ?? '')
    }
    expect(pausesMs).toEqual([MINUTE_MS, 2 * MINUTE_MS, 4 * MINUTE_MS])
    expect(liveIds(world)).toEqual([first])
    expect(await renew(world)).toMatchObject({ opened: 1 })
    expect(await pushOf(world, id)).toMatchObject({ failureCount: 0, failureMessage: null })
  })

  test('24: whose successor cannot be opened lasts until it runs out; then its calendar is looked at more often, and the page says why', async () => {
    const id = await seedGoogleCalendar(world, 'ana@example.com')
    await renew(world)
    await world.google.push.settled()
    const pauseMs = async () => {
      await syncCalendar(world.app.sync, { calendarId: id })
      return (await calendarOf(world, id)).nextSyncAt.getTime() - world.clock.now().getTime()
    }
    const providers = withPush(world, { watch: () => Promise.reject(unavailable()) })
    const failToRenew = () => renewChannels({ ...world.app.channels, providers, addressOf: () => world.noticeAddress })
    world.clock.advance(40 * HOUR_MS)
    for (let attempt = 0; attempt < 3; attempt++) {
      expect(await failToRenew()).toMatchObject({ failed: 1, stopped: 0 })
      world.clock.set((await pushOf(world, id))?.nextTryAt ?? '')
    }
    expect(liveIds(world)).toHaveLength(1)
    expect(await pauseMs()).toBeGreaterThanOrEqual(45 * MINUTE_MS)
    world.clock.advance(9 * HOUR_MS)
    await failToRenew()
    expect(await pauseMs()).toBeLessThanOrEqual(19 * MINUTE_MS)
    const overviews = await listChannelOverviews(world.app.db, id)
    expect(overviews).toMatchObject([{ channel: null, failureMessage: 'Google answered with status 503.' }])
  })

  // Facts, row 23.
  test('that ran out while nobody was there is opened anew, and its calendar read once', async () => {
    const ids = await Promise.all(people.map(({ email }) => seedGoogleCalendar(world, email)))
    await renew(world)
    await takeSyncs(world)
    world.clock.advance(72 * HOUR_MS)
    expect(await renew(world)).toMatchObject({ opened: 3, failed: 0 })
    expect(await takeSyncs(world)).toBe(3)
    for (const id of ids) {
      expect(await channelsOf(world, id)).toMatchObject([{ state: 'closed' }, { state: 'open' }])
    }
    expect(liveIds(world)).toHaveLength(3)
  })

  // Facts, row 27.
  test('of another address is replaced, without a gap, when ours changes', async () => {
    const id = await seedGoogleCalendar(world, 'ana@example.com')
    await renew(world, { address: 'http://127.0.0.1:9/webhook/google-calendar' })
    const [first] = liveIds(world)
    expect(await renew(world)).toMatchObject({ opened: 1, stopped: 1 })
    expect(world.google.channels.live()).toMatchObject([{ address: world.noticeAddress }])
    expect(liveIds(world)).not.toContain(first)
    expect(await channelsOf(world, id)).toMatchObject([{ state: 'closed' }, { state: 'open' }])
  })

  test('is stopped for everybody when there is no address any more', async () => {
    const id = await seedGoogleCalendar(world, 'ana@example.com')
    await renew(world)
    await world.google.push.settled()
    expect(await renew(world, { address: undefined })).toMatchObject({ opened: 0, stopped: 1 })
    expect(liveIds(world)).toEqual([])
    expect((await calendarOf(world, id)).watchedUntil).toBeNull()
  })

  test('of a calendar that was disconnected is stopped', async () => {
    const id = await seedGoogleCalendar(world, 'ana@example.com')
    await renew(world)
    await world.app.db.updateTable('calendar').set({ state: 'disconnected' }).where('id', '=', id).execute()
    expect(await renew(world)).toMatchObject({ opened: 0, stopped: 1 })
    expect(liveIds(world)).toEqual([])
  })

  test('that Google has dropped counts as stopped', async () => {
    const id = await seedGoogleCalendar(world, 'ana@example.com')
    await renew(world)
    for (const live of liveIds(world)) world.google.channels.drop(live)
    await world.app.db.updateTable('calendar').set({ state: 'disconnected' }).where('id', '=', id).execute()
    expect(await renew(world)).toMatchObject({ stopped: 1 })
    expect(await channelsOf(world, id)).toMatchObject([{ state: 'closed' }])
  })

  // Facts, row 28.
  test('is asked for once a day only where Google refuses it for good', async () => {
    const id = await seedGoogleCalendar(world, 'dov@example.com')
    expect(await renew(world)).toMatchObject({ opened: 0, failed: 1 })
    const push = await pushOf(world, id)
    expect(push).toMatchObject({ isRefused: true, failureCode: 'google_not_calendar_user' })
    expect((push?.nextTryAt.getTime() ?? 0) - world.clock.now().getTime()).toBe(24 * HOUR_MS)
    world.clock.advance(23 * HOUR_MS)
    expect(await renew(world)).toMatchObject({ opened: 0, failed: 0 })
    world.clock.advance(HOUR_MS)
    expect(await renew(world)).toMatchObject({ failed: 1 })
  })

  test('of nobody is asked for while Google lets nobody in', async () => {
    const ids = await Promise.all(people.map(({ email }) => seedGoogleCalendar(world, email)))
    world.google.serviceAccount.trouble = 'disabled_client'
    const result = await renew(world)
    expect(result).toMatchObject({ opened: 0, failed: 0 })
    expect(result.problem).toContain('service account')
    for (const id of ids) expect(await pushOf(world, id)).toBeUndefined()
    world.google.serviceAccount.trouble = null
    world.clock.advance(2 * MINUTE_MS)
    // One finds out that the door is open; the others follow a minute later at the latest.
    const rounds = [await renew(world), await renew(world)]
    expect(rounds.reduce((sum, { opened }) => sum + opened, 0)).toBe(3)
  })

  test('whose opening was cut short is ended, since its first message said what to stop', async () => {
    const id = await seedGoogleCalendar(world, 'ana@example.com')
    const cutShort = withPush(world, {
      watch: async (input) => {
        await world.app.channels.providers.google.push?.watch(input)
        await world.google.push.settled()
        throw unavailable()
      },
    })
    await renewChannels({ ...world.app.channels, providers: cutShort, addressOf: () => world.noticeAddress })
    expect(liveIds(world)).toHaveLength(1)
    expect(await channelsOf(world, id)).toMatchObject([{ state: 'opening' }])
    world.clock.advance(11 * MINUTE_MS)
    expect(await renew(world)).toMatchObject({ opened: 1, stopped: 1 })
    expect(await channelsOf(world, id)).toMatchObject([{ state: 'closed' }, { state: 'open' }])
    expect(liveIds(world)).toHaveLength(1)
  })

  // Facts, row 16.
  test('over which a notice was lost is counted and replaced; one that was only late is not', async () => {
    const ana = await seedGoogleCalendar(world, 'ana@example.com')
    const ben = await seedGoogleCalendar(world, 'ben@example.com')
    await renew(world)
    await world.google.push.settled()
    world.clock.advance(HOUR_MS)
    const [first] = await channelsOf(world, ana)
    await noteUnannounced(world.app.db, ana, world.clock.now())
    await noteUnannounced(world.app.db, ben, world.clock.now())
    world.google.as('ben@example.com').insert(eventAt('2026-11-24T09:00:00Z'))
    await world.google.push.settled()
    expect(await renew(world)).toMatchObject({ lost: 0, opened: 0 })
    world.clock.advance(2 * MINUTE_MS)
    expect(await renew(world)).toMatchObject({ lost: 1, opened: 1, stopped: 1 })
    expect(await pushOf(world, ana)).toMatchObject({ lostCount: 1, unannouncedAt: null })
    expect(await pushOf(world, ben)).toMatchObject({ lostCount: 0, unannouncedAt: null })
    expect(liveIds(world)).not.toContain(first?.id)
  })

  test('whose notice did not come is found out by the next look; what a notice announced is not', async () => {
    const id = await seedGoogleCalendar(world, 'cleo@example.com')
    await syncCalendar(world.app.sync, { calendarId: id })
    await renew(world)
    await world.google.push.settled()
    await syncCalendar(world.app.sync, { calendarId: id })
    const { transport } = world.google.push
    const { copies } = transport
    transport.copies = () => 0
    world.google.as('cleo@example.com').insert(eventAt('2026-11-24T09:00:00Z'))
    await world.google.push.settled()
    expect(await syncCalendar(world.app.sync, { calendarId: id })).toMatchObject({ isUnannounced: true })
    transport.copies = copies
    world.google.as('cleo@example.com').insert(eventAt('2026-11-24T10:00:00Z'))
    await world.google.push.settled()
    expect((await syncCalendar(world.app.sync, { calendarId: id })).isUnannounced).toBeUndefined()
  })

  test('whose notices never come is silent: it is said, looked at often and replaced now and then, until one comes', async () => {
    const id = await seedGoogleCalendar(world, 'ana@example.com')
    const calendar = world.google.as('ana@example.com')
    const { transport } = world.google.push
    const { copies } = transport
    transport.copies = ({ state }) => (state === 'sync' ? 1 : 0)
    // What is due is read as the poll does it; something changes now and then.
    const pass = async (hours: number, changesEveryMinutes: number) => {
      let looks = 0
      for (let minute = 0; minute < hours * 60; minute += 5) {
        if (minute % changesEveryMinutes === 0) calendar.insert(eventAt('2027-01-24T09:00:00Z'))
        await world.google.push.settled()
        await renew(world)
        await world.google.push.settled()
        const { nextSyncAt } = await calendarOf(world, id)
        if (nextSyncAt <= world.clock.now()) {
          const result = await syncCalendar(world.app.sync, { calendarId: id })
          if (result.isUnannounced) await noteUnannounced(world.app.db, id, world.clock.now())
          looks += 1
        }
        world.clock.advance(5 * MINUTE_MS)
      }
      return looks
    }
    await pass(3, 60)
    expect((await pushOf(world, id))?.silentSince).not.toBeNull()
    expect((await calendarOf(world, id)).watchedUntil).toBeNull()
    const overview = async () => (await listChannelOverviews(world.app.db, id))[0]
    expect(await overview()).toMatchObject({ lastNoticeAt: null, silentSince: expect.any(Date), lostCount: 1 })
    expect(await listSilentCalendars(world.app.db, world.clock.now(), 10)).toMatchObject([{ id }])
    const before = (await channelsOf(world, id)).length
    expect(await pass(8, 60)).toBeGreaterThan(8 * 2)
    expect(await channelsOf(world, id)).toHaveLength(before)
    for (let day = 0; day < 4; day++) {
      world.clock.advance(23 * HOUR_MS)
      await pass(1, 60)
    }
    expect((await channelsOf(world, id)).length).toBeLessThanOrEqual(before + 5)

    transport.copies = copies
    await pass(1, 60)
    expect(await overview()).toMatchObject({ lastNoticeAt: expect.any(Date), silentSince: null })
    expect((await calendarOf(world, id)).watchedUntil).not.toBeNull()
    expect(await listSilentCalendars(world.app.db, world.clock.now(), 10)).toEqual([])
  })

  test('is forgotten a week after its end', async () => {
    const id = await seedGoogleCalendar(world, 'ana@example.com')
    await renew(world)
    await renew(world, { address: undefined })
    world.clock.advance(6 * 24 * HOUR_MS)
    await renew(world, { address: undefined })
    expect(await channelsOf(world, id)).toHaveLength(1)
    world.clock.advance(2 * 24 * HOUR_MS)
    await renew(world, { address: undefined })
    expect(await channelsOf(world, id)).toEqual([])
  })
})
