import { allJobs } from '../../jobs.ts'
import { openQueue } from '../../platform/jobs/index.ts'

/** Creates the queue's tables, or brings them up to date. */
export async function openQueueTables(databaseUrl: string): Promise<void> {
  const log = { warn: () => {}, error: () => {} }
  await using _queue = await openQueue({ databaseUrl, jobs: allJobs, log, supervise: false })
}
