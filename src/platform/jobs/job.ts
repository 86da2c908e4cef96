/** What happens to a job that is sent while another with its key waits or runs. */
type JobPolicy =
  /** Every send is a job. */
  | 'standard'
  /** One waits and one runs per key: "look again" jobs, whose second knock must not be lost. */
  | 'stately'
  /** One per key, waiting or running. */
  | 'exclusive'

/** A kind of job: its name, its payload and how it is retried. What it does stands in jobs.ts. */
export interface JobDefinition<Payload extends object = object> {
  name: string
  /** Checks a payload: a zod schema. */
  payload: { parse(value: unknown): Payload }
  policy: JobPolicy
  /** Further attempts after the first. */
  retryLimit: number
  /** Seconds before the first retry; doubled each time, with jitter, up to `retryDelayMaxSeconds`. */
  retryDelaySeconds: number
  retryDelayMaxSeconds: number
  /** Seconds after which a running job counts as lost and is retried. */
  expireInSeconds: number
  /** Seconds without a sign of life after which a running job is given to another worker: its process, or the database, went away. At least 10. */
  heartbeatSeconds: number
  /** Loops that take jobs of this kind in one worker. */
  concurrency: number
  /** Jobs that one loop takes and runs at once. From 2 on it goes on without a pause while there are enough: for short jobs in great numbers. */
  batchSize: number
  /** Long work that is fetched, touched and completed by a loop of its own, not by a handler. */
  isHeld?: boolean
  /** Sent for a later time, and looked for each second then: nothing announces a job that falls due. */
  isDelayed?: boolean
  /** A cron expression (UTC) for jobs that the queue itself sends, with an empty payload. */
  cron?: string
}

const defaults = {
  policy: 'standard',
  retryLimit: 8,
  retryDelaySeconds: 2,
  retryDelayMaxSeconds: 300,
  expireInSeconds: 900,
  heartbeatSeconds: 15,
  concurrency: 1,
  batchSize: 1,
} as const

/** Describes a kind of job; what is not said has a default fit for short work that may run twice. */
export function defineJob<Payload extends object>(
  definition: Pick<JobDefinition<Payload>, 'name' | 'payload'> & Partial<JobDefinition<Payload>>,
): JobDefinition<Payload> {
  return { ...defaults, ...definition }
}

/** A job to be sent. */
export interface JobRequest<Payload extends object = object> {
  job: JobDefinition<Payload>
  payload: Payload
  /** Jobs of one kind that share a key exclude each other, as the policy says. */
  key?: string
  /** When it is due; at once where unset. */
  startAfter?: Date
  /** Higher goes first. */
  priority?: number
  /** What held jobs are counted by. */
  group?: string
}

interface JobContext {
  jobId: string
  /** Aborted when the worker stops or the job expired. */
  signal: AbortSignal
}

type JobHandler<Payload extends object> = (payload: Payload, context: JobContext) => Promise<void>

export interface HandledJob {
  job: JobDefinition
  handle: JobHandler<object>
}

/** Binds a kind of job to the function that does it. */
export function handleJob<Payload extends object>(
  job: JobDefinition<Payload>,
  handle: JobHandler<Payload>,
): HandledJob {
  return { job, handle: handle as JobHandler<object> }
}
