import type { Origin } from '../meetings/index.ts'
import type { BotState } from './bot-state.ts'

/** Where a bot came from: what made the plan, or a worker after an attempt was lost. */
export type BotOrigin = Origin | 'attempt'

/** What executes bots: our own Chromium, or an Attendee server. */
export const runnerNames = ['browser', 'attendee'] as const
export type RunnerName = (typeof runnerNames)[number]

/** Whether a runner's bots stay in their rooms when their worker is gone; whoever claims one then sits down with it again. */
export const SURVIVES_WORKER: Record<RunnerName, boolean> = { browser: false, attendee: true }

/** One attempt to attend a meeting. */
export interface Bot {
  id: string
  meetingId: string
  roomKey: string
  runner: RunnerName
  state: BotState
  /** When it is to be in the room. */
  joinAt: Date
  /** Raised by each claim; a write with an older one changes nothing. */
  fence: number
  /**
   * What its worker is asked to do; `wantedVersion` rises with each change. `linger`: its meeting is in another room or later by now, so it
   * goes no further, but stays in a room it is in until it is alone, or for `LINGER_MS` after the meeting's new bot is in.
   */
  wanted: 'attend' | 'leave' | 'linger'
  wantedVersion: number
  jobId: string | null
  /** The worker that holds it, or held it last. */
  holder: string | null
  /** What led to it; left out by a worker, whose bots are further attempts. */
  origin?: BotOrigin
}

/** A bot is staged this long before it joins, so that it is in the room at the start itself; meetings that start together are spread. */
export const STAGING_LEAD_MS: Record<RunnerName, { least: number; most: number }> = {
  browser: { least: 60_000, most: 90_000 },
  // An Attendee server takes times that are at least two minutes ahead.
  attendee: { least: 180_000, most: 240_000 },
}
/** People who have not seen a meeting's new link are still heard for so long once the new room is attended. */
export const LINGER_MS = 120_000
