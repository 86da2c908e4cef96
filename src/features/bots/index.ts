export { abandonBots } from './abandon-bots.ts'
export {
  ATTENDEE_SIGNAL,
  awaitsWords,
  countNotGone,
  fetchMissingAgain,
  hasNotice,
  hasSuccessor,
  hasTie,
  keepsNoRecording,
  keepTie,
  listInTheWay,
  listMissingMedia,
  listUnsettled,
  noteGone,
  noteMediaProblem,
  noteSettling,
  type RemoteInTheWay,
  type RemoteTie,
  readRemover,
  readReported,
  readUnsettled,
  renewTie,
  type UnsettledBot,
  wakeHolder,
  writeNotice,
  writeRemoteId,
} from './attendee-bot-store.ts'
export { attendedAt, type Bot, LINGER_MS } from './bot.ts'
export { type BotEnd, type BotHappening, botEnds, endOfFailure, explainEnd, outcomeOf } from './bot-end.ts'
export { type BotOutcome, furtherAttempt, NOT_YET_LAUNCHED, type PastAttempt, wasNeverSent } from './bot-outcome.ts'
export { isAtRest, REST_MS } from './bot-rest-store.ts'
export {
  type BotState,
  botEventTypes,
  botStates,
  finalStates,
  isFinal,
  isWaitingToBegin,
  nextState,
} from './bot-state.ts'
export {
  announceBot,
  BOT_SIGNAL,
  hasLiveBot,
  holdsFence,
  insertBots,
  lockBotsOfMeetings,
  moveBot,
  moveBotsToMeeting,
  noteBotEvent,
  notePlaceMissing,
  raiseFence,
  readBotState,
  readMeetingOfBot,
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
export { endOfRefusal, explainRefusal, explainTrial, isRefusal, kindOfRefusal, refusalEnds } from './explain-refusal.ts'
export {
  attendMeetingJob,
  HAS_ITS_PLACE,
  NEEDS_NO_PLACE,
  traitsOfJob,
} from './jobs.ts'
export { closeParticipants, rememberSpeaker, upsertParticipant } from './participant-store.ts'
export { type PassedOn, readOtherInRoom, readPassedOn } from './passed-on-store.ts'
export { type RunnerName, runnerNames, runnersThat, runnerTraits } from './runner-traits.ts'
export { attendJobOf, scheduleBots, type TimedJob } from './schedule-bots.ts'
export { listSeatedMeetings, wasEntered } from './seated-bot-store.ts'
export { defaultLimits, limitsWith, type SittingLimits } from './sitting-limits.ts'
