import { sql } from 'kysely'
import { afterAll, expect, onTestFailed, test } from 'vitest'
import {
  askForBot,
  chooseHolder,
  noteHeld,
  readInvited,
  readRoomPicture,
  refuseBot,
} from '../../src/features/meetings/index.ts'
import { inTransaction } from '../../src/platform/db/index.ts'
import { type Entry, forge, HonestPeople, hosts } from '../support/honest-people.ts'
import { at } from '../support/open-plan.ts'
import { type Copy, createPlanWorld, findBrokenInvariants, type PlanWorld } from '../support/plan-world.ts'
import { createRandom, type Random } from '../support/random.ts'

/**
 * Honest people in two worlds; in the second nobody else writes anything, in the first one or two colleagues whom nobody invites write over them at
 * random. What is planned of the honest people's meetings, and who may read them, is the same in both.
 *
 * TEST_SEED=7 TEST_STEPS=3000 npx vitest run test/integration/whose-words-random.test.ts
 */
const seed = Number(process.env.TEST_SEED ?? Date.now() % 1_000_000)
const steps = Number(process.env.TEST_STEPS ?? 30)
const [insider, insider2] = ['insider@example.com', 'insider2@example.com'] as const
const DAY_MS = 24 * 60 * 60_000
const roomOf = (name: string) => `http://127.0.0.1:9/rooms/${name}`

const [attacked, quiet] = await Promise.all([
  createPlanWorld({ attendance: 'on' }),
  createPlanWorld({ attendance: 'on' }),
])
afterAll(async () => {
  for (const world of [attacked, quiet]) await world[Symbol.asyncDispose]()
})

interface Told {
  uid: string
  key: string
  roomKey: string
  id: string
  decision: string
  reason: string
  title: string
  startsAt: Date
  endsAt: Date
  seatFrom: Date | null
  meetingUrl: string
  organizerEmail: string | null
}

/** The meetings that some invitations are, by invitation. */
async function read(world: PlanWorld): Promise<Map<string, Told>> {
  const { rows } = await sql<Told>`
    select o.uid, o.occurrence_key as key, o.room_key, m.id, m.decision, m.reason, m.title, m.starts_at, m.ends_at, m.seat_from, m.meeting_url,
      m.organizer_email from occurrence o join meeting m on m.id = o.meeting_id`.execute(world.db)
  return new Map(rows.map((row) => [JSON.stringify([row.uid, row.key, row.roomKey]), row]))
}

async function readersOf(world: PlanWorld, id: string): Promise<string[]> {
  const { people } = await readInvited(world.db, id, world.reconcile.knownPeople as never)
  return people.map(({ address }) => address)
}

/** Who holds a room while nobody is seen in it. */
async function holderOf(world: PlanWorld, roomKey: string): Promise<string> {
  const now = world.clock.now()
  const { meetings } = await readRoomPicture(world.db, { roomKey, now, recognised: [] })
  const { holder } = chooseHolder({}, { nowMs: now.getTime(), meetings, present: undefined })
  return typeof holder === 'string' ? holder : holder.id
}

/** The same meeting has the same id for as long as it has in the other world. */
const twins = new Map<string, string>()

async function compare(isWhole: boolean): Promise<void> {
  // What has begun is its worker's, whom nobody plays here.
  expect((await findBrokenInvariants(attacked.db)).filter((one) => JSON.stringify(one).includes('count'))).toEqual([])
  const [theirs, ours] = [await read(attacked), await read(quiet)]
  for (const [name, { id, ...twin }] of ours) {
    const found = theirs.get(name)
    const isOff = ['cancelled', 'gone', 'all_declined'].includes(twin.reason)
    if (isOff && !found) continue
    expect(found, name).toBeDefined()
    const { id: theirId, ...told } = found as Told
    expect(told, name).toEqual(twin)
    expect(twins.get(id) ?? theirId, `the id of ${name}`).toBe(theirId)
    twins.set(id, theirId)
    const isNear = Math.abs(twin.endsAt.getTime() - attacked.clock.now().getTime()) < DAY_MS
    if (isNear || isWhole) expect(await readersOf(attacked, theirId), name).toEqual(await readersOf(quiet, id))
  }
  const honest = new Set([...ours.keys()].flatMap((name) => theirs.get(name)?.id ?? []))
  for (const { id, title } of theirs.values()) if (!honest.has(id)) expect(title).not.toMatch(/^Of /)
  const now = attacked.clock.now()
  const inUse = [...ours.values()].filter(({ startsAt, endsAt }) => startsAt <= now && now < endsAt)
  for (const roomKey of new Set(inUse.map((one) => one.roomKey))) {
    const holder = await holderOf(quiet, roomKey)
    if (holder === 'nobody') continue
    expect(await holderOf(attacked, roomKey), roomKey).toBe(twins.get(holder) ?? holder)
    if (holder === 'silence') continue
    for (const [world, meetingId] of [
      [quiet, holder],
      [attacked, twins.get(holder) as string],
    ] as const)
      await inTransaction(world.db, (trx) => noteHeld(trx, { meetingId, at: world.clock.now() }))
  }
}

test(
  `whatever colleagues write who are not invited, others’ meetings are theirs and attended as without them (TEST_SEED=${seed})`,
  async () => {
    const story: string[] = []
    onTestFailed(() => console.error(`TEST_SEED=${seed} TEST_STEPS=${steps}\n${story.slice(-40).join('\n')}`))
    const random = createRandom(seed)
    const honest = new HonestPeople(createRandom(seed + 1))
    /** What honest people's calendars hold by mail, besides their own. */
    const mailed = new Map<string, Copy[]>()
    const own = new Map<string, Copy[]>()
    for (const host of hosts)
      for (const { db } of [attacked, quiet])
        await sql`insert into room (room_key, brought_by, brought_at, brought_how)
        values (${`sandbox:${roomOf(host.split('@')[0] as string)}`}, ${host}, now(), 'recognised')`.execute(db)
    let minute = 0

    const put = async ({ person, uid, copies }: Entry) => {
      own.set(`${person} ${uid}`, copies)
      await quiet.put(person, uid, copies)
      await attacked.put(person, uid, withMail(`${person} ${uid}`))
    }
    const withMail = (name: string) => {
      const copies = own.get(name) ?? []
      const further = (mailed.get(name) ?? []).filter(
        ({ key = '' }) => !copies.some((copy) => (copy.key ?? '') === key),
      )
      return [...copies, ...further]
    }
    const attack = async (chance: Random, colluder: string | undefined) => {
      const me = colluder && chance.chance(0.5) ? colluder : insider
      const targets = honest.meetings.flatMap(({ copies, organizer, guests }) =>
        copies.map((copy) => ({ ...copy, attendees: [organizer, ...guests] })),
      )
      if (targets.length === 0) return 'nothing'
      const target = chance.pick(targets)
      const copy = forge(chance, target, me, colluder, minute)
      const what = chance.pick(['write', 'write', 'write', 'write', 'delete', 'mail', 'stop', 'send'] as const)
      if (what === 'write') {
        const before = chance.chance(0.5) ? (own.get(`${me} ${copy.uid}`) ?? []) : []
        const copies = [...before.filter(({ key = '' }) => key !== copy.key), copy]
        own.set(`${me} ${copy.uid}`, copies)
        await attacked.put(me, copy.uid, copies)
      } else if (what === 'delete') {
        own.delete(`${me} ${copy.uid}`)
        await attacked.put(me, copy.uid, [])
      } else if (what === 'mail') {
        const to = chance.pick([...target.attendees, 'late@example.com'].filter((one) => one.endsWith('@example.com')))
        const name = `${to} ${copy.uid}`
        mailed.set(name, [{ ...copy, response: 'needs_action' }])
        if (copy.organizer !== to) await attacked.put(to, copy.uid, withMail(name))
      } else if (what === 'stop') {
        for (const { id } of (await read(attacked)).values())
          if (![...twins.values()].includes(id) && (await readersOf(attacked, id)).includes(me))
            await refuseBot(attackedDeps(), { meetingId: id, by: me, from: null } as never)
      } else {
        const url = roomOf(target.room as string)
        const room = { platform: 'sandbox', roomId: url, url }
        await askForBot(attackedDeps(), { room, by: me, colleague: me, from: null } as never).catch(() => {})
      }
      return `${me} ${what} ${JSON.stringify(copy)}`
    }

    const chance = createRandom(seed + 2)
    for (let step = 0; step < steps; step++) {
      const isHonest = random.chance(0.4)
      if (isHonest)
        for (const entry of honest.act(minute)) {
          story.push(`${minute.toFixed(2)} ${entry.person} ${JSON.stringify(entry.copies)}`)
          await put(entry)
        }
      else story.push(`${minute.toFixed(2)} ${await attack(chance, step > steps / 2 ? insider2 : undefined)}`)
      await compare(step % 10 === 0 || step === steps - 1)
      minute += random.chance(0.1) ? random.between(5, 90) : 0.1
      for (const { clock } of [attacked, quiet]) clock.set(at(minute))
    }
  },
  steps * 2_000 + 60_000,
)

function attackedDeps() {
  return { ...attacked.reconcile, db: attacked.db, ruleContext: attacked.ruleContext }
}
