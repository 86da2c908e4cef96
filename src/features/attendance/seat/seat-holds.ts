import { MINUTE_MS, SECOND_MS } from '../../../base/time.ts'
import type { Timers } from '../../../base/timers.ts'
import { holdJobs, type Queue } from '../../../platform/jobs/index.ts'
import { attendMeetingJob, traitsOfJob } from '../../bots/index.ts'
import type { HeldSeat } from './held-seat.ts'

const SHORT_HOLD_MS = attendMeetingJob.heartbeatSeconds * SECOND_MS
/** Without another worker that could take over, nothing is won by giving a seat up soon. */
const LONG_HOLD_MS = 10 * MINUTE_MS
/** A touch that reaches the database later than this after it was sent changes nothing. */
const VALID_MS = 15 * SECOND_MS

/**
 * Holds this worker's seats at the queue: each touch stores for how long nobody else may have the seat, whether the worker lives or is cut off,
 * and the bot's lease is never longer than what is stored. A hold that is made shorter counts from the moment it is asked for, since its answer
 * may be lost; and none is made longer while a shorter one may still be on its way.
 */
export class SeatHolds {
  readonly #deps: { queue: Queue; timers: Timers; couldTakeOver(): boolean }
  /** The database's time as it last said, and when. */
  #heard: { at: Date; monotonicMs: number } | undefined
  #shortUntilMs = Number.NEGATIVE_INFINITY

  constructor(deps: { queue: Queue; timers: Timers; couldTakeOver(): boolean }) {
    this.#deps = deps
  }

  /** Touches the jobs of these seats and confirms those that are ours still; false where it came too late to say. */
  async confirm(seats: readonly HeldSeat[]): Promise<boolean> {
    if (this.#heard === undefined) await this.#touch([])
    if (seats.length === 0) return true
    const askedAtMs = this.#deps.timers.monotonicMs()
    const isShort = this.#deps.couldTakeOver() || askedAtMs < this.#shortUntilMs
    const holdMs = isShort ? SHORT_HOLD_MS : LONG_HOLD_MS
    const holds = seats.map((seat) => ({ seat, ms: survives(seat) ? SHORT_HOLD_MS : holdMs }))
    if (isShort) {
      this.#shortUntilMs = Math.max(this.#shortUntilMs, askedAtMs + VALID_MS + SECOND_MS)
      for (const seat of seats) seat.limit(askedAtMs, SHORT_HOLD_MS)
    }
    const { ours, isLate } = await this.#touch(
      holds.map(({ seat, ms }) => ({ ...seat.job, holdSeconds: ms / SECOND_MS })),
    )
    // What is not ours any more is not confirmed, and its lease runs out.
    for (const { seat, ms } of holds) if (ours.has(seat.job.id)) seat.confirm(askedAtMs, ms)
    return !isLate
  }

  /** A seat that was left without completing its job is not kept for longer than usual. */
  async release({ job }: HeldSeat): Promise<void> {
    await this.#touch([{ ...job, holdSeconds: SHORT_HOLD_MS / SECOND_MS }])
  }

  async #touch(jobs: Parameters<typeof holdJobs>[2]): Promise<{ ours: Set<string>; isLate: boolean }> {
    const { queue, timers } = this.#deps
    const askedAtMs = timers.monotonicMs()
    const heard = this.#heard
    const notAfter = heard && new Date(heard.at.getTime() + (askedAtMs - heard.monotonicMs) + VALID_MS)
    const { ours, at } = await holdJobs(queue, attendMeetingJob.name, jobs, notAfter)
    this.#heard = { at, monotonicMs: timers.monotonicMs() }
    return { ours, isLate: notAfter !== undefined && at > notAfter }
  }
}

/** A bot that stays in its room whatever becomes of its worker needs no hold for that. */
function survives({ job }: HeldSeat): boolean {
  return traitsOfJob(job).survivesWorker
}
