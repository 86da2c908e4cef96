export { Attendance, type AttendanceDeps } from './attendance.ts'
export { type Capacity, readCapacity, whatItWaitsFor } from './capacity/capacity.ts'
export { seeToAttendeeBotJob, seeToBotRequest, superviseBotsJob, sweepAttendeeBotsJob } from './jobs.ts'
export { chooseRunners, listJoinable } from './runners/choose-runners.ts'
export {
  attendeeServerOf,
  checkAttendee,
  explainUnfit,
  findUnfit,
  fitName,
  fitText,
  listTrials,
  listUnfitMeetings,
  type NoticeOutcome,
  receiveAttendeeNotice,
  runBotHost,
  runners,
  type SeeToDeps,
  type ServerTrial,
  type StoredTrial,
  seeToAttendeeBot,
  tryServer,
  type UnfitMeeting,
  writeTrial,
} from './runners/registry.ts'
export type { Runner } from './runners/runner.ts'
export { type HurryDeps, hurryRefused } from './supervising/hurry-refused.ts'
export { type SuperviseDeps, superviseBots } from './supervising/supervise-bots.ts'
export { openPresence } from './workers/presence.ts'
export { readWorkers } from './workers/worker-store.ts'
export { KeptSound } from './writing/kept-sound.ts'
