export { type DeadLetter, listDeadLetters, retryDeadLetters } from './dead-letters.ts'
export {
  completeJob,
  countHeldJobs,
  fetchJobs,
  findLiveJobs,
  giveBackJobs,
  type HeldJob,
  holdJobs,
  isAnyDue,
  touchJobs,
} from './held-jobs.ts'
export { defineJob, type HandledJob, handleJob, type JobDefinition, type JobRequest } from './job.ts'
export { findLivePayloads } from './live-payloads.ts'
export {
  cancelTimedJobs,
  moveTimedJob,
  openQueue,
  preferJob,
  type Queue,
  sendJobs,
  sendJobsNow,
  sendTimedJobs,
  type TimedJobRequest,
} from './queue.ts'
export { startWorking, type Work } from './work.ts'
