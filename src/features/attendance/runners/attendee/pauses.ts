import { backoffMs } from '../../../../base/backoff.ts'
import { MINUTE_MS, SECOND_MS } from '../../../../base/time.ts'
import type { RemoteBot } from './attendee-answers.ts'
import { isInRoom } from './translate-event.ts'

/** How often the server is asked about a bot, in milliseconds. Notices only make it sooner. */
export interface Pauses {
  /** Long before it joins. */
  farMs: number
  /** From shortly before it joins until it is in, and until it is out once it was asked to leave. */
  nearMs: number
  inRoomMs: number
  /** Between two looks at least, however many notices come. */
  hintedMs: number
  /** How often is asked who is there; sooner, but not sooner than `contestedMs`, after a notice. */
  peopleMs: number
  /** In a room that another meeting wants too. */
  contestedMs: number
  /** While its results are being made, of those who wait for them. */
  processingMs: number
  /** One run of whoever sees to a bot that is over here; then it looks ever more rarely. */
  runMs: number
  /** What a notice is waited for that says more of an event than the server's answer. */
  noticeMs: number
  /** Doubled with each failure in a row, up to the second. */
  failedMs: number
  failedMostMs: number
}

export const defaultPauses: Pauses = {
  farMs: 30 * SECOND_MS,
  nearMs: 2 * SECOND_MS,
  inRoomMs: 8 * SECOND_MS,
  hintedMs: 2 * SECOND_MS,
  peopleMs: 15 * SECOND_MS,
  contestedMs: 5 * SECOND_MS,
  processingMs: 5 * SECOND_MS,
  runMs: 20 * SECOND_MS,
  noticeMs: 5 * SECOND_MS,
  failedMs: SECOND_MS,
  failedMostMs: 30 * SECOND_MS,
}

const NEAR_MS = MINUTE_MS

/** How long to wait before a bot is looked at again, by how it was found. */
export function pauseAfterLook(
  pauses: Pauses,
  look: { bot: RemoteBot; joinAt: Date; isAskedToLeave: boolean; seesPeople: boolean; now: Date },
): number {
  const { bot, joinAt, now } = look
  // Nothing can be asked of it before its own time.
  if (bot.state === 'staged' && bot.joinAt !== null && (look.isAskedToLeave || bot.joinAt < joinAt)) {
    const waitMs = bot.joinAt.getTime() - now.getTime()
    return waitMs > 0 ? Math.min(waitMs, pauses.farMs) : pauses.nearMs
  }
  if (look.isAskedToLeave || bot.state === 'leaving') return pauses.nearMs
  if (isInRoom(bot)) return look.seesPeople ? Math.min(pauses.contestedMs, pauses.inRoomMs) : pauses.inRoomMs
  const leftMs = joinAt.getTime() - now.getTime() - NEAR_MS
  return leftMs > 0 ? Math.max(pauses.nearMs, Math.min(pauses.farMs, leftMs)) : pauses.nearMs
}

/** The same after failures in a row; the server's own wish counts where it is longer. */
export function pauseAfterFailure(pauses: Pauses, failures: number, wishedMs = 0): number {
  return Math.max(backoffMs(failures - 1, { firstMs: pauses.failedMs, mostMs: pauses.failedMostMs }), wishedMs)
}
