import { setTimeout as wait } from 'node:timers/promises'
import { runnerNames } from '../src/features/bots/index.ts'
import { startCountingRooms } from '../test/support/counting-rooms.ts'
import { startWorkerProcess, type WorkerProcess } from '../test/support/worker-process.ts'
import { atMost, type Bench, quantile, reported, timed } from './figure.ts'
import { createBenchMeetings } from './meetings.ts'

const MEETINGS = 10_000
const WORKERS = 4
/** Planning, staging and a margin; staging itself takes the half minute that jobs are spread over. */
const AHEAD_MS = 150_000
const PATIENCE_MS = 60_000

export const herdBench: Bench = {
  name: 'herd',
  about:
    '10,000 meetings at the same instant, of both runners, over 4 worker processes: how late is each bot launched?',
  async run({ note }) {
    await using meetings = await createBenchMeetings()
    await using rooms = await startCountingRooms()
    const yardstick = await timed(() => meetings.app.db.selectFrom('setting').selectAll().execute())
    const startsAt = new Date(Date.now() + AHEAD_MS)
    const planned = await timed(async () => {
      for (const runner of runnerNames) await meetings.plan(MEETINGS / runnerNames.length, startsAt, { runner })
    })
    note(`${MEETINGS} meetings planned in ${Math.round(planned.ms / 1_000)} s`)
    const workers: WorkerProcess[] = []
    try {
      const env = { ROOMS_PORT: String(rooms.port), BOTS_MAX: String(MEETINGS), SPEECH_PROCESSES: '1' }
      for (let i = 0; i < WORKERS; i++) workers.push(await startWorkerProcess(meetings.databaseUrl, env))
      note(`${WORKERS} workers run; the meetings begin in ${Math.round((startsAt.getTime() - Date.now()) / 1_000)} s`)
      await wait(Math.max(0, startsAt.getTime() - Date.now()))
      const deadline = Date.now() + PATIENCE_MS
      while (rooms.occupied() < MEETINGS && Date.now() < deadline) await wait(100)
    } finally {
      for (const worker of workers) await worker[Symbol.asyncDispose]()
    }
    const offsets = rooms.visits.map(({ cameAtMs, joinAtMs }) => cameAtMs - joinAtMs)
    const attended = new Set(rooms.visits.map(({ url }) => url)).size
    return [
      reported('yardstick: one small read', yardstick.ms, 'ms'),
      reported('planning 10,000 meetings', planned.ms / 1_000, 's'),
      reported('launch after join_at, p50', quantile(offsets, 0.5), 'ms'),
      atMost('launch after join_at, p99', quantile(offsets, 0.99), 'ms', 1_000),
      reported('launch after join_at, max', Math.max(...offsets), 'ms'),
      atMost('meetings not attended', MEETINGS - attended, '', 0),
      atMost('bots that came twice', rooms.visits.length - attended, '', 0),
    ]
  },
}
