import type { Job, JobResult, WorkOptions } from 'pg-boss'
import { AppError, describeError, isAppError } from '../../base/errors.ts'
import type { HandledJob, JobDefinition } from './job.ts'
import { watchLostJobs } from './lost-jobs.ts'
import type { Queue } from './queue.ts'

interface JobObserver {
  /** Called after each attempt. */
  jobEnded(name: string, outcome: 'completed' | 'failed' | 'retried', durationMs: number): void
}

export interface Work extends AsyncDisposable {
  /** Takes no further job, waits for those that run, at most `timeoutMs`; what still runs then is retried by another worker. */
  drain(timeoutMs: number): Promise<void>
}

/** Throws (`job_without_handler`, `job_handled_twice`) unless each kind of job has exactly one handler. */
export function requireHandlers(jobs: readonly JobDefinition[], handled: readonly HandledJob[]): void {
  for (const job of jobs) {
    const count = handled.filter((entry) => entry.job.name === job.name).length + (job.isHeld ? 1 : 0)
    if (count === 0) throw new AppError('job_without_handler', `Nothing handles the job "${job.name}".`)
    if (count > 1) throw new AppError('job_handled_twice', `The job "${job.name}" has ${count} handlers.`)
  }
  for (const { job } of handled) {
    if (!jobs.some((known) => known.name === job.name)) {
      throw new AppError('job_unknown', `There is a handler for "${job.name}", but no such job.`)
    }
  }
}

/** Starts taking jobs, and giving those back that others lost. A handler that throws has its job retried with growing pauses; one that says `never` sends it to the dead letters. */
export async function startWorking(queue: Queue, handled: readonly HandledJob[], observer: JobObserver): Promise<Work> {
  requireHandlers(queue.jobs, handled)
  for (const { job, handle } of handled) {
    await queue.boss.work<object, object, { perJobResults: true } & WorkOptions>(
      job.name,
      // A notice wakes the worker at once; polling is for retries and delayed jobs, of which there is no notice.
      {
        batchSize: job.batchSize,
        burstWhenBatchFull: job.batchSize > 1,
        localConcurrency: job.concurrency,
        ...(job.policy === 'stately' ? { groupConcurrency: 1 } : {}),
        pollingIntervalSeconds: 1,
        notifyPollingIntervalSeconds: 2,
        perJobResults: true,
      },
      (jobs) => runBatch(queue, job, jobs, (taken) => runOne(queue, job, handle, taken, observer)),
    )
  }
  const watch = watchLostJobs(queue)
  const drain = async (timeoutMs: number) => {
    // Waiting here means until the outcome is stored as well, not only until the handler has returned.
    const settled = Promise.all(handled.map(({ job }) => queue.boss.offWork(job.name, { wait: true })))
    let timer: NodeJS.Timeout | undefined
    const deadline = new Promise((resolve) => {
      timer = setTimeout(resolve, timeoutMs)
    })
    await Promise.race([settled, deadline])
    clearTimeout(timer)
    await watch[Symbol.asyncDispose]()
  }
  return { drain, [Symbol.asyncDispose]: () => drain(0) }
}

const EARLY_MS = 500

/** Runs jobs taken together. Those that are done are ended early where another takes long, so that their keys are not held up by it. */
async function runBatch(
  queue: Queue,
  job: JobDefinition,
  jobs: readonly Job<object>[],
  run: (taken: Job<object>) => Promise<JobResult>,
): Promise<JobResult[]> {
  const done = new Set<string>()
  const endEarly = async () => {
    const ids = [...done]
    done.clear()
    if (ids.length > 0) await queue.boss.complete(job.name, ids)
  }
  const timer = setInterval(() => {
    endEarly().catch((error: unknown) => queue.log.warn('Jobs could not be ended early', { job: job.name, error }))
  }, EARLY_MS)
  try {
    return await Promise.all(
      jobs.map(async (taken) => {
        const result = await run(taken)
        if (result.status === 'completed') done.add(taken.id)
        return result
      }),
    )
  } finally {
    clearInterval(timer)
  }
}

async function runOne(
  queue: Queue,
  job: JobDefinition,
  handle: HandledJob['handle'],
  taken: Job<object>,
  observer: JobObserver,
): Promise<JobResult> {
  const begun = performance.now()
  const spentMs = () => performance.now() - begun
  try {
    const payload = job.payload.parse(taken.data ?? {})
    await handle(payload, { jobId: taken.id, signal: taken.signal })
    observer.jobEnded(job.name, 'completed', spentMs())
    return { id: taken.id, status: 'completed' }
  } catch (error) {
    const isFinal = isAppError(error) && error.retry === 'never'
    queue.log[isAppError(error) ? 'warn' : 'error']('A job failed', { job: job.name, jobId: taken.id, error })
    observer.jobEnded(job.name, isFinal ? 'failed' : 'retried', spentMs())
    // What the queue stores is shown on the problems page: one line, no stack.
    return {
      id: taken.id,
      status: isFinal ? 'deadletter' : 'failed',
      output: { message: storable(describeError(error)) },
    }
  }
}

/** The queue has connections of its own, to which a NUL would go as it is; then a job could not even fail. */
function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD')
}
