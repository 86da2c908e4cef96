import type { Job, JobResult, WorkOptions } from 'pg-boss'
import { AppError, describeError, isAppError } from '../../base/errors.ts'
import type { HandledJob, JobDefinition } from './job.ts'
import type { Queue } from './queue.ts'

export interface JobObserver {
  /** Called after each attempt. */
  jobEnded(name: string, outcome: 'completed' | 'failed' | 'retried'): void
}

export interface Work extends AsyncDisposable {
  /** Takes no further job, waits for those that run, at most `timeoutMs`; what still runs then is retried by another worker. */
  drain(timeoutMs: number): Promise<void>
}

/** Throws (`job_without_handler`, `job_handled_twice`) unless each kind of job has exactly one handler. */
export function requireHandlers(jobs: readonly JobDefinition[], handled: readonly HandledJob[]): void {
  for (const job of jobs) {
    const count = handled.filter((entry) => entry.job.name === job.name).length
    if (count === 0) throw new AppError('job_without_handler', `Nothing handles the job "${job.name}".`)
    if (count > 1) throw new AppError('job_handled_twice', `The job "${job.name}" has ${count} handlers.`)
  }
  for (const { job } of handled) {
    if (!jobs.some((known) => known.name === job.name)) {
      throw new AppError('job_unknown', `There is a handler for "${job.name}", but no such job.`)
    }
  }
}

/** Starts taking jobs. A handler that throws has its job retried with growing pauses; one that says `never` sends it to the dead letters. */
export async function startWorking(queue: Queue, handled: readonly HandledJob[], observer: JobObserver): Promise<Work> {
  requireHandlers(queue.jobs, handled)
  const running = new Set<Promise<unknown>>()
  for (const { job, handle } of handled) {
    await queue.boss.work<object, object, { perJobResults: true }>(
      job.name,
      {
        batchSize: 1,
        localConcurrency: job.concurrency,
        pollingIntervalSeconds: 1,
        perJobResults: true,
      } as WorkOptions & {
        perJobResults: true
      },
      async (jobs) => {
        const attempts = jobs.map((taken) => runOne(queue, job, handle, taken, observer))
        const all = Promise.all(attempts)
        running.add(all)
        return all.finally(() => running.delete(all))
      },
    )
  }
  const drain = async (timeoutMs: number) => {
    for (const { job } of handled) await queue.boss.offWork(job.name, { wait: false })
    let timer: NodeJS.Timeout | undefined
    const deadline = new Promise((resolve) => {
      timer = setTimeout(resolve, timeoutMs)
    })
    await Promise.race([Promise.allSettled(running), deadline])
    clearTimeout(timer)
  }
  return { drain, [Symbol.asyncDispose]: () => drain(0) }
}

async function runOne(
  queue: Queue,
  job: JobDefinition,
  handle: HandledJob['handle'],
  taken: Job<object>,
  observer: JobObserver,
): Promise<JobResult> {
  try {
    const payload = job.payload.parse(taken.data ?? {})
    await handle(payload, { jobId: taken.id, signal: taken.signal })
    observer.jobEnded(job.name, 'completed')
    return { id: taken.id, status: 'completed' }
  } catch (error) {
    const isFinal = isAppError(error) && error.retry === 'never'
    queue.log[isAppError(error) ? 'warn' : 'error']('A job failed', { job: job.name, jobId: taken.id, error })
    observer.jobEnded(job.name, isFinal ? 'failed' : 'retried')
    // What the queue stores is shown on the problems page: one line, no stack.
    return { id: taken.id, status: isFinal ? 'deadletter' : 'failed', output: { message: describeError(error) } }
  }
}
