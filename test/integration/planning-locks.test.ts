import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPlanWorld, type PlanWorld } from '../support/plan-world.ts'
import { until } from '../support/until.ts'

let world: PlanWorld
beforeAll(async () => {
  world = await createPlanWorld({ attendance: 'on' })
})
afterAll(() => world[Symbol.asyncDispose]())

test('a planner that waited for another of its invitation holds also the room of which that one wrote', async () => {
  const { planned } = world.reconcile
  const isLocked: boolean[] = []
  world.reconcile.planned = async (...plan) => {
    const isFirst = isLocked.length === 0
    isLocked.push(await isRoomLocked('sandbox:http://127.0.0.1:9/rooms/two'))
    if (isFirst) await until(isSomebodyWaiting, (isWaiting) => isWaiting)
    return planned(...plan)
  }
  const series = { uid: 'series', start: 60 }
  const first = world.put('ana@example.com', 'series', [{ ...series, room: 'two' }])
  await until(
    () => isLocked.length,
    (planners) => planners > 0,
  )
  await Promise.all([first, world.put('ben@example.com', 'series', [{ ...series, room: 'one' }])])
  expect(isLocked).toEqual([true, true])
})

async function isRoomLocked(roomKey: string): Promise<boolean> {
  const name = `room ${roomKey}`
  return world.db.transaction().execute(async (trx) => {
    const { rows } = await sql<{ free: boolean }>`
      select pg_try_advisory_xact_lock(hashtextextended(${name}, 0)) as free`.execute(trx)
    return rows[0]?.free === false
  })
}

async function isSomebodyWaiting(): Promise<boolean> {
  const { rows } = await sql`
    select from pg_locks where locktype = 'advisory' and not granted
      and database = (select oid from pg_database where datname = current_database())`.execute(world.db)
  return rows.length > 0
}
