import { sql } from 'kysely'
import { MINUTE_MS } from '../../src/base/time.ts'
import { switchAttendance } from '../../src/features/meetings/index.ts'
import type { Database } from '../../src/platform/db/index.ts'
import { type Entry, hosts } from '../support/honest-people.ts'
import { NOW } from '../support/plan-world.ts'
import { createRandom, type Random } from '../support/random.ts'
import { put } from './steps.ts'
import { createWorld, ROOM_ORIGIN, type SimWorker, type World } from './world.ts'

/** Something is said in each room with people at these seconds of a minute: seldom, and never when somebody comes or goes. */
const SPEAKS_AT_S = [15, 35, 55]
/** Each 5 s, which is often enough for what happens by the minute. */
const WORKERS_STRETCH = 20

/** A world and the only worker in it. */
export interface Twin {
  world: World
  worker: SimWorker
}

/** Who is where: rooms by person. */
export type Whereabouts = ReadonlyMap<string, string>

/** Two worlds in which the same time passes and the same people come, go and speak. */
export interface Twins extends AsyncDisposable {
  /** In which the adversary writes too. */
  attacked: Twin
  quiet: Twin
  nowMs(): number
  put(twin: Twin, entry: Entry): Promise<void>
  /** Lets time pass; `whereabouts` says at each minute who is in which room then. */
  pass(ms: number, whereabouts: (minute: number) => Whereabouts): Promise<void>
  /** People go at once where they now are. */
  gather(whereabouts: Whereabouts): Promise<void>
}

export function urlOf(room: string): string {
  return `${ROOM_ORIGIN}/rooms/${room}`
}

export function roomKeyOf(room: string): string {
  return `sandbox:${urlOf(room)}`
}

/** The same chance at every time, so that what happens more in one world changes no delay in the other. */
function createEvenChance(): Random {
  const random = createRandom(0)
  const middle = (least: number, most: number) => Math.floor((least + most) / 2)
  return { ...random, next: () => 0.5, between: middle, pick: (list) => list[0] as never, chance: () => false }
}

export async function createTwins(): Promise<Twins> {
  const [attacked, quiet] = await Promise.all([createTwin(), createTwin()])
  const both = [attacked, quiet]
  /** Where everybody is, and how often they came to any room. */
  let places: Whereabouts = new Map()
  const comings = new Map<string, number>()
  let words = 0

  const nativeId = (person: string) => `${person} ${comings.get(person) ?? 0}`
  function move(next: Whereabouts): void {
    for (const [person, room] of places)
      if (next.get(person) !== room) for (const { world } of both) world.rooms.go(roomKeyOf(room), nativeId(person))
    for (const [person, room] of next) {
      if (places.get(person) === room) continue
      comings.set(person, (comings.get(person) ?? 0) + 1)
      const [name, domain] = person.split('@') as [string, string]
      const isKnown = domain === 'example.com'
      const guest = { nativeId: nativeId(person), name: `Here is ${name}`, hasBotName: false }
      for (const { world } of both) world.rooms.come(roomKeyOf(room), isKnown ? { ...guest, email: person } : guest)
    }
    places = next
  }
  function speak(): void {
    const byRoom = Map.groupBy(places, ([, room]) => room)
    words += 1
    for (const [room, people] of byRoom) {
      const [person] = people[words % people.length] ?? []
      if (person !== undefined) for (const { world } of both) world.rooms.speak(roomKeyOf(room), nativeId(person))
    }
  }
  const settle = () => Promise.all(both.map(({ world }) => world.time.settle()))
  const advance = (ms: number) => Promise.all(both.map(({ world }) => world.time.advance(ms)))
  const nowMs = () => quiet.world.time.nowMs()

  return {
    attacked,
    quiet,
    nowMs,
    async put({ world, worker }, { person, uid, copies }) {
      await put(worker, person, uid, copies, world.time.clock.now())
      world.tellNotices()
      await world.time.settle()
    },
    async gather(whereabouts) {
      move(whereabouts)
      await settle()
    },
    async pass(ms, whereabouts) {
      const untilMs = nowMs() + ms
      for (let next = nextEventMs(nowMs()); next <= untilMs; next = nextEventMs(nowMs())) {
        await advance(next - nowMs())
        if (next % MINUTE_MS === 0) move(whereabouts((next - NOW.getTime()) / MINUTE_MS))
        else speak()
        await settle()
      }
      await advance(untilMs - nowMs())
      await Promise.all(both.map(({ world }) => writeTexts(world.db)))
    },
    async [Symbol.asyncDispose]() {
      for (const { world } of both) await world[Symbol.asyncDispose]()
    },
  }
}

async function createTwin(): Promise<Twin> {
  const world: World = await createWorld({
    random: createEvenChance(),
    capacity: 50,
    isPeopled: true,
    stretch: WORKERS_STRETCH,
    onInstant() {
      const [broken] = world.rooms.wereTwo
      if (broken !== undefined) throw new Error(`Two bots of ours: ${broken}`)
    },
  })
  const worker = world.startWorker()
  await switchAttendance({ ...worker.pipeline.reconcile, db: worker.database.db }, { mode: 'on', by: 'model' })
  for (const host of hosts)
    await sql`insert into room (room_key, brought_by, brought_at, brought_how)
      values (${roomKeyOf(host.split('@')[0] as string)}, ${host}, ${NOW}, 'recognised')`.execute(world.db)
  return { world, worker }
}

/** When next somebody may come, go or speak. */
function nextEventMs(afterMs: number): number {
  const minuteMs = Math.floor(afterMs / MINUTE_MS) * MINUTE_MS
  const times = [...SPEAKS_AT_S.map((second) => minuteMs + second * 1_000), minuteMs + MINUTE_MS]
  return times.find((time) => time > afterMs) ?? minuteMs + MINUTE_MS
}

/** Stands for speech to text: what was said in a room at a time is one word of that room and time. */
async function writeTexts(db: Database): Promise<void> {
  await sql`
    update utterance u set state = 'done', opus = null, text = concat('word-', regexp_replace(m.room_key, '.*/', ''), '-',
        to_char(to_timestamp(round((extract(epoch from r.started_at) + u.started_ms / 1000.0 - 15) / 20) * 20 + 15) at time zone 'UTC', 'DD-HH24-MI-SS'))
    from meeting m join recording r on r.meeting_id = m.id
    where m.id = u.meeting_id and u.state = 'heard'`.execute(db)
}
