import { isAppError } from '../../src/base/errors.ts'
import { MINUTE_MS, SECOND_MS } from '../../src/base/time.ts'
import { replaceEvents } from '../../src/features/calendars/event-store.ts'
import type { SourceEvent } from '../../src/features/calendars/index.ts'
import {
  applyRules,
  askForBot,
  readEvent,
  reconcileChanges,
  refuseBot,
  sweepMeetings,
  switchAttendance,
  wantBot,
} from '../../src/features/meetings/index.ts'
import { inTransaction, type Transaction } from '../../src/platform/db/index.ts'
import { type Copy, NOW, toSourceEvent } from '../support/plan-world.ts'
import type { Door } from './sim-rooms.ts'
import { JITSI_HOST, ROOM_ORIGIN, type SimWorker, type World } from './world.ts'

const PEOPLE = ['ana@example.com', 'ben@example.com', 'caro@example.com']
/** The last is attended by the Attendee server. */
const ROOMS = ['one', 'two', 'three', 'elsewhere'] as const
const UIDS = ['standup', 'review', 'planning', 'interview', 'retro']
const KEYS = ['2026-11-23T09:00:00Z', '2026-11-23T09:30:00Z', '2026-11-23T10:00:00Z']
const RULES = [
  { rules: [] },
  { rules: [{ name: 'No interviews', when: { title: ['interview'] }, decision: 'skip' }] },
  {
    rules: [
      { name: 'Two said yes', when: { accepted: { atLeast: 2 } }, decision: 'attend' },
      { name: 'No retro', when: { title: ['retro'] }, decision: 'skip' },
    ],
  },
]
const DOORS: readonly Door[] = ['open', 'open', 'open', 'open', 'lobby', 'denies', 'silent']
const MOST_WORKERS = 3
/** The share of stops that last for minutes, as long as a seat may be held. */
const LONG_STOPS = Number(process.env.TEST_LONG_STOPS ?? 0)

/** One thing that happens. Answers what, for whoever has to understand a run. */
interface Step {
  weight: number
  take(world: World): Promise<string> | string
}

/** Work of a worker that may die in it; then it is done again by another, as a job would be. */
async function doByWorker(world: World, work: (worker: SimWorker) => Promise<unknown>): Promise<void> {
  for (;;) {
    const worker = pickWorker(world) ?? world.startWorker()
    let isDone = false
    let failure: unknown
    work(worker).then(
      () => {
        isDone = true
      },
      (error: unknown) => {
        failure = error
      },
    )
    await world.time.settle()
    if (isDone) return
    // Stopped in the middle, and nobody knows for how long.
    if (failure === undefined && worker.gate.state !== 'dead') worker.gate.kill()
    if (worker.gate.state === 'open') throw failure
  }
}

function pickWorker(world: World): SimWorker | undefined {
  const up = world.workers().filter(({ gate }) => gate.state === 'open')
  return up.length > 0 ? world.random.pick(up) : undefined
}

async function calendarOf(trx: Transaction, person: string) {
  const found = await trx
    .selectFrom('calendar')
    .select(['id', 'state'])
    .where('ownerEmail', '=', person)
    .forUpdate()
    .executeTakeFirst()
  if (found) return found
  const id = crypto.randomUUID()
  const row = {
    id,
    provider: 'ics',
    ownerEmail: person,
    deduplicationKey: person,
    addressLabel: 'model',
    state: 'connected',
  }
  await trx
    .insertInto('calendar')
    .values(row as never)
    .execute()
  return { id, state: 'connected' as const }
}

/** Makes one person's copies of a UID be these, and plans, in one transaction. */
export async function put(
  worker: Pick<SimWorker, 'database' | 'pipeline'>,
  person: string,
  uid: string,
  copies: readonly Copy[],
  now: Date,
): Promise<void> {
  const drafts = copies.map((copy) => {
    const source = atItsRoom(toSourceEvent(copy), copy.room)
    return { source, reading: readEvent(source, { jitsiHosts: [JITSI_HOST], sandboxOrigin: ROOM_ORIGIN }) }
  })
  await inTransaction(worker.database.db, async (trx) => {
    const { id, state } = await calendarOf(trx, person)
    const owner = { calendarId: id, ownerEmail: person, disconnectedAt: state === 'connected' ? null : now }
    await reconcileChanges(worker.pipeline.reconcile, trx, await replaceEvents(trx, owner, [uid], drafts, now))
  })
}

/** Where a room of the Attendee server lies elsewhere. */
function atItsRoom(source: SourceEvent, room: string | null): SourceEvent {
  if (room !== 'elsewhere') return source
  return { ...source, linkTexts: { ...source.linkTexts, conferenceUrls: [urlOf(room)] } }
}

function urlOf(room: string): string {
  return room === 'elsewhere' ? `https://${JITSI_HOST}/elsewhere` : `${ROOM_ORIGIN}/rooms/${room}`
}

function keyOf(room: string): string {
  return room === 'elsewhere' ? `jitsi:${JITSI_HOST}/elsewhere` : `sandbox:${urlOf(room)}`
}

const edit: Step = {
  weight: 26,
  async take(world) {
    const { random, time } = world
    const [person, uid] = [random.pick(PEOPLE), random.pick(UIDS)]
    const nowMinutes = Math.floor((time.nowMs() - NOW.getTime()) / MINUTE_MS)
    const isSeries = uid === 'standup'
    const count = random.chance(0.12) ? 0 : isSeries ? random.between(1, 3) : 1
    // What a person says of an invitation is mostly what the others say of it too.
    const shared = random.between(0, 3)
    const copies = Array.from({ length: count }, (_, index): Copy => {
      const start = nowMinutes + (random.chance(0.5) ? 4 + 7 * shared : random.between(-20, 45)) + 40 * index
      return {
        uid,
        ...(isSeries ? { key: KEYS[index] as string } : {}),
        room: random.chance(0.06) ? null : (ROOMS[random.chance(0.8) ? shared : random.between(0, 3)] ?? null),
        title: uid,
        start,
        minutes: random.pick([10, 15, 30, 60]),
        organizer: random.pick([PEOPLE[0] as string, 'guest@example.org']),
        attendees: random.chance(0.5) ? ['x@example.org'] : ['y@example.org'],
        response: random.pick(['accepted', 'accepted', 'accepted', 'needs_action', 'declined'] as const),
        cancelled: random.chance(0.08),
        description: random.chance(0.05) ? 'please #norecord' : '',
      }
    })
    await doByWorker(world, (worker) => put(worker, person, uid, copies, time.clock.now()))
    return `${person} now has ${copies.length} of ${uid}`
  },
}

const wish: Step = {
  weight: 5,
  async take(world) {
    const { random, db } = world
    const kind = random.pick(['ask', 'refuse', 'want'] as const)
    const url = urlOf(random.pick(ROOMS.slice(0, 3)))
    const meetings = await db.selectFrom('meeting').select('id').orderBy('createdAt').orderBy('id').execute()
    if (kind === 'ask' || meetings.length === 0) {
      let isRefused = false
      await doByWorker(world, ({ pipeline, database }) =>
        askForBot(
          { ...pipeline.reconcile, db: database.db },
          { room: { platform: 'sandbox', roomId: url, url }, by: 'somebody' },
        ).catch((error) => {
          if (!isAppError(error, 'room_says_no')) throw error
          isRefused = true
        }),
      )
      return isRefused ? `nobody may send a bot to ${url} now` : `somebody sent a bot to ${url}`
    }
    const { id: meetingId } = random.pick(meetings.slice(-12))
    const say = kind === 'refuse' ? refuseBot : wantBot
    await doByWorker(world, ({ pipeline, database }) =>
      say({ ...pipeline.reconcile, db: database.db }, { meetingId, by: 'somebody' }),
    )
    return `somebody said ${kind} of ${meetingId}`
  },
}

const attendance: Step = {
  weight: 1,
  async take(world) {
    const mode = world.random.chance(0.3) ? 'observing' : 'on'
    await doByWorker(world, ({ pipeline, database }) =>
      switchAttendance({ ...pipeline.reconcile, db: database.db }, { mode, by: 'model' }),
    )
    return `attendance ${mode}`
  },
}

const sweep: Step = {
  weight: 2,
  async take(world) {
    await doByWorker(world, ({ pipeline, database }) =>
      sweepMeetings({ ...pipeline.reconcile, db: database.db }, { origin: 'sweep' }),
    )
    return 'a sweep'
  },
}

const door: Step = {
  weight: 5,
  take({ random, rooms }) {
    const [room, how] = [random.pick(ROOMS), random.pick(DOORS)]
    rooms.setDoor(keyOf(room), how)
    return `the door of ${room} is ${how}`
  },
}

const time: Step = {
  weight: 32,
  async take(world) {
    const { random } = world
    const ms = random.chance(0.75)
      ? random.between(50, 6 * SECOND_MS)
      : random.chance(0.8)
        ? random.between(8, 45) * SECOND_MS
        : random.between(1, 3) * MINUTE_MS
    await world.time.advance(ms)
    return `${ms} ms pass`
  },
}

const crash: Step = {
  weight: 5,
  take(world) {
    const worker = pickWorker(world)
    if (!worker) return 'nobody to crash'
    const awaits = world.random.chance(0.3) ? 0 : world.random.between(1, 60)
    worker.gate.crashAfter(awaits)
    return `${worker.name} dies after ${awaits} awaits`
  },
}

const stop: Step = {
  weight: 4,
  take(world) {
    const worker = pickWorker(world)
    if (!worker) return 'nobody to stop'
    const how = world.random.pick(['paused', 'cut'] as const)
    const isLong = LONG_STOPS > 0 && world.random.chance(LONG_STOPS)
    const ms = isLong ? world.random.between(1, 9) * MINUTE_MS : world.random.between(1, 45) * SECOND_MS
    worker.gate.set(how)
    world.time.after(ms, () => worker.gate.set('open'))
    return `${worker.name} is ${how} for ${ms} ms`
  },
}

const start: Step = {
  weight: 5,
  take(world) {
    const workers = world.workers().filter(({ isDraining }) => !isDraining)
    if (workers.length >= MOST_WORKERS) return 'workers enough'
    return `${world.startWorker().name} starts`
  },
}

const leave: Step = {
  weight: 2,
  take(world) {
    const worker = pickWorker(world)
    if (!worker || worker.isDraining) return 'nobody to go'
    worker.isDraining = true
    const isHandingOver = world.random.chance(0.5)
    void (isHandingOver ? worker.attendance.handOver() : worker.attendance.drain()).then(() => worker.gate.kill())
    return `${worker.name} ${isHandingOver ? 'hands over' : 'drains'}`
  },
}

const hostCrash: Step = {
  weight: 4,
  take(world) {
    const worker = pickWorker(world)
    worker?.hosts.crash(world.random.pick(['process_ended', 'browser_crashed', 'unresponsive'] as const))
    return `the bot host of ${worker?.name ?? 'nobody'} dies`
  },
}

const doubled: Step = {
  weight: 3,
  take(world) {
    const worker = pickWorker(world)
    const job = worker?.redelivery.past.at(-world.random.between(1, 3))
    if (!worker || !job) return 'no job to be given twice'
    worker.redelivery.again.push(job)
    return `${worker.name} is given the job ${(job as { id: string }).id} once more`
  },
}

const rules: Step = {
  weight: 2,
  async take(world) {
    const source = JSON.stringify(world.random.pick(RULES))
    await doByWorker(world, ({ pipeline, database }) =>
      applyRules(
        { ...pipeline.reconcile, db: database.db, ruleContext: pipeline.ruleContext },
        { source, path: null, by: 'model' },
      ),
    )
    return `rules ${source}`
  },
}

const attendee: Step = {
  weight: 3,
  take(world) {
    if (world.random.chance(0.4)) {
      world.attendee.forgetOne()
      return 'the Attendee server loses a bot'
    }
    const ms = world.random.between(1, 30) * SECOND_MS
    world.attendee.setDown(true)
    world.time.after(ms, () => world.attendee.setDown(false))
    return `the Attendee server is down for ${ms} ms`
  },
}

const notices: Step = {
  weight: 6,
  take(world) {
    world.tellNotices()
    return 'notices arrive'
  },
}

const steps: readonly Step[] = [
  edit,
  wish,
  rules,
  attendance,
  sweep,
  door,
  time,
  crash,
  stop,
  start,
  leave,
  hostCrash,
  doubled,
  attendee,
  notices,
]
const total = steps.reduce((sum, { weight }) => sum + weight, 0)

/** Takes one step by chance and answers what happened. */
export async function takeStep(world: World): Promise<string> {
  let at = world.random.next() * total
  const step = steps.find(({ weight }) => {
    at -= weight
    return at < 0
  })
  return (step ?? time).take(world)
}
