export { attendMeeting } from './attend-meeting.ts'
export { type BotState, botStates, isFinal } from './bot-state.ts'
export { attendMeetingJob } from './jobs.ts'
export { type ScheduleBotsDeps, scheduleBots, type TimedJob } from './schedule-bots.ts'
