import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Copy, createPlanWorld, findBrokenInvariants, type PlanWorld, readPlan } from '../support/plan-world.ts'
import { seedOfRun } from '../support/seed-of-run.ts'

const seed = seedOfRun(337_151)
const numRuns = Number(process.env.TEST_RUNS ?? 12)
console.log(`plan properties: TEST_SEED=${seed}`)

let world: PlanWorld
beforeAll(async () => {
  world = await createPlanWorld({ attendance: 'on' })
})
afterAll(() => world[Symbol.asyncDispose]())

const people = ['ana@example.com', 'ben@example.com', 'caro@example.com', 'dan@example.com']
const uids = ['standup', 'review', 'series']
const keys = ['', '2026-11-24T09:00:00Z', '2026-11-24T10:00:00Z', '2026-11-25T09:00:00Z']

const copyOf = (uid: string): fc.Arbitrary<Copy> =>
  fc.record({
    uid: fc.constant(uid),
    key: fc.constantFrom(...(uid === 'series' ? keys.slice(1) : [''])),
    room: fc.constantFrom('one', 'two', null),
    start: fc.constantFrom(60, 90, 90, 300, 1_500),
    minutes: fc.constantFrom(30, 60),
    title: fc.constantFrom('Plan', 'Plan B'),
    attendees: fc.subarray(['x@example.org', 'y@example.org']),
    organizer: fc.constantFrom(people[0] as string, 'guest@example.org'),
    response: fc.constantFrom('accepted', 'accepted', 'needs_action', 'declined'),
    cancelled: fc.constantFrom(false, false, false, true),
    visibility: fc.constantFrom('default', 'default', 'default', 'private'),
    description: fc.constantFrom('', '', '', 'please #norecord'),
  })

const step = fc.tuple(fc.constantFrom(...people), fc.constantFrom(...uids)).chain(([person, uid]) =>
  fc.record({
    person: fc.constant(person),
    uid: fc.constant(uid),
    copies: fc.uniqueArray(copyOf(uid), { maxLength: uid === 'series' ? 3 : 1, selector: (copy) => copy.key }),
  }),
)

type Step = { person: string; uid: string; copies: Copy[] }

/** The last word of each person on each UID. */
function finalSteps(steps: readonly Step[]): Step[] {
  return [...new Map(steps.map((one) => [`${one.person} ${one.uid}`, one])).values()]
}

async function play(steps: readonly Step[]): Promise<unknown[]> {
  await world.clear()
  for (const one of steps) {
    await world.put(one.person, one.uid, one.copies)
    expect(await findBrokenInvariants(world.db)).toEqual([])
  }
  return readLivingPlan()
}

/** Of what does not take place a record may be left where it was planned once. */
async function readLivingPlan(): Promise<unknown[]> {
  const plan = (await readPlan(world.db)) as { supporting: number }[]
  return plan.filter(({ supporting }) => supporting > 0)
}

test('whatever happens the plan holds together, and any order, repetition and concurrency of what calendars say at last ends in the same plan', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 14 }),
      fc.infiniteStream(fc.nat()),
      async (steps, random) => {
        await play(steps)

        // Who organised an invitation is remembered, so what came before may count; of what is said at one instant the order does not.
        const last = finalSteps(steps)
        const planned = await play(last)
        const shuffled = last
          .map((one) => ({ one, at: random.next().value as number }))
          .sort((a, b) => a.at - b.at)
          .map(({ one }) => one)
        expect(await play([...shuffled, ...shuffled.slice(0, 2)])).toEqual(planned)

        await world.clear()
        const byPerson = Map.groupBy(shuffled, (one) => one.person)
        await Promise.all(
          [...byPerson.values()].map(async (ofPerson) => {
            for (const one of ofPerson) await world.put(one.person, one.uid, one.copies)
          }),
        )
        expect(await findBrokenInvariants(world.db)).toEqual([])
        expect(await readLivingPlan()).toEqual(planned)
      },
    ),
    { numRuns, seed, endOnFailure: true },
  )
}, 120_000)
