import { z } from 'zod'
import { DEAD_LETTERS, type Queue } from './queue.ts'

/** A job that failed for good. */
export interface DeadLetter {
  id: string
  /** The kind of job it was. */
  name: string
  payload: unknown
  reason: string
  failedAt: Date
}

const failure = z.object({ message: z.string() })

/** The jobs that failed for good, newest first. */
export async function listDeadLetters(queue: Queue): Promise<DeadLetter[]> {
  const jobs = await queue.boss.findJobs(DEAD_LETTERS, { queued: true })
  return jobs
    .map((job) => {
      const said = failure.safeParse(job.sourceOutput)
      return {
        id: job.id,
        name: job.sourceName ?? 'unknown',
        payload: job.data,
        reason: said.success ? said.data.message : 'No reason was recorded.',
        failedAt: job.createdOn,
      }
    })
    .toSorted((a, b) => b.failedAt.getTime() - a.failedAt.getTime())
}

/** Puts dead jobs back into their queues; all of them where no ids are named. Returns how many went. */
export async function retryDeadLetters(queue: Queue, ids?: readonly string[]): Promise<number> {
  return queue.boss.redrive(DEAD_LETTERS, ids === undefined ? {} : { ids: [...ids] })
}
