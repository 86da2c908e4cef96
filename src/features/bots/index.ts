export { abandonBots } from './abandon-bots.ts'
export { type Bot, LINGER_MS, type RunnerName, runnerNames, SURVIVES_WORKER } from './bot.ts'
export { type BotEnd, type BotHappening, endOfFailure, explainEnd } from './bot-end.ts'
export { type BotOutcome, wasNeverSent } from './bot-outcome.ts'
export { type BotState, botStates, isFinal, isWaitingToBegin, nextState } from './bot-state.ts'
export {
  BOT_CHANNEL,
  closeParticipants,
  holdsFence,
  moveBot,
  moveBotsToMeeting,
  noteBotEvent,
  readMeetingOfBot,
  rememberSpeaker,
  upsertParticipant,
} from './bot-store.ts'
export {
  type BotEventView,
  type BotView,
  type DueBot,
  listBotEvents,
  listBots,
  listDueBots,
  listRefusedMeetings,
} from './bot-view-store.ts'
export { type Capacity, readCapacity, whatItWaitsFor } from './capacity.ts'
export { claimBots, nextAttempt, passOnBot } from './claim-bot.ts'
export { explainTrial, isRefusal } from './explain-refusal.ts'
export {
  type BotAtMeeting,
  hasLiveBot,
  listNextInRooms,
  listSurvivorJobs,
  lockBot,
  lockJobsOfHolder,
  type MeetingToAttend,
  notePlaceMissing,
  readBotState,
  readBotsOfJobs,
} from './held-bot-store.ts'
export { type HurryDeps, hurryRefused } from './hurry-refused.ts'
export {
  attendMeetingJob,
  HAS_ITS_PLACE,
  NEEDS_NO_BROWSER,
  seeToAttendeeBotJob,
  seeToBotRequest,
  superviseBotsJob,
  sweepAttendeeBotsJob,
} from './jobs.ts'
export {
  type HandedOn,
  readHandedOn,
  readOtherInRoom,
  readPeopleElsewhere,
  readRoomHistory,
} from './room-history-store.ts'
export { createBotNames } from './runners/bot-names.ts'
export { chooseRunners, listJoinable } from './runners/choose-runners.ts'
export { defaultLimits, limitsWith, type SittingLimits } from './runners/limits.ts'
export {
  attendeeServerOf,
  awaitsWords,
  checkAttendee,
  countNotGone,
  createAttendeeRunner,
  createBotHostPool,
  explainUnfit,
  fetchMissingAgain,
  findUnfit,
  fitName,
  fitText,
  keepsNoRecording,
  listMissingMedia,
  listTrials,
  listUnfitMeetings,
  listUnsettled,
  type NoticeOutcome,
  noteMediaProblem,
  receiveAttendeeNotice,
  runBotHost,
  type SeeToDeps,
  type ServerTrial,
  type StoredTrial,
  seeToAttendeeBot,
  tryServer,
  type UnfitMeeting,
  writeTrial,
} from './runners/registry.ts'
export type {
  AudioEvent,
  Gathered,
  GatheredUtterance,
  Runner,
  Seat,
  SeatedParticipant,
  Sitting,
  SittingEvent,
} from './runners/runner.ts'
export { attendJobOf, scheduleBots, type TimedJob } from './schedule-bots.ts'
export { giveToOccupant, handOnSeat, seatMeeting, takeNextInRoom } from './share-seat.ts'
export { type SuperviseDeps, superviseBots } from './supervise-bots.ts'
export {
  announceWorker,
  forgetWorker,
  isLive,
  noteWorker,
  noteWorkerGone,
  readNeighbours,
  readWorkers,
  WORKER_CHANNEL,
  type WorkerFacts,
  type WorkerPlace,
} from './worker-store.ts'
