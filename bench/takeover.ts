import { setTimeout as wait } from 'node:timers/promises'
import { startSandbox } from '../sandbox/start-sandbox.ts'
import { systemClock } from '../src/base/clock.ts'
import { startCountingRooms } from '../test/support/counting-rooms.ts'
import { startWorkerProcess } from '../test/support/worker-process.ts'
import { atMost, type Bench, type BenchContext, type Figure, median, reported, timed } from './figure.ts'
import { createBenchMeetings } from './meetings.ts'

const MEETINGS = 20
const IN_BROWSERS = 3
const BOT_NAME = 'Meeting Assistant'
const PATIENCE_MS = 120_000

export const takeoverBench: Bench = {
  name: 'takeover',
  about: 'A worker with 20 meetings is killed (SIGKILL): how long until all are attended again?',
  async run(context) {
    const stubs: number[] = []
    let yardstickMs = 0
    let peak = 0
    for (let round = 0; round < (context.full ? 5 : 2); round++) {
      const result = await killWithCountingRooms(context)
      stubs.push(result.seconds)
      yardstickMs = result.yardstickMs
      peak = Math.max(peak, result.peak)
    }
    const browsers = await killWithBrowsers(context)
    return [
      reported('yardstick: one small read', yardstickMs, 'ms'),
      reported(`${MEETINGS} meetings, bots without browsers, median`, median(stubs), 's'),
      atMost(`${MEETINGS} meetings, bots without browsers, slowest round`, Math.max(...stubs), 's', 30),
      atMost('bots in one room at once', peak, '', 1),
      ...browsers,
    ]
  },
}

async function killWithCountingRooms({ note }: BenchContext) {
  await using meetings = await createBenchMeetings()
  await using rooms = await startCountingRooms()
  const yardstick = await timed(() => meetings.app.db.selectFrom('setting').selectAll().execute())
  await meetings.plan(MEETINGS, new Date())
  const env = { ROOMS_PORT: String(rooms.port), BOTS_MAX: String(MEETINGS) }
  await using first = await startWorkerProcess(meetings.databaseUrl, env)
  await until(() => rooms.occupied() === MEETINGS)
  // Another folder, no shared disk.
  await using second = await startWorkerProcess(meetings.databaseUrl, env)
  void second
  first.signal('SIGKILL')
  const { ms } = await timed(async () => {
    await until(() => rooms.occupied() < MEETINGS)
    await until(() => rooms.occupied() === MEETINGS)
  })
  note(`all attended again after ${(ms / 1_000).toFixed(1)} s`)
  return { seconds: ms / 1_000, yardstickMs: yardstick.ms, peak: rooms.peak() }
}

/** The same with real browsers in the sandbox's rooms, which count who is there. */
async function killWithBrowsers({ note }: BenchContext): Promise<Figure[]> {
  await using sandbox = await startSandbox({ clock: systemClock })
  await using meetings = await createBenchMeetings()
  await meetings.plan(IN_BROWSERS, new Date(), sandbox.origin)
  const rooms = Array.from({ length: IN_BROWSERS }, (_, i) => sandbox.rooms.room(`bench-${i}`))
  const isOurs = (visit: { joinedAs: string }) => visit.joinedAs === BOT_NAME
  const areIn = () => rooms.every((room) => room.participants().filter(isOurs).length === 1)
  await using first = await startWorkerProcess(meetings.databaseUrl)
  await until(areIn)
  await using second = await startWorkerProcess(meetings.databaseUrl)
  const killed = await timed(async () => {
    first.signal('SIGKILL')
    await until(() => rooms.every((room) => room.visits.filter(isOurs).length === 2) && areIn())
  })
  note(`${IN_BROWSERS} browsers are back after ${(killed.ms / 1_000).toFixed(1)} s`)
  const hosts = await timed(async () => {
    for (const pid of second.hosts()) process.kill(pid, 'SIGKILL')
    await until(() => rooms.every((room) => room.visits.filter(isOurs).length === 3) && areIn())
  })
  note(`after their bot hosts were killed: ${(hosts.ms / 1_000).toFixed(1)} s`)
  return [
    atMost(`${IN_BROWSERS} meetings in browsers, worker killed`, killed.ms / 1_000, 's', 30),
    atMost(`${IN_BROWSERS} meetings in browsers, bot hosts killed`, hosts.ms / 1_000, 's', 15),
    atMost('rooms with two of ours at once', rooms.filter((room) => room.wereEverPresentAtOnce(isOurs)).length, '', 0),
  ]
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  while (!holds()) {
    if (Date.now() > deadline) throw new Error('Not within two minutes')
    await wait(50)
  }
}
