import { expect, test } from 'vitest'
import { MINUTE_MS } from '../../src/base/time.ts'
import { switchAttendance } from '../../src/features/meetings/index.ts'
import { findBrokenAfterQuiet, findBrokenAlways, findLongestHold } from '../model/invariants.ts'
import { takeStep } from '../model/steps.ts'
import { tellStory } from '../model/tell-story.ts'
import { createWorld, type World } from '../model/world.ts'
import { createRandom } from '../support/random.ts'
import { seedOfRun } from '../support/seed-of-run.ts'

const seed = seedOfRun(5)
const count = Number(process.env.TEST_STEPS ?? 2_000)
const STEPS_BETWEEN_QUIETS = 100
const SEATS_OF_A_WORKER = 3
const STEPS_BETWEEN_NEWS = 10_000
console.log(`model: TEST_SEED=${seed} TEST_STEPS=${count}`)

test(
  'whatever happens to calendars, people, machines and jobs, a room has one bot of ours at most, and after quiet every meeting has its bot or its reason',
  async () => {
    const random = createRandom(seed)
    const trail: string[] = []
    await using world = await createWorld({
      random,
      capacity: SEATS_OF_A_WORKER,
      onInstant() {
        const [broken] = world.rooms.wereTwo
        if (broken !== undefined) throw new Error(`Two bots of ours: ${broken}\n${tail(trail)}`)
      },
    })
    const first = world.startWorker()
    await switchAttendance({ ...first.pipeline.reconcile, db: first.database.db }, { mode: 'on', by: 'model' })

    for (let step = 1; step <= count; step++) {
      try {
        trail.push(`${step} ${world.time.clock.now().toISOString()} ${await takeStep(world)}`)
        await world.time.settle()
        expect(await findBrokenAlways(world.db, world.time.clock.now()), tail(trail)).toEqual([])
        if (step % STEPS_BETWEEN_QUIETS === 0) await expectRest(world, trail)
        if (step % STEPS_BETWEEN_NEWS === 0) console.log(`model: ${step} steps`)
      } catch (error) {
        console.log(await tellStory(world.db, String(error)))
        throw error
      }
    }
  },
  Math.max(600_000, count * 1_000),
)

async function expectRest(world: World, trail: readonly string[]): Promise<void> {
  for (const { gate } of world.workers()) gate.set('open')
  world.startWorker()
  await world.time.advance(3 * MINUTE_MS)
  // Whoever died alone may have been cut off and still be in its rooms, as far as another machine can tell.
  await world.time.advance(await findLongestHold(world.db, world.workers(), world.time.nowMs()))
  const broken = await findBrokenAfterQuiet(world.db, world.time.clock.now(), {
    occupiedRooms: world.rooms.present().map(({ roomKey }) => roomKey),
    places: SEATS_OF_A_WORKER * world.workers().filter(({ isDraining }) => !isDraining).length,
  })
  expect(broken, `${JSON.stringify({ broken, present: world.rooms.present() })}\n${tail(trail)}`).toEqual([])
}

function tail(trail: readonly string[]): string {
  return `TEST_SEED=${seed}\n${trail.slice(-25).join('\n')}`
}
