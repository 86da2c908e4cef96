import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { agendaUid } from '../../sandbox/agenda.ts'
import type { GoogleFault } from '../../sandbox/google-faults.ts'
import { amara, benedict, juergen, kenji, layla, rosa, sebnem, tomasz } from '../../sandbox/organisation.ts'
import { type Sandbox, startSandbox } from '../../sandbox/start-sandbox.ts'
import { startWorker } from '../../src/app.ts'
import { systemClock } from '../../src/base/clock.ts'
import { Resources } from '../../src/base/resources.ts'
import { connectConfiguredCalendars } from '../../src/entrypoints/cli/configured-calendars.ts'
import {
  createNoticeReceiver,
  listCalendars,
  renewChannels,
  syncCalendar,
  syncPeopleNow,
} from '../../src/features/calendars/index.ts'
import { wakeChangedCalendars } from '../../src/pipeline.ts'
import { createTestApp, type TestApp } from '../support/app.ts'
import { until } from '../support/until.ts'
import { startTestWeb } from '../support/web.ts'

const SECRETS = {
  CREDENTIALS_ENCRYPTION_KEY: 'correct-horse-battery-staple-32c',
  TRANSCRIPT_TOKEN_SECRET: 'a secret of this test',
}

describe('The pretend organisation, connected by its settings', () => {
  const resources = new Resources()
  let sandbox: Sandbox
  let app: TestApp['app']
  let calendars: Map<string, string>

  const post = (path: string, form: Record<string, string>) =>
    fetch(`${sandbox.origin}/people/${path}`, {
      method: 'POST',
      body: new URLSearchParams(form),
      redirect: 'manual',
    })
  const uidOf = (name: string) => agendaUid(sandbox, name)
  const invitation = (email: string, name: string) => `${email}/invitations/${encodeURIComponent(uidOf(name))}`
  const eventsOf = (email: string, uid: string) =>
    app.db
      .selectFrom('event')
      .select(['startsAt', 'isCancelled', 'ownResponse'])
      .where('calendarId', '=', calendars.get(email) ?? '')
      .where('uid', '=', uid)
      .execute()
  const meetingOf = (title: string) =>
    app.db.selectFrom('meeting').selectAll().where('title', '=', title).executeTakeFirst()
  const sync = (email: string) => syncCalendar(app.sync, { calendarId: calendars.get(email) ?? '' })

  beforeAll(async () => {
    sandbox = resources.use(await startSandbox({ clock: systemClock }))
    let receiver: ReturnType<typeof createNoticeReceiver> | undefined
    const web = resources.use(
      await startTestWeb({
        receiveNotice: async (notice) => (await receiver?.receive(notice)) ?? 'unknown_channel',
      }),
    )
    const testApp = resources.use(
      await createTestApp({
        clock: systemClock,
        runsJobs: true,
        sandbox: { origin: sandbox.origin, dataDir: '' },
        env: {
          ...SECRETS,
          ...sandbox.environment,
          GOOGLE_CALENDAR_WEBHOOK_URL: `${web.origin}/dashboard/webhook/google-calendar/`,
        },
      }),
    )
    app = testApp.app
    receiver = createNoticeReceiver({ ...app, markChanged: (trx, ids) => wakeChangedCalendars(app, trx, ids) })
    await connectConfiguredCalendars(app)
    const work = await startWorker(app)
    resources.defer(() => work.drain(10_000))
    const all = await until(
      () => listCalendars(app.db),
      (found) => found.filter(({ lastSuccessAt }) => lastSuccessAt !== null).length === 8,
    )
    calendars = new Map(all.map(({ id, ownerEmail }) => [ownerEmail, id]))
    // As the job does each minute.
    await renewChannels(app.channels)
    await until(
      () => sandbox.google.channels.live(),
      (live) => live.length >= 6,
    )
  })
  afterAll(() => resources[Symbol.asyncDispose]())

  test('has everybody’s calendar read as soon as a worker starts, nobody having consented to anything', async () => {
    const rows = await app.db.selectFrom('calendar').select(['ownerEmail', 'provider', 'access']).execute()
    const by = (provider: string) => rows.filter((row) => row.provider === provider).map(({ ownerEmail }) => ownerEmail)
    const atGoogle = [amara, benedict, juergen, kenji, layla, tomasz].map(({ email }) => email)
    expect(by('google').sort()).toEqual(atGoogle)
    expect(by('ics').sort()).toEqual([rosa.email, sebnem.email])
    const asked = sandbox.google.requests.map(({ path }) => path)
    expect(asked.filter((path) => path.startsWith('/token'))).not.toEqual([])
    expect(asked.filter((path) => path.startsWith('/o/oauth2'))).toEqual([])
  })

  test('has one meeting of copies at Google and in files', async () => {
    const meetings = await app.db.selectFrom('meeting').select('uid').where('title', '=', 'Stand-up').execute()
    expect(meetings).toEqual([{ uid: uidOf('stand-up') }])
    const copies = await app.db
      .selectFrom('event')
      .innerJoin('calendar', 'calendar.id', 'event.calendarId')
      .select(['provider', 'organizerEmail', 'startsAt'])
      .where('event.uid', '=', uidOf('stand-up'))
      .execute()
    expect(copies.map(({ provider }) => provider).sort()).toEqual(['google', 'google', 'google', 'ics'])
    expect(new Set(copies.map(({ startsAt, organizerEmail }) => `${startsAt.getTime()} ${organizerEmail}`)).size).toBe(
      1,
    )
  })

  test('tells of a change by hand at once: a meeting that is moved, answered, made and cancelled at Google', async () => {
    const before = await meetingOf('Design review: desk lamp')
    await post(invitation(kenji.email, 'design-review'), { action: 'move' })
    const later = (before?.startsAt.getTime() ?? 0) + 15 * 60_000
    await until(
      () => eventsOf(kenji.email, uidOf('design-review')),
      ([event]) => event?.startsAt.getTime() === later,
    )
    await post(invitation(juergen.email, 'stand-up'), { action: 'decline' })
    await until(
      () => eventsOf(juergen.email, uidOf('stand-up')),
      ([event]) => event?.ownResponse === 'declined',
    )
    const form = { title: 'By hand', location: 'den', inMinutes: '30', lengthMinutes: '10', invitees: layla.email }
    await post(`${tomasz.email}/invitations`, form)
    const made = await until(() => meetingOf('By hand'), Boolean)
    expect(made?.roomId).toContain('den')
    const uid = sandbox.calendars.of(layla.email).find(({ title }) => title === 'By hand')?.uid ?? ''
    await post(`${tomasz.email}/invitations/${encodeURIComponent(uid)}`, { action: 'cancel' })
    await until(
      () => Promise.all([tomasz, layla].map(({ email }) => eventsOf(email, uid))),
      (events) => events.flat().every(({ isCancelled }) => isCancelled),
    )
  })

  test('has changes by hand in a file found with its next reading', async () => {
    await post(invitation(rosa.email, 'customer-call'), { action: 'move' })
    const [before] = await eventsOf(rosa.email, uidOf('customer-call'))
    expect(await sync(rosa.email)).toMatchObject({ outcome: 'changed' })
    const [after] = await eventsOf(rosa.email, uidOf('customer-call'))
    expect(after?.startsAt.getTime()).toBe((before?.startsAt.getTime() ?? 0) + 15 * 60_000)
    // Kenji has it at Google, and was told.
    await until(
      () => eventsOf(kenji.email, uidOf('customer-call')),
      ([event]) => event?.startsAt.getTime() === after?.startsAt.getTime(),
    )
  })

  const problems: [GoogleFault, string][] = [
    ['not_a_calendar_user', 'google_not_calendar_user'],
    ['forbidden', 'google_forbidden'],
    ['backend_error', 'google_unavailable'],
    ['html', 'google_unreadable_answer'],
    ['empty', 'google_unreadable_answer'],
    ['cut', 'google_unavailable'],
    ['reset', 'google_unavailable'],
    ['account_suspended', 'google_user_unknown'],
  ]
  test.each(problems)(
    'shows what %s at Google does to one person’s calendar, and nothing once it is taken away',
    async (fault, code) => {
      sandbox.setFault(layla.email, fault)
      const { problem } = await sync(layla.email)
      expect(problem?.code).toBe(code)
      sandbox.setFault(layla.email, null)
      expect((await sync(layla.email)).problem).toBeUndefined()
    },
  )

  test('is read as a whole where Google refuses one person’s sync token, and nothing changes', async () => {
    await sync(layla.email)
    const before = await eventsOf(layla.email, uidOf('stand-up'))
    sandbox.setFault(layla.email, 'sync_token_gone')
    const asked = sandbox.google.requests.length
    expect((await sync(layla.email)).problem).toBeUndefined()
    const lists = sandbox.google.requests.slice(asked).filter(({ path }) => path.includes('/events'))
    expect(lists.map(({ status }) => status)).toEqual(expect.arrayContaining([410, 200]))
    expect(await eventsOf(layla.email, uidOf('stand-up'))).toEqual(before)
    sandbox.setFault(layla.email, null)
  })

  test('lets go of who is suspended, and takes them back', async () => {
    const stateOf = async (email: string) => {
      const row = await app.db.selectFrom('calendar').select('state').where('ownerEmail', '=', email).executeTakeFirst()
      return row?.state
    }
    sandbox.setFault(benedict.email, 'account_suspended')
    await syncPeopleNow(app.people)
    expect([await stateOf(benedict.email), await stateOf(amara.email)]).toEqual(['disconnected', 'connected'])
    sandbox.setFault(benedict.email, null)
    await syncPeopleNow(app.people)
    await sync(benedict.email)
    expect(await stateOf(benedict.email)).toBe('connected')
  })

  test('finds with the next reading what a lost notice did not say', async () => {
    sandbox.setFault(kenji.email, 'notices_lost')
    await post(invitation(kenji.email, 'teams'), { action: 'decline' })
    await sandbox.google.push.settled()
    const { id } = sandbox.google.directory.find(kenji.email) ?? {}
    const lost = sandbox.google.push.delivered.filter(({ status }) => status === null)
    expect(new Set(lost.map(({ channel }) => channel.personId))).toEqual(new Set([id]))
    await sync(kenji.email)
    expect(await eventsOf(kenji.email, uidOf('teams'))).toMatchObject([{ ownResponse: 'declined' }])
  })

  test('leaves Google alone for a while where it has had too many of one person’s requests, and says until when', async () => {
    sandbox.setFault(layla.email, 'user_rate_limit')
    expect(await sync(layla.email)).toMatchObject({
      outcome: 'postponed',
      problem: { code: 'google_rate_limited', retryAfterMs: expect.any(Number) },
    })
    sandbox.setFault(layla.email, null)
    const asked = sandbox.google.requests.length
    expect(await sync(layla.email)).toMatchObject({ outcome: 'postponed', problem: { code: 'google_budget_spent' } })
    expect(sandbox.google.requests).toHaveLength(asked)
  })
})
