import { type Clock, systemClock } from '../../src/base/clock.ts'
import { Resources } from '../../src/base/resources.ts'
import { Attendance, type AttendanceDeps } from '../../src/features/attendance/attendance.ts'
import { tellMove } from '../../src/features/attendance/runners/runner.contract.ts'
import type { RunnerName } from '../../src/features/bots/index.ts'
import { type Meeting, noteWhereLinkLed } from '../../src/features/meetings/index.ts'
import { settleMeeting } from '../../src/pipeline.ts'
import { createTestApp, type TestApp } from './app.ts'
import { planMeetings } from './planned-meetings.ts'
import { createStubRunner, type StubRunner } from './stub-runner.ts'

const ORIGIN = 'http://127.0.0.1:9'

/** Workers that attend with a stub runner, on one database and one queue that keeps its house. */
export interface AttendanceWorld extends AsyncDisposable, TestApp {
  /** The rooms of all workers. */
  rooms: StubRunner
  startWorker(options?: Partial<AttendanceDeps>): Attendance
  /** Those that were started, in order. */
  workers: readonly Attendance[]
  /** A meeting that is to be attended, from and to in seconds from now; its bot is scheduled. */
  plan(room: string, from: number, to: number, more?: Partial<Meeting>): Promise<Meeting>
  urlOf(room: string): string
  bots(): Promise<{ id: string; meetingId: string; state: string; outcome: string | null; jobId: string | null }[]>
  eventsOf(meetingId: string): Promise<string[]>
  /** Jobs that wait or are held. */
  liveJobs(): Promise<number>
}

export async function createAttendanceWorld(
  options: {
    hasSound?: boolean
    runnerOf?: (platform: string) => RunnerName
    clock?: Clock
    env?: Record<string, string>
  } = {},
): Promise<AttendanceWorld> {
  const resources = new Resources()
  const rooms = createStubRunner(options)
  const testApp = resources.use(
    await createTestApp({
      clock: options.clock ?? systemClock,
      runsJobs: true,
      sandbox: { origin: ORIGIN, dataDir: '/nonexistent' },
      runnerOf: options.runnerOf ?? (() => 'browser'),
      env: {
        CREDENTIALS_ENCRYPTION_KEY: 'a'.repeat(32),
        TRANSCRIPT_TOKEN_SECRET: 'a secret of this test',
        ...options.env,
      },
    }),
  )
  const { app } = testApp
  const { db, queue, clock, log } = app
  const workers: Attendance[] = []
  const urlOf = (room: string) => `${ORIGIN}/rooms/${room}`
  return {
    ...testApp,
    rooms,
    urlOf,
    workers,
    startWorker(more = {}) {
      const worker = resources.use(
        new Attendance({
          db,
          queue,
          clock,
          log,
          voices: undefined,
          runners: { browser: rooms },
          capacity: 50,
          total: 50,
          botName: 'Our bot',
          otherBotNames: [],
          chatLine: '',
          signals: app.signals,
          settled: (trx, meeting) => settleMeeting(app, trx, meeting),
          leadsThere: (input) => noteWhereLinkLed({ ...app.reconcile, db, readLink: app.readLink }, input),
          ...more,
        }),
      )
      workers.push(worker)
      return worker
    },
    async plan(room, from, to, more) {
      const at = (seconds: number) => new Date(clock.now().getTime() + seconds * 1_000)
      const [meeting] = await planMeetings(app, [
        { url: urlOf(room), startsAt: at(from), endsAt: at(to), ...(more ? { more } : {}) },
      ])
      return meeting as Meeting
    },
    bots: () =>
      db
        .selectFrom('bot')
        .select(['id', 'meetingId', 'state', 'outcome', 'jobId'])
        .orderBy('joinAt')
        .orderBy('createdAt')
        .execute(),
    async eventsOf(meetingId) {
      const rows = await db
        .selectFrom('botEvent')
        .innerJoin('bot', 'bot.id', 'botEvent.botId')
        .select(['botEvent.type', 'botEvent.subType'])
        .where('bot.meetingId', '=', meetingId)
        .orderBy('botEvent.id')
        .execute()
      return rows.map(({ type, subType }) => tellMove({ event: type, end: subType }))
    },
    async liveJobs() {
      const { rows } = await queue.boss
        .getDb()
        .executeSql(
          `select count(*)::int as count from rapporteur_jobs.job where name = 'attend-meeting' and state <= 'active'`,
        )
      return (rows[0] as { count: number }).count
    },
    [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose](),
  }
}
