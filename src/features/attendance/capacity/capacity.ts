import type { Clock } from '../../../base/clock.ts'
import type { Database } from '../../../platform/db/index.ts'
import { countHeldJobs, type Queue } from '../../../platform/jobs/index.ts'
import {
  attendMeetingJob,
  type Bot,
  type RunnerName,
  runnerNames,
  runnersThat,
  runnerTraits,
} from '../../bots/index.ts'
import { readWorkers, type WorkerFacts } from '../workers/worker-store.ts'

/** How many places there are for bots, and how many are taken. */
export interface Capacity {
  /** Places of all workers together. */
  total: number
  /** Taken by bots of each runner; one seat that several meetings share is one place. */
  taken: Readonly<Record<RunnerName, number>>
  workers: readonly Pick<WorkerFacts, 'capacity' | 'runners' | 'isDraining'>[]
}

/** What there is room for now. `total`: BOTS_MAX. */
export async function readCapacity(deps: {
  db: Database
  queue: Queue
  clock: Clock
  total: number
}): Promise<Capacity> {
  const [held, workers] = await Promise.all([
    countHeldJobs(deps.queue, attendMeetingJob.name),
    readWorkers(deps.db, deps.clock.now()),
  ])
  const taken = Object.fromEntries(runnerNames.map((name) => [name, held.get(name) ?? 0])) as Capacity['taken']
  return { total: deps.total, taken, workers }
}

/** What a bot that is due waits for: a place, of which so many are taken, or a worker that can launch it at all. */
export type WaitsFor = { what: 'place'; taken: number; of: number } | { what: 'worker' }

/** Why a bot that is due was not taken by a worker yet; undefined where it is not due, or about to be taken. Pure. */
export function whatItWaitsFor(
  bot: Pick<Bot, 'joinAt'> & { state: string; runner: string },
  { total, taken, workers }: Capacity,
  now: Date,
): WaitsFor | undefined {
  const runner = bot.runner as RunnerName
  const { stagedBefore, takesPlace } = runnerTraits[runner]
  if (bot.state !== 'scheduled' || now.getTime() < bot.joinAt.getTime() - stagedBefore.leastMs) return undefined
  const able = workers.filter(({ runners, isDraining }) => !isDraining && runners.includes(runner))
  if (able.length === 0) return { what: 'worker' }
  const sumOf = (names: readonly RunnerName[]) => names.reduce((sum, name) => sum + taken[name], 0)
  const all = sumOf(runnerNames)
  if (all >= total) return { what: 'place', taken: all, of: total }
  const places = able.reduce((sum, { capacity }) => sum + capacity, 0)
  const inBrowsers = sumOf(runnersThat((traits) => traits.takesPlace))
  return takesPlace && inBrowsers >= places ? { what: 'place', taken: inBrowsers, of: places } : undefined
}
