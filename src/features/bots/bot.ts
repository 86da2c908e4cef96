import type { Meeting, Origin } from '../meetings/index.ts'
import type { BotState } from './bot-state.ts'
import type { RunnerName } from './runner-traits.ts'

/** Where a bot came from: what made the plan, or a worker after an attempt was lost. */
type BotOrigin = Origin | 'attempt'

/** One attempt to attend a meeting. */
export interface Bot {
  id: string
  meetingId: string
  roomKey: string
  runner: RunnerName
  state: BotState
  /** When it is to be in the room: at `attendsAt`, and later for a further attempt. */
  joinAt: Date
  /**
   * The time of its meeting that it attends, as `attendedAt` of the meeting as it was planned. Moves with the plan until it asks for entry; from
   * then on only to an earlier time of a meeting that it is at.
   */
  attendsAt: Date
  /** Raised by each claim; a write with an older one changes nothing. */
  fence: number
  /**
   * What its worker is asked to do. `linger`: its meeting is in another room or later by now, so it
   * goes no further, but stays in a room it is in until it is alone, or for `LINGER_MS` after the meeting's new bot is in.
   */
  wanted: 'attend' | 'leave' | 'linger'
  jobId: string | null
  /** The worker that holds it, or held it last. */
  holder: string | null
  /** What led to it; left out by a worker, whose bots are further attempts. */
  origin?: BotOrigin
}

/**
 * When a meeting is to have its bot in the room, by the plan: at its start, or when the room is to be its own; later where a person sends a bot
 * into it, or takes back that none was to be there. A bot in its room with the same time is an attempt at the meeting as it is.
 */
export function attendedAt({
  startsAt,
  seatFrom,
  reason,
  wish,
  wishAt,
}: Pick<Meeting, 'startsAt' | 'seatFrom' | 'reason' | 'wish' | 'wishAt'>): Date {
  const isSaid = reason === 'sent_by_person' || wish === null
  const from = seatFrom ?? startsAt
  return isSaid && wishAt !== null && wishAt > from ? wishAt : from
}

/** People who have not seen a meeting's new link are still heard for so long once the new room is attended. */
export const LINGER_MS = 120_000
