import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { startSandbox } from '../../sandbox/start-sandbox.ts'
import { systemClock } from '../../src/base/clock.ts'
import { Resources } from '../../src/base/resources.ts'
import { botHostScript } from '../../src/entrypoints/bot-process/bot-host-script.ts'
import { Attendance } from '../../src/features/attendance/attendance.ts'
import { createBotHostPool } from '../../src/features/attendance/runners/browser/bot-host-pool.ts'
import { askForBot, refuseBot } from '../../src/features/meetings/index.ts'
import { readParts } from '../../src/features/recordings/index.ts'
import { settleMeeting } from '../../src/pipeline.ts'
import { createTestApp } from '../support/app.ts'
import { browserOptions } from '../support/browser.ts'
import { signalProcess } from '../support/processes.ts'
import { until } from '../support/until.ts'

test('a bot whose host is killed is back in its room as a new attempt, never two at once; a job that comes back is adopted; a person’s no ends it', async () => {
  await using resources = new Resources()
  const sandbox = resources.use(await startSandbox({ clock: systemClock }))
  const { app } = resources.use(
    await createTestApp({
      clock: systemClock,
      runsJobs: true,
      sandbox: { origin: sandbox.origin, dataDir: '/nonexistent' },
      runnerOf: () => 'browser',
      env: { CREDENTIALS_ENCRYPTION_KEY: 'a'.repeat(32), TRANSCRIPT_TOKEN_SECRET: 'a secret of this test' },
    }),
  )
  const pool = resources.use(createBotHostPool({ script: botHostScript, browser: browserOptions, botsPerHost: 2 }))
  const { db, queue, clock, log } = app
  const attendance = resources.use(
    new Attendance({
      db,
      queue,
      clock,
      log,
      voices: undefined,
      runners: { browser: pool },
      capacity: 5,
      total: 5,
      botName: 'Our bot',
      otherBotNames: [],
      chatLine: '',
      signals: app.signals,
      settled: (trx, meeting) => settleMeeting(app, trx, meeting),
    }),
  )
  void attendance
  const room = sandbox.rooms.room('crash')
  const isOurs = (visit: { joinedAs: string }) => visit.joinedAs === 'Our bot'
  const url = `${sandbox.origin}/rooms/crash`
  const meeting = await askForBot(
    { ...app.reconcile, db },
    { room: { platform: 'sandbox', roomId: url, url }, by: 'test' },
  )
  const bots = () => db.selectFrom('bot').select(['id', 'state', 'jobId']).orderBy('createdAt').execute()
  const [first] = await until(bots, ([bot]) => bot?.state === 'joined_recording')

  await sql`update rapporteur_jobs.job set state = 'retry', start_after = now() where id = ${first?.jobId}`.execute(db)
  const stateOfJob = async () => {
    const { rows } = await sql<{
      state: string
    }>`select state from rapporteur_jobs.job where id = ${first?.jobId}`.execute(db)
    return rows[0]?.state
  }
  await until(stateOfJob, (state) => state === 'active')
  expect(room.visits.filter(isOurs)).toHaveLength(1)

  const [host] = await pool.hosts()
  signalProcess(host?.pid)
  const after = await until(bots, (all) => all.some((bot) => bot.id !== first?.id && bot.state === 'joined_recording'))
  expect(after.map((bot) => bot.state)).toEqual(['fatal_error', 'joined_recording'])
  expect(room.visits.filter(isOurs)).toHaveLength(2)
  expect(room.wereEverPresentAtOnce(isOurs)).toBe(false)

  await refuseBot({ ...app.reconcile, db }, { meetingId: meeting.id, by: 'test' })
  await until(bots, (all) => all.every((bot) => ['ended', 'fatal_error'].includes(bot.state)))
  // The room hears of a goodbye a moment later.
  await room.until(() => room.participants().filter(isOurs).length === 0)
  expect(await readParts(db, meeting.id)).toHaveLength(2)
  await until(stateOfJob, (state) => state === 'completed')
}, 90_000)
