import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startAttendee } from '../../sandbox/attendee/start-attendee.ts'
import { systemClock } from '../../src/base/clock.ts'
import {
  checkAttendeeRecords,
  checkAttendeeTexts,
  tryAttendee,
} from '../../src/entrypoints/cli/doctor/attendee-checks.ts'
import { listTrials } from '../../src/features/attendance/index.ts'
import { moveBot, noteMediaProblem } from '../../src/features/bots/index.ts'
import { loadConfig } from '../../src/platform/config/index.ts'
import { inTransaction } from '../../src/platform/db/index.ts'
import { createTestApp, type TestApp } from '../support/app.ts'
import { planMeetings } from '../support/planned-meetings.ts'

type Attendee = Awaited<ReturnType<typeof startAttendee>>

describe('What doctor says of an Attendee server', () => {
  let attendee: Attendee
  let testApp: TestApp
  beforeAll(async () => {
    attendee = await startAttendee({ clock: systemClock })
    testApp = await createTestApp({ clock: systemClock, env: envOf() })
  })
  afterAll(async () => {
    await testApp[Symbol.asyncDispose]()
    await attendee[Symbol.asyncDispose]()
  })

  const envOf = () => ({ ATTENDEE_API_URL: attendee.origin, ATTENDEE_API_KEY: attendee.apiKey })
  const settings = (more: Record<string, string> = {}) => loadConfig({ ...envOf(), ...more }, '/nonexistent')
  const said = (reports: readonly { outcome: string; message: string }[]) =>
    reports.map(({ outcome, message }) => `${outcome} ${message}`)

  test('with --attendee it says for each platform what the server would, and where recordings may be asked for', async () => {
    attendee.refuse('no_zoom_app', /zoom/)
    const { config, secrets } = settings({ RUNNERS: 'teams=none' })
    const { reports, trial } = await tryAttendee(config, secrets)
    expect(said(reports)).toEqual([
      'ok Google Meet: it would send a bot.',
      expect.stringMatching(/^failed Zoom: .*“Zoom App credentials are required.*Set the Zoom app’s credentials/),
      expect.stringContaining('ATTENDEE_STORAGE_HOSTS'),
    ])
    expect(attendee.bots()).toEqual([])
    const { db } = testApp.app
    await checkAttendeeRecords(db, config, trial)
    expect(await listTrials(db)).toMatchObject([
      { subject: 'google_meet', problem: null, leftBehind: null },
      { subject: 'recordings', problem: null },
      { subject: 'zoom', problem: { code: 'attendee_refused' } },
    ])
    attendee.mend()
    await checkAttendeeRecords(db, config, (await tryAttendee(config, secrets)).trial)
    expect((await listTrials(db)).map(({ problem }) => problem)).toEqual([null, null, null])
  })

  test('it says that a long name was cut, and that a setting is not taken, and which it is', async () => {
    attendee.mend()
    const long = settings({ BOT_NAME: 'x'.repeat(300), RUNNERS: 'teams=none,zoom=none' })
    expect(said((await tryAttendee(long.config, long.secrets)).reports)[0]).toBe('ok Google Meet: it would send a bot.')
    const odd = settings({
      ATTENDEE_SETTINGS: '{"recording_settings":{"reserve_additional_storage":true}}',
      RUNNERS: 'teams=none,zoom=none',
    })
    expect(said((await tryAttendee(odd.config, odd.secrets)).reports)[0]).toMatch(
      /^failed .*“recording_settings\.reserve_additional_storage: Not supported.*ATTENDEE_SETTINGS/,
    )
  })

  test('it says what the server gets of a name and a line that have emoji or are too long', () => {
    const { config } = settings({ BOT_NAME: 'Notes 🤖', BOT_CHAT_MESSAGE: '🎙️' })
    const taken = 'It takes neither emoji nor rare characters'
    expect(said(checkAttendeeTexts(config))).toEqual([
      `warning ${taken}, and of a name 255 characters: of BOT_NAME it gets “Notes”.`,
      `warning ${taken}, and of a line 10,000 characters: of BOT_CHAT_MESSAGE it gets nothing.`,
    ])
    const long = settings({ BOT_NAME: 'x'.repeat(300) })
    expect(said(checkAttendeeTexts(long.config))).toEqual([expect.stringContaining(`“${'x'.repeat(255)}”`)])
    expect(checkAttendeeTexts(settings().config)).toEqual([])
  })

  test('it counts meetings whose link the server does not take, and recordings that could not be fetched', async () => {
    const { app } = testApp
    const { clock } = app
    const at = (minutes: number) => new Date(clock.now().getTime() + minutes * 60_000)
    const plan = (platform: 'zoom' | 'teams' | 'google_meet', url: string, minutes: number) =>
      planMeetings(app, [
        { url, startsAt: at(minutes), endsAt: at(minutes + 30), more: { platform, roomId: url, roomKey: url } },
      ])
    await plan('zoom', 'https://acme.zoomgov.com/j/1612345678', 60)
    await plan('zoom', 'https://acme.zoomgov.com/j/1612345679', 90)
    await plan('teams', 'https://teams.microsoft.com/meet/999', 50)
    const [taken] = await plan('zoom', 'https://zoom.us/j/123456789', 30)
    const { config } = settings()
    expect(said(await checkAttendeeRecords(app.db, config, undefined))).toEqual([
      expect.stringMatching(/^warning 1 meeting to come: .*passcode/),
      expect.stringMatching(/^warning 2 meetings to come: .*no links of this service/),
    ])
    const { id } = await app.db
      .selectFrom('bot')
      .select('id')
      .where('meetingId', '=', taken?.id ?? '')
      .executeTakeFirstOrThrow()
    await app.db
      .insertInto('attendeeBot')
      .values({ botId: id, deduplicationKey: 'k', remoteId: 'r', createdAt: clock.now() })
      .execute()
    const problem = {
      code: 'attendee_media_private',
      message: 'Add storage.internal:9000.',
      host: 'storage.internal:9000',
    }
    await noteMediaProblem(app.db, id, problem, clock.now())
    expect(said(await checkAttendeeRecords(app.db, config, undefined))).toContain(
      'warning 1 recording could not be fetched. Add storage.internal:9000.',
    )
    await noteMediaProblem(app.db, id, null, clock.now())
    expect(await checkAttendeeRecords(app.db, config, undefined)).toHaveLength(2)
    const refused = { id, state: 'staged' as const }
    await inTransaction(app.db, async (trx) => {
      await moveBot(trx, { bot: { id, state: 'scheduled' }, event: 'staged', now: clock.now() })
      const detail = { said: 'The moon is full.' }
      await moveBot(trx, { bot: refused, event: 'fatal_error', end: 'attendee_refused', detail, now: clock.now() })
    })
    expect(said(await checkAttendeeRecords(app.db, config, undefined))).toContainEqual(
      expect.stringMatching(
        /^failed 1 meeting of the last day: The Attendee server refused to send a bot\. “The moon is full\.”/,
      ),
    )
  })
})
