import { sql } from 'kysely'
import { afterAll, expect, onTestFailed, test } from 'vitest'
import { askForBot, chooseHolder, noteHeld, readRoomPicture, refuseBot } from '../../src/features/meetings/index.ts'
import { inTransaction } from '../../src/platform/db/index.ts'
import { Adversary } from '../support/adversary.ts'
import { HonestPeople, hosts } from '../support/honest-people.ts'
import { at } from '../support/open-plan.ts'
import { createPlanWorld, findBrokenInvariants, type PlanWorld } from '../support/plan-world.ts'
import { createRandom } from '../support/random.ts'
import { seedOfRun } from '../support/seed-of-run.ts'
import { readAddresses, readTold, type Told } from '../support/told-meetings.ts'

/**
 * Honest people in two worlds; in the second nobody else writes anything, in the first one or two colleagues whom nobody invites write over them at
 * random. What is planned of the honest people's meetings, and who may read them, is the same in both.
 *
 * TEST_SEED=7 TEST_STEPS=3000 npx vitest run test/integration/whose-words-random.test.ts
 */
const seed = seedOfRun(336_046)
const steps = Number(process.env.TEST_STEPS ?? 30)
const DAY_MS = 24 * 60 * 60_000
const roomOf = (name: string) => `http://127.0.0.1:9/rooms/${name}`

const [attacked, quiet] = await Promise.all([
  createPlanWorld({ attendance: 'on' }),
  createPlanWorld({ attendance: 'on' }),
])
afterAll(async () => {
  for (const world of [attacked, quiet]) await world[Symbol.asyncDispose]()
})

const readersOf = (world: PlanWorld, id: string) => readAddresses(world.db, id, world.reconcile.knownPeople as never)

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
  const [theirs, ours] = [await readTold(attacked.db), await readTold(quiet.db)]
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
    for (const host of hosts)
      for (const { db } of [attacked, quiet])
        await sql`insert into room (room_key, brought_by, brought_at, brought_how)
        values (${`sandbox:${roomOf(host.split('@')[0] as string)}`}, ${host}, now(), 'recognised')`.execute(db)
    let minute = 0

    const adversary = new Adversary(createRandom(seed + 2), honest, {
      put: ({ person, uid, copies }) => attacked.put(person, uid, copies),
      async refuseOwn(who) {
        for (const { id } of (await readTold(attacked.db)).values())
          if (![...twins.values()].includes(id) && (await readersOf(attacked, id)).includes(who))
            await refuseBot(attackedDeps(), { meetingId: id, by: who, from: null } as never)
      },
      async sendBot(who, room) {
        const url = roomOf(room)
        const asked = { room: { platform: 'sandbox', roomId: url, url }, by: who, colleague: who, from: null }
        await askForBot(attackedDeps(), asked as never).catch(() => {})
      },
    })
    for (let step = 0; step < steps; step++) {
      const isHonest = random.chance(0.4)
      if (isHonest)
        for (const entry of honest.act(minute)) {
          story.push(`${minute.toFixed(2)} ${entry.person} ${JSON.stringify(entry.copies)}`)
          await quiet.put(entry.person, entry.uid, entry.copies)
          const all = adversary.afterWriting(entry)
          await attacked.put(all.person, all.uid, all.copies)
        }
      else story.push(`${minute.toFixed(2)} ${await adversary.attack(minute, step <= steps / 2)}`)
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
