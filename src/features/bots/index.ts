export { abandonBots } from './abandon-bots.ts'
export type { Bot, RunnerName } from './bot.ts'
export { type BotState, botStates, isFinal } from './bot-state.ts'
export {
  closeParticipants,
  holdsFence,
  moveBot,
  noteBotEvent,
  readMeetingOfBot,
  readWishes,
  upsertParticipant,
} from './bot-store.ts'
export { type BotEventView, type BotView, listBotEvents, listBots } from './bot-view-store.ts'
export { claimBot, type MeetingToAttend, nextAttempt } from './claim-bot.ts'
export { attendMeetingJob } from './jobs.ts'
export { chooseRunners, listJoinable } from './runners/choose-runners.ts'
export { defaultLimits, type SittingLimits } from './runners/limits.ts'
export {
  type BotHostPool,
  type BotHostPoolOptions,
  checkAttendee,
  createAttendeeRunner,
  createBotHostPool,
  type NoticeOutcome,
  receiveAttendeeNotice,
  runBotHost,
} from './runners/registry.ts'
export type {
  AudioEvent,
  Gathered,
  Hearing,
  LostReason,
  Runner,
  Seat,
  SeatedParticipant,
  Sitting,
  SittingEvent,
} from './runners/runner.ts'
export { type ScheduleBotsDeps, scheduleBots, type TimedJob } from './schedule-bots.ts'
