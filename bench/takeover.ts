import { startAttendee } from '../sandbox/attendee/start-attendee.ts'
import { startSandbox } from '../sandbox/start-sandbox.ts'
import type { App } from '../src/app.ts'
import { systemClock } from '../src/base/clock.ts'
import { type RunnerName, runnerNames } from '../src/features/bots/index.ts'
import { startCountingRooms } from '../test/support/counting-rooms.ts'
import { signalProcess } from '../test/support/processes.ts'
import { startWorkerProcess } from '../test/support/worker-process.ts'
import { atMost, type Bench, type BenchContext, type Figure, median, reported, timed } from './figure.ts'
import { createBenchMeetings, roomName } from './meetings.ts'
import { until } from './patience.ts'

const MEETINGS = 20
/** In browsers, and as many at an Attendee server. */
const IN_ROOMS = 3
const BOT_NAME = 'Meeting Assistant'

export const takeoverBench: Bench = {
  name: 'takeover',
  about: 'A worker with 20 meetings, of both runners, is killed (SIGKILL): how long until all are attended again?',
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
    const inRooms = await killInRooms(context)
    return [
      reported('yardstick: one small read', yardstickMs, 'ms'),
      reported(`${MEETINGS} meetings, bots without browsers, median`, median(stubs), 's'),
      atMost(`${MEETINGS} meetings, bots without browsers, slowest round`, Math.max(...stubs), 's', 30),
      atMost('bots in one room at once', peak, '', 1),
      ...inRooms,
    ]
  },
}

async function killWithCountingRooms({ note }: BenchContext) {
  await using meetings = await createBenchMeetings()
  await using rooms = await startCountingRooms()
  const yardstick = await timed(() => meetings.app.db.selectFrom('setting').selectAll().execute())
  for (const runner of runnerNames) await meetings.plan(MEETINGS / runnerNames.length, new Date(), { runner })
  const env = { ROOMS_PORT: String(rooms.port), BOTS_MAX: String(MEETINGS) }
  await using first = await startWorkerProcess(meetings.databaseUrl, env)
  const areAllIn = () => until('all meetings are attended', () => rooms.occupied() === MEETINGS)
  await areAllIn()
  // Another folder, no shared disk.
  await using second = await startWorkerProcess(meetings.databaseUrl, env)
  void second
  first.signal('SIGKILL')
  const { ms } = await timed(async () => {
    await until('the bots of the killed worker are gone', () => rooms.occupied() < MEETINGS)
    await areAllIn()
  })
  note(`all attended again after ${(ms / 1_000).toFixed(1)} s`)
  return { seconds: ms / 1_000, yardstickMs: yardstick.ms, peak: rooms.peak() }
}

/**
 * The same with real browsers in the sandbox's rooms, and with as many bots of a stand-in Attendee server, which stay in their rooms: theirs is
 * the time until the next worker follows them. The rooms count who is there.
 */
async function killInRooms({ note }: BenchContext): Promise<Figure[]> {
  await using sandbox = await startSandbox({ clock: systemClock })
  await using attendee = await startAttendee({ clock: systemClock })
  await using meetings = await createBenchMeetings()
  const { origin } = sandbox
  for (const runner of runnerNames) await meetings.plan(IN_ROOMS, new Date(), { runner, origin })
  const roomsOf = (runner: RunnerName) =>
    Array.from({ length: IN_ROOMS }, (_, i) => sandbox.rooms.room(roomName(runner, i)))
  const rooms = roomsOf('browser')
  const remote = roomsOf('attendee')
  const isOurs = (visit: { joinedAs: string }) => visit.joinedAs === BOT_NAME
  const areIn = (all: typeof rooms, times: number) =>
    all.every((room) => room.visits.filter(isOurs).length === times && room.participants().filter(isOurs).length === 1)
  const env = { ATTENDEE_API_URL: attendee.origin, ATTENDEE_API_KEY: attendee.apiKey }
  await using first = await startWorkerProcess(meetings.databaseUrl, env)
  await until('a bot is in each room', () => areIn(rooms, 1) && areIn(remote, 1))
  const held = await holdersOf(meetings)
  await using second = await startWorkerProcess(meetings.databaseUrl, env)
  const since = performance.now()
  first.signal('SIGKILL')
  const [inBrowsers, followed] = await Promise.all([
    until('a bot is back in each room', () => areIn(rooms, 2)).then(() => performance.now() - since),
    until('each of Attendee’s bots has another worker', async () =>
      (await holdersOf(meetings)).every((holder) => holder !== null && !held.includes(holder)),
    ).then(() => performance.now() - since),
  ])
  note(
    `${IN_ROOMS} browsers are back after ${(inBrowsers / 1_000).toFixed(1)} s, Attendee's bots followed after ${(followed / 1_000).toFixed(1)} s`,
  )
  const hosts = await timed(async () => {
    for (const pid of second.hosts()) signalProcess(pid)
    await until('a bot is back in each room after its host was killed', () => areIn(rooms, 3))
  })
  note(`after their bot hosts were killed: ${(hosts.ms / 1_000).toFixed(1)} s`)
  const doubled = [...rooms, ...remote].filter((room) => room.wereEverPresentAtOnce(isOurs)).length
  return [
    atMost(`${IN_ROOMS} meetings in browsers, worker killed`, inBrowsers / 1_000, 's', 30),
    atMost(`${IN_ROOMS} meetings at an Attendee server, worker killed, followed again`, followed / 1_000, 's', 30),
    atMost("Attendee's bots that left their rooms", areIn(remote, 1) ? 0 : 1, '', 0),
    atMost(`${IN_ROOMS} meetings in browsers, bot hosts killed`, hosts.ms / 1_000, 's', 15),
    atMost('rooms with two of ours at once', doubled, '', 0),
  ]
}

/** The worker of each of Attendee's bots that is in its room. */
async function holdersOf({ app }: { app: App }): Promise<(string | null)[]> {
  const bots = await app.db.selectFrom('bot').select('holder').where('runner', '=', 'attendee').execute()
  return bots.map(({ holder }) => holder)
}
