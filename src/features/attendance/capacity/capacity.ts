import type { Clock } from '../../../base/clock.ts'
import type { Database } from '../../../platform/db/index.ts'
import { countHeldJobs, type Queue } from '../../../platform/jobs/index.ts'
import { attendMeetingJob, type Bot, type RunnerName, STAGING_LEAD_MS } from '../../bots/index.ts'
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
  const taken = { browser: held.get('browser') ?? 0, attendee: held.get('attendee') ?? 0 }
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
  const lead = STAGING_LEAD_MS[bot.runner as RunnerName]
  if (bot.state !== 'scheduled' || now.getTime() < bot.joinAt.getTime() - lead.least) return undefined
  const able = workers.filter(({ runners, isDraining }) => !isDraining && runners.includes(bot.runner as RunnerName))
  if (able.length === 0) return { what: 'worker' }
  const all = taken.browser + taken.attendee
  if (all >= total) return { what: 'place', taken: all, of: total }
  const places = able.reduce((sum, { capacity }) => sum + capacity, 0)
  return bot.runner === 'browser' && taken.browser >= places
    ? { what: 'place', taken: taken.browser, of: places }
    : undefined
}
