import type { Clock } from '../../../base/clock.ts'
import { type Database, inTransaction, lockNames, type Transaction } from '../../../platform/db/index.ts'
import {
  countHeldJobs,
  fetchJobs,
  findLiveJobs,
  type HeldJob,
  isAnyDue,
  preferJob,
  type Queue,
} from '../../../platform/jobs/index.ts'
import {
  attendMeetingJob,
  HAS_ITS_PLACE,
  NEEDS_NO_PLACE,
  notePlaceMissing,
  runnerNames,
  runnersThat,
  traitsOfJob,
} from '../../bots/index.ts'
import { listSurvivorJobs } from '../seat/held-bot-store.ts'

interface TakeSeatsDeps {
  db: Database
  queue: Queue
  clock: Clock
  /** Seats of all workers at once. */
  total: number
}

const { name } = attendMeetingJob
/** So that workers that look at the same time share what is due. */
const TAKEN_AT_ONCE = 100

/**
 * Takes the jobs that are due as far as there are places: `ofBrowser` for bots of our browser here, and the total over all workers. A place is
 * taken as long as its job is held, so those of a worker that is gone are free once nobody of it can be in a room any more. One worker
 * at a time counts and takes, so that the total holds exactly.
 */
export async function takeSeats(deps: TakeSeatsDeps, ofBrowser: number): Promise<HeldJob[]> {
  const { db, queue } = deps
  if (!(await isAnyDue(queue, name))) return []
  const { taken, free } = await inTransaction(db, async (trx) => {
    await lockNames(trx, ['places'])
    const free = await countFree(deps, trx)
    const any = await fetchJobs(queue, trx, attendMeetingJob, { limit: Math.min(free, ofBrowser, TAKEN_AT_ONCE) })
    if (any.length < ofBrowser) return { taken: any, free: free - any.length }
    const limit = Math.min(free, TAKEN_AT_ONCE) - any.length
    const more = await fetchJobs(queue, trx, attendMeetingJob, { limit, minPriority: NEEDS_NO_PLACE })
    return { taken: [...any, ...more], free: free - any.length - more.length }
  })
  const browsers = taken.filter((job) => traitsOfJob(job).takesPlace).length
  const full = free <= 0 ? runnerNames : browsers >= ofBrowser ? runnersThat(({ takesPlace }) => takesPlace) : []
  // What was taken is ours, whatever becomes of this.
  await notePlaceMissing(db, full, deps.clock.now()).catch(() => {})
  return taken
}

/** How many jobs may be taken; those of bots that are in their rooms without a worker have their places, and go first. */
async function countFree({ queue, clock, total }: TakeSeatsDeps, trx: Transaction): Promise<number> {
  const held = [...(await countHeldJobs(queue, name, trx)).values()].reduce((sum, count) => sum + count, 0)
  const survivors = await listSurvivorJobs(trx, clock.now())
  const states = await findLiveJobs(queue, name, survivors, trx)
  const alone = survivors.filter((id) => states.get(id) !== 'held')
  const waiting = alone.filter((id) => states.has(id))
  for (const id of waiting) await preferJob(queue, trx, { name, id, priority: HAS_ITS_PLACE })
  return Math.max(0, total - held - alone.length) + waiting.length
}
