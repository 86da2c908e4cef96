import type { HttpClient } from '../../../platform/http/index.ts'
import type { RunnerName } from '../../bots/index.ts'
import type { Platform } from '../../meetings/index.ts'
import { isBrowserPlatform } from '../platforms/platform.ts'
import { createAttendeeApi } from './attendee/attendee-api.ts'
import { type AttendeeRunnerOptions, createAttendeeRunner } from './attendee/create-attendee-runner.ts'
import { type BotHostPoolOptions, createBotHostPool } from './browser/bot-host-pool.ts'
import type { Runner } from './runner.ts'

export { attendeeServerOf } from './attendee/attendee-server.ts'
export { explainUnfit, findUnfit, fitName, fitText } from './attendee/fit-server.ts'
export { listUnfitMeetings, type UnfitMeeting } from './attendee/list-unfit-meetings.ts'
export { type NoticeOutcome, receiveAttendeeNotice } from './attendee/receive-notice.ts'
export { type SeeToDeps, seeToAttendeeBot } from './attendee/see-to-bot.ts'
export { listTrials, type StoredTrial, writeTrial } from './attendee/trial-store.ts'
export { type ServerTrial, tryServer } from './attendee/try-server.ts'

/** What each runner is opened with. */
export interface RunnerOptions {
  browser: BotHostPoolOptions
  attendee: AttendeeRunnerOptions
}

interface RunnerMember<Options> {
  /** Whether it can join meetings of a platform at all. */
  canJoin(platform: Platform): boolean
  /** Whether it attends a platform unless RUNNERS says otherwise. */
  attendsUnasked(platform: Platform): boolean
  /** What it needs besides this program; unset: nothing. */
  needs?: string
  /** Whoever opens it closes it. */
  open(options: Options): Runner
}

/** Every runner. What the rest of the product knows of each stands in `bots/runner-traits.ts`. */
export const runners: { readonly [Name in RunnerName]: RunnerMember<RunnerOptions[Name]> } = {
  browser: {
    canJoin: isBrowserPlatform,
    attendsUnasked: (platform) => platform === 'sandbox',
    open: createBotHostPool,
  },
  attendee: {
    // A sandbox's rooms are joined by a stand-in, never by a real server.
    canJoin: (platform) => platform !== 'jitsi',
    attendsUnasked: (platform) => ['google_meet', 'teams', 'zoom'].includes(platform),
    needs: 'ATTENDEE_API_URL and ATTENDEE_API_KEY',
    open: createAttendeeRunner,
  },
}

/** The life of a bot host's process. Loaded when it is called: nobody else needs the browser's library. */
export async function runBotHost(channel: import('./browser/host/run-bot-host.ts').WorkerPort): Promise<void> {
  const { runBotHost: run } = await import('./browser/host/run-bot-host.ts')
  await run(channel)
}

/** Asks an Attendee server for an answer; throws where there is none or it refuses the key. */
export async function checkAttendee(server: { http: HttpClient; url: URL; apiKey: string }): Promise<void> {
  await createAttendeeApi(server).check()
}
