import { type Clock, monotonicMs } from '../../base/clock.ts'
import { AppError, describeError, isAppError } from '../../base/errors.ts'
import {
  attendMeetingJob,
  type Bot,
  claimBot,
  defaultLimits,
  isFinal,
  type MeetingToAttend,
  nextAttempt,
  type Runner,
  type RunnerName,
  readWishes,
  type Seat,
  type Sitting,
  type SittingEvent,
  type SittingLimits,
} from '../../features/bots/index.ts'
import { readMeeting } from '../../features/meetings/index.ts'
import { finishRecordingJob } from '../../features/recordings/index.ts'
import { finishTranscript, readTranscript } from '../../features/transcripts/index.ts'
import { inTransaction } from '../../platform/db/index.ts'
import { completeJob, fetchJobs, type HeldJob, sendJobs, touchJobs } from '../../platform/jobs/index.ts'
import { FenceLost, SittingWriter, type WriterDeps } from './sitting-writer.ts'

const LOOK_MS = 250
const TOUCH_MS = 3_000
const WISHES_MS = 1_000
/** A bot whose lease is not confirmed within this leaves: two seconds before anybody else may claim it. */
const LEASE_MS = 18_000
/** Attempts at one meeting, when the bot host is lost each time. */
const MAX_ATTEMPTS = 10

export interface AttendanceDeps extends WriterDeps {
  clock: Clock
  /** What executes bots, by name; a bot of any other is not launched. */
  runners: Partial<Record<RunnerName, Runner>>
  /** Bots of this worker at once. */
  capacity: number
  botName: string
  /** Said in the room; none if empty. */
  chatLine: string
  limits?: SittingLimits
  /** Closes what belongs to attendance, once every bot has left. */
  close?(): Promise<void>
}

interface Attended {
  job: HeldJob<{ meetingId: string }>
  bot: Bot
  seat: Seat | undefined
}

/**
 * Attends meetings: takes the jobs that are due as far as there is room, sits a bot in each meeting, keeps the jobs alive while it does, and
 * passes on what is asked of the bots. Disposing of it lets every bot leave.
 */
export class Attendance implements AsyncDisposable {
  readonly #deps: AttendanceDeps
  readonly #claimDeps: Parameters<typeof claimBot>[0]
  readonly #held = new Map<string, Attended>()
  readonly #running = new Set<Promise<void>>()
  readonly #timers: NodeJS.Timeout[]
  #isTaking = true
  #isLeaving = false

  constructor(deps: AttendanceDeps) {
    this.#deps = deps
    this.#claimDeps = {
      clock: deps.clock,
      survivesWorker: (name) => deps.runners[name]?.survivesWorker === true,
    }
    this.#timers = [
      this.#every(LOOK_MS, () => this.#takeDue()),
      this.#every(TOUCH_MS, () => this.#confirm()),
      this.#every(WISHES_MS, () => this.#passOnWishes()),
    ]
  }

  /** Takes nothing new, and waits until every meeting held is over. */
  async drain(): Promise<void> {
    this.#isTaking = false
    while (this.#running.size > 0) await Promise.allSettled(this.#running)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isTaking = false
    this.#isLeaving = true
    for (const { seat } of this.#held.values()) seat?.leave('user_requested')
    await this.drain()
    for (const timer of this.#timers) clearInterval(timer)
    await this.#deps.close?.()
  }

  /** Runs something again and again, never twice at once; what fails is tried at the next turn. */
  #every(ms: number, work: () => Promise<void>): NodeJS.Timeout {
    let isRunning = false
    return setInterval(async () => {
      if (isRunning) return
      isRunning = true
      try {
        await work()
      } catch (error) {
        this.#deps.log.warn('A turn of attendance failed', { error })
      } finally {
        isRunning = false
      }
    }, ms)
  }

  async #takeDue(): Promise<void> {
    const free = this.#deps.capacity - this.#held.size
    if (!this.#isTaking || free <= 0) return
    for (const job of await fetchJobs(this.#deps.queue, attendMeetingJob, free)) {
      // Our signs of life did not get through for a while, but the bot still sits there: it is ours again.
      if (this.#held.has(job.id)) continue
      const work = this.#attend(job).catch((error) => {
        this.#deps.log.error('A meeting could not be attended', { meetingId: job.payload.meetingId, error })
      })
      this.#running.add(work)
      void work.finally(() => this.#running.delete(work))
    }
  }

  async #confirm(): Promise<void> {
    const held = [...this.#held.values()]
    await touchJobs(
      this.#deps.queue,
      attendMeetingJob.name,
      held.map(({ job }) => job.id),
    )
    const untilMs = monotonicMs() + LEASE_MS
    for (const { seat } of held) seat?.confirmLease(untilMs)
  }

  async #passOnWishes(): Promise<void> {
    const held = [...this.#held.values()]
    const wishes = new Map(
      (
        await readWishes(
          this.#deps.db,
          held.map(({ bot }) => bot.id),
        )
      ).map((wish) => [wish.id, wish]),
    )
    for (const { bot, seat } of held) {
      const wish = wishes.get(bot.id)
      if (!wish || !seat) continue
      if (wish.wanted === 'leave') seat.leave('user_requested')
      else seat.update({ endsAt: wish.endsAt })
    }
  }

  async #attend(job: HeldJob<{ meetingId: string }>): Promise<void> {
    const { db, queue } = this.#deps
    const meeting = await readMeeting(db, job.payload.meetingId)
    let bot = meeting && (await inTransaction(db, (trx) => claimBot(this.#claimDeps, trx, { meeting, jobId: job.id })))
    try {
      for (let attempt = 1; meeting && bot && attempt <= MAX_ATTEMPTS; attempt++)
        bot = await this.#sitOnce(job, meeting, bot)
    } catch (error) {
      if (!(error instanceof FenceLost)) throw error
      // Another worker has the meeting; its job is that worker's to complete.
      return
    } finally {
      this.#held.delete(job.id)
    }
    await inTransaction(db, async (trx) => {
      if (meeting)
        await sendJobs(queue, trx, [{ job: finishRecordingJob, payload: { meetingId: meeting.id }, key: meeting.id }])
      await completeJob(queue, trx, attendMeetingJob.name, job.id)
    })
  }

  /** One attempt; answers the bot of the next one where this one was lost and the meeting goes on. */
  async #sitOnce(
    job: HeldJob<{ meetingId: string }>,
    meeting: MeetingToAttend & { platform: string; meetingUrl: string },
    bot: Bot,
  ): Promise<Bot | undefined> {
    const held: Attended = { job, bot, seat: undefined }
    this.#held.set(job.id, held)
    const writer = new SittingWriter(this.#deps, bot)
    let isLost = false
    let isFenceLost = false
    const onEvent = (event: SittingEvent) => {
      isLost ||= event.type === 'lost' || (event.type === 'moved' && isBreakdown(event))
      writer.apply(event).catch((error) => {
        if (error instanceof FenceLost) {
          isFenceLost = true
          held.seat?.leave('user_requested')
        } else this.#deps.log.error('What a bot told could not be written', { botId: bot.id, told: event.type, error })
      })
    }
    try {
      held.seat = await this.#runnerOf(bot).sit(this.#sittingOf(meeting, bot), onEvent)
      held.seat.confirmLease(monotonicMs() + LEASE_MS)
      // Asked to leave while the browser was still starting.
      if (this.#isLeaving) held.seat.leave('user_requested')
      await held.seat.done
    } catch (error) {
      this.#deps.log.warn('A bot could not be launched', { botId: bot.id, error })
      await writer.move('fatal_error', 'bot_not_launched', {
        reason: isAppError(error) ? error.message : describeError(error),
      })
      return undefined
    }
    if (isFenceLost) throw new FenceLost('The fence was raised')
    await writer.finish()
    return this.#settle(writer, meeting, job, isLost)
  }

  async #settle(
    writer: SittingWriter,
    meeting: MeetingToAttend,
    job: HeldJob<{ meetingId: string }>,
    isLost: boolean,
  ): Promise<Bot | undefined> {
    if (isLost && !isFinal(writer.bot.state)) await writer.move('fatal_error', 'process_terminated')
    if (writer.bot.state === 'post_processing') await writer.move('post_processing_completed')
    const now = this.#deps.clock.now()
    if (isLost) {
      const next = await inTransaction(this.#deps.db, (trx) =>
        nextAttempt(trx, { meeting, jobId: job.id, runner: writer.bot.runner, now }),
      )
      if (next) return next
    }
    await this.#settleTranscript(meeting)
    return undefined
  }

  async #settleTranscript(meeting: MeetingToAttend): Promise<void> {
    const { db, clock } = this.#deps
    const transcript = await readTranscript(db, meeting.id, { afterSeq: Number.MAX_SAFE_INTEGER })
    const parts = transcript?.parts ?? []
    const startedAt = transcript?.recording?.startedAt
    const isOnTime = startedAt !== undefined && startedAt.getTime() - meeting.startsAt.getTime() < LATE_MS
    const facts = { hasAudio: parts.length > 0, isWhole: parts.length === 1 && isOnTime }
    await inTransaction(db, (trx) => finishTranscript(trx, meeting.id, facts, clock.now()))
  }

  #runnerOf(bot: Bot): Runner {
    const runner = this.#deps.runners[bot.runner]
    if (!runner) throw new AppError('no_runner', `This worker has no runner "${bot.runner}".`)
    return runner
  }

  #sittingOf(meeting: MeetingToAttend & { platform: string; meetingUrl: string }, bot: Bot): Sitting {
    const { botName, chatLine, limits = defaultLimits } = this.#deps
    return {
      botId: bot.id,
      fence: bot.fence,
      resumesFrom: bot.fence > 1 ? bot.state : null,
      platform: meeting.platform as Sitting['platform'],
      url: meeting.meetingUrl,
      botName,
      otherBotNames: [],
      chatLine,
      joinAt: bot.joinAt,
      endsAt: meeting.endsAt,
      limits,
    }
  }
}

/** What broke was ours and not the meeting's: another attempt may go well. */
function isBreakdown({ event, subType }: { event: string; subType?: string }): boolean {
  return event === 'fatal_error' && BREAKDOWNS.has(subType ?? '')
}

const BREAKDOWNS = new Set(['browser_crashed', 'page_unresponsive', 'media_dead', 'connection_lost'])

/** Joining later than this after the start makes a transcript partial. */
const LATE_MS = 60_000
