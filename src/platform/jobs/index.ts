export { type DeadLetter, listDeadLetters, retryDeadLetters } from './dead-letters.ts'
export { completeJob, fetchJobs, findLiveJobs, type HeldJob, touchJobs } from './held-jobs.ts'
export { defineJob, type HandledJob, handleJob, type JobContext, type JobDefinition, type JobRequest } from './job.ts'
export { findLivePayloads } from './live-payloads.ts'
export {
  cancelTimedJobs,
  moveTimedJob,
  openQueue,
  type Queue,
  sendJobs,
  sendJobsNow,
  sendTimedJobs,
  type TimedJobRequest,
} from './queue.ts'
export { type JobObserver, requireHandlers, startWorking, type Work } from './work.ts'
