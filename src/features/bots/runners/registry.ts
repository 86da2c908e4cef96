import type { HttpClient } from '../../../platform/http/index.ts'
import { createAttendeeApi } from './attendee/attendee-api.ts'

export {
  awaitsWords,
  countNotGone,
  fetchMissingAgain,
  isAwaited,
  keepsNoRecording,
  listMissingMedia,
  listUnsettled,
  mayStillBeInRoom,
  noteMediaProblem,
} from './attendee/attendee-bot-store.ts'
export { attendeeServerOf } from './attendee/attendee-server.ts'
export { createAttendeeRunner } from './attendee/create-attendee-runner.ts'
export { explainUnfit, findUnfit, fitName, fitText } from './attendee/fit-server.ts'
export { listUnfitMeetings, type UnfitMeeting } from './attendee/list-unfit-meetings.ts'
export { type NoticeOutcome, receiveAttendeeNotice } from './attendee/receive-notice.ts'
export { type SeeToDeps, seeToAttendeeBot } from './attendee/see-to-bot.ts'
export { listTrials, type StoredTrial, writeTrial } from './attendee/trial-store.ts'
export { type ServerTrial, tryServer } from './attendee/try-server.ts'
export { createBotHostPool } from './browser/bot-host-pool.ts'

/** The life of a bot host's process. Loaded when it is called: nobody else needs the browser's library. */
export async function runBotHost(channel: import('./browser/host/run-bot-host.ts').WorkerChannel): Promise<void> {
  const { runBotHost: run } = await import('./browser/host/run-bot-host.ts')
  await run(channel)
}

/** Asks an Attendee server for an answer; throws where there is none or it refuses the key. */
export async function checkAttendee(server: { http: HttpClient; url: URL; apiKey: string }): Promise<void> {
  await createAttendeeApi(server).check()
}
