import { describeError, isAppError } from '../../../base/errors.ts'
import { MINUTE_MS, SECOND_MS } from '../../../base/time.ts'
import type { HeldJob } from '../../../platform/jobs/index.ts'
import {
  type Bot,
  type BotEnd,
  endOfFailure,
  isWaitingToBegin,
  readOtherInRoom,
  runnerTraits,
} from '../../bots/index.ts'
import { readUnusualInviter } from '../../meetings/index.ts'
import type { Seat, SittingEvent } from '../runners/runner.ts'
import { FenceLost } from '../writing/sitting-writer.ts'
import { storeLateSteps } from '../writing/store-left-sound.ts'
import { endWithoutSeat, heedRow, reasonToLeave } from './heed-row.ts'
import { type BotAtMeeting, type MeetingToAttend, readBotsOfJobs } from './held-bot-store.ts'
import { type LaunchDeps, launchesFromMs, launchSitter } from './launch-sitter.ts'
import { noteHolder, noteWhoBrought } from './note-holder.ts'
import { createRoomReader, type Directory, noDirectory } from './read-room.ts'
import { claimSeat, completeSeat, type SeatJobDeps } from './seat-job.ts'
import { SeatSharing } from './seat-sharing.ts'
import { followLostBot, type SittingEnd, STAGED_AT_MOST_MS, settleBot } from './settle-bot.ts'
import { createSitter, type Sitter } from './sitter.ts'

/** A bot leaves this long before anybody else may have its job. */
const LEASE_MARGIN_MS = 2 * SECOND_MS
/** How often something that is waited for is looked at. */
const LOOK_MS = 250
/** A room that cannot be read keeps no bot waiting for longer. */
const READ_AT_MOST_MS = 2 * SECOND_MS
/** The seat is kept for a meeting that begins this soon after the one before. */
const KEEP_SEAT_MS = 15 * MINUTE_MS

export interface HeldSeatDeps extends SeatJobDeps, LaunchDeps {
  /** Who people in rooms are; unset: only addresses that a platform vouches for tell. */
  directory?: Directory
}

/**
 * One job held by this worker: the seat of our bot in one room, for the meeting it was taken for and for those that follow in the same room.
 * Runs until its last bot is over and the job is completed, or somebody else has it.
 */
export class HeldSeat {
  readonly #deps: HeldSeatDeps
  readonly #sharing: SeatSharing
  #job: HeldJob
  #leaseUntilMs: number
  #seat: Seat | undefined
  #leaveReason: BotEnd | undefined
  #isHandingOver = false
  #leaseWasLost = false
  #isSettling = false
  /** Meetings whose inviter was named in the room, or need not be. */
  readonly #saidOf = new Set<string>()
  /** What is still written of bots that were lost, with their meetings. */
  readonly #writing = new Map<Promise<void>, string>()
  /** Resolves when nothing of it is left here. Never rejects. */
  readonly done: Promise<void>

  constructor(deps: HeldSeatDeps, job: HeldJob, fetchedAtMs: number) {
    this.#deps = deps
    this.#job = job
    this.#leaseUntilMs = fetchedAtMs + job.heartbeatMs - LEASE_MARGIN_MS
    const room = () => this.#room
    const { directory = noDirectory } = deps
    this.#sharing = new SeatSharing({
      ...deps,
      settle: (sitter, end) => this.#settle(sitter, end),
      failed: (sitter, error) => this.#noteFailure(sitter, error),
      read: createRoomReader({ ...deps, directory }, room),
      silenced: () => this.#leave('room_says_no'),
      held: (meetingId, about) => void this.#noteHeld(meetingId, about),
      brought: (meetingId, how) =>
        void this.#noteBrought(meetingId, (roomKey) => noteWhoBrought(deps, { roomKey, meetingId, how })),
    })
    this.done = this.#run().catch((error) => {
      if (error instanceof FenceLost) return
      // Its job is not touched any more, so somebody takes it again, and the bot with it.
      deps.log.error('A meeting could not be attended', { jobId: job.id, error })
    })
  }

  get job(): HeldJob {
    return this.#job
  }

  /** The room whose seat this is, and until when a meeting there would have to begin to be served by it. */
  get room(): { roomKey: string; nextBefore: Date } | undefined {
    const { seated } = this.#sharing
    if (
      !seated ||
      !runnerTraits[seated.bot.runner].sharesSeat ||
      this.#isGivenUp ||
      isWaitingToBegin(seated.writer.bot.state)
    )
      return undefined
    const nowMs = this.#deps.clock.now().getTime()
    const nextMs = Math.max(seated.meeting.endsAt.getTime(), nowMs) + KEEP_SEAT_MS
    // What is staged too early would be given back.
    return { roomKey: seated.bot.roomKey, nextBefore: new Date(Math.min(nextMs, nowMs + STAGED_AT_MOST_MS)) }
  }

  /** The queue confirmed, at this time or a little later, that the job is ours for so long. */
  confirm(askedAtMs: number, holdMs = this.#job.heartbeatMs): void {
    this.#leaseUntilMs = askedAtMs + holdMs - LEASE_MARGIN_MS
    this.#seat?.confirmLease(this.#leaseUntilMs)
  }

  /** The queue is about to be told that the job is ours for so long only, and perhaps nobody will be able to say that it was. */
  limit(askedAtMs: number, holdMs: number): void {
    const untilMs = askedAtMs + holdMs - LEASE_MARGIN_MS
    if (untilMs >= this.#leaseUntilMs) return
    this.#leaseUntilMs = untilMs
    this.#seat?.confirmLease(untilMs)
  }

  /**
   * The job came back to us: nothing was heard of us for a while. Where the bot still sits there under its old lease and fence it is adopted;
   * false where it does not, and then this seat ends.
   */
  async takeBack(job: HeldJob, fetchedAtMs: number): Promise<boolean> {
    const { seated } = this.#sharing
    if (seated && this.#seat && !this.#isGivenUp) {
      const rows = await readBotsOfJobs(this.#deps.db, [job.id])
      const isOurs = rows.some(({ bot }) => bot.id === seated.bot.id && bot.fence === seated.bot.fence)
      if (isOurs && this.#deps.timers.monotonicMs() < this.#leaseUntilMs) {
        this.#job = job
        this.confirm(fetchedAtMs)
        return true
      }
    }
    this.#loseLease()
    return false
  }

  /** Leaves the room and gives what is left of its meetings to another worker. */
  handOver(): void {
    this.#isHandingOver = true
    this.#leave('handed_over')
  }

  /** What comes with time: the lease's end, and the meetings' borders. To be called several times a second. */
  tick(): void {
    if (!this.#leaseWasLost && this.#deps.timers.monotonicMs() >= this.#leaseUntilMs) this.#loseLease()
    if (!this.#isGivenUp) this.#sharing.tick(this.#seat)
  }

  /** The bots that are this seat's at this moment. */
  knownBots(): ReadonlySet<string> {
    return new Set(this.#sharing.all().map(({ bot }) => bot.id))
  }

  /** Does what is wanted of its bots. `known` are those it had before the rows were read. */
  obey(rows: readonly BotAtMeeting[], known: ReadonlySet<string>): void {
    if (this.#isSettling) return
    for (const sitter of this.#sharing.all()) {
      if (sitter.isSettling || !known.has(sitter.bot.id)) continue
      const row = rows.find(({ bot }) => bot.id === sitter.bot.id)
      if (row?.bot.fence === sitter.bot.fence) this.#obeyRow(sitter, row)
      else this.#lose(sitter)
    }
    for (const row of rows) {
      const isNew = !known.has(row.bot.id) && !this.knownBots().has(row.bot.id)
      if (isNew && row.bot.holder === this.#deps.workerId && row.bot.state === 'staged') this.expect(row)
    }
    if (this.#seat) this.#sharing.keepSeat(this.#seat, KEEP_SEAT_MS)
    this.#sharing.readAgain()
    const { seated, isContested } = this.#sharing
    if (seated && isContested && runnerTraits[seated.bot.runner].survivesWorker)
      this.#seat?.update({ tellsPeople: true })
  }

  /** Takes a bot of the same room that is to have the seat when its time comes. */
  expect(row: { bot: Bot; meeting: MeetingToAttend }): void {
    if (this.knownBots().has(row.bot.id)) return
    this.#sharing.expect(createSitter(this.#deps, row))
    this.#updateSeat()
  }

  #updateSeat(): void {
    const { seated } = this.#sharing
    if (!seated) return
    const { bot, meeting } = seated
    this.#seat?.update({ joinAt: bot.joinAt, endsAt: meeting.endsAt, url: meeting.meetingUrl })
  }

  #obeyRow(sitter: Sitter, row: BotAtMeeting): void {
    const now = this.#deps.clock.now()
    heedRow(sitter, row, now)
    if (sitter !== this.#sharing.seated) {
      const end = endWithoutSeat(sitter, row.bot)
      if (end) void this.#settle(sitter, end)
      return
    }
    const reason = sitter.isGivenBack ? 'moved_away' : reasonToLeave(row.bot, now)
    if (reason !== undefined) this.#leave(reason)
    this.#updateSeat()
  }

  get #isGivenUp(): boolean {
    return this.#isHandingOver || this.#leaseWasLost
  }

  #loseLease(): void {
    this.#leaseWasLost = true
    this.#seat?.abandon()
  }

  #lose(sitter: Sitter): void {
    if (sitter === this.#sharing.seated) this.#seat?.abandon()
    else this.#sharing.forget(sitter)
  }

  #leave(reason: BotEnd): void {
    const { seated } = this.#sharing
    this.#leaveReason ??= reason
    if (reason === 'handed_over' && seated && runnerTraits[seated.bot.runner].survivesWorker) this.#seat?.abandon()
    else this.#seat?.leave(reason)
  }

  async #run(): Promise<void> {
    for (const claimed of await claimSeat(this.#deps, this.#job)) this.expect(claimed)
    for (;;) {
      const next = this.#sharing.begin()
      if (next) await this.#sit(next)
      else if (await this.#complete()) return
    }
  }

  /** Completes the job, unless it has got another bot meanwhile. */
  async #complete(): Promise<boolean> {
    await Promise.all(this.#writing.keys())
    const rows = await completeSeat(this.#deps, this.#job, () => this.#isGivenUp)
    for (const row of rows) this.expect(row)
    return rows.length === 0
  }

  /** One stay in the room, of one bot or of several in turn. */
  async #sit(sitter: Sitter): Promise<void> {
    this.#leaveReason = undefined
    const end = await this.#stay(sitter)
    this.#seat = undefined
    this.#isSettling = true
    try {
      const { waiting, ...over } = this.#sharing.end()
      const isFollowed = over.seated !== undefined && end.isLost === true && (await this.#follow(over.seated))
      for (const one of over.trailing) await this.#settle(one, {})
      if (over.seated && !isFollowed) await this.#settle(over.seated, end)
      if (this.#isGivenUp) for (const one of waiting) await this.#settle(one, { givesBack: true })
      else for (const one of waiting) this.#sharing.expect(one)
    } finally {
      this.#isSettling = false
    }
  }

  async #stay(first: Sitter): Promise<SittingEnd> {
    let isLost = false
    const launched = Promise.withResolvers<Seat>()
    await this.#waitForTurn(first)
    const sitter = this.#sharing.seated ?? first
    // Who held it before may have ordered it from a server: then it has to be taken back there.
    const mayBeOrdered = runnerTraits[sitter.bot.runner].survivesWorker && sitter.bot.fence > 1
    if (this.#isGivenUp || (this.#leaveReason !== undefined && !mayBeOrdered)) return this.#endOf(sitter, {})
    if (!mayBeOrdered && (this.#sharing.isSilent || (await this.#isAnothers(sitter)))) return { hasNoTurn: true }
    try {
      const leaseUntilMs = () => this.#leaseUntilMs
      const hear = (event: SittingEvent) => {
        isLost ||= event.type === 'lost'
        if (event.type === 'led_to') void this.#lookWhereItLed(event.url, launched.promise)
        this.#sharing.hear(event, this.#isGivenUp ? undefined : this.#seat)
      }
      const words = [this.#deps.chatLine, await this.#whoInvited(sitter.meeting.id)]
      const seat = await launchSitter(this.#deps, sitter, leaseUntilMs, hear, words.filter(Boolean).join(' '))
      this.#seat = seat
      launched.resolve(seat)
      // What happened while the browser was still starting.
      seat.confirmLease(this.#leaseUntilMs)
      if (this.#leaseWasLost) seat.abandon()
      else {
        const reason = this.#leaveReason ?? reasonToLeave(sitter.bot, this.#deps.clock.now())
        if (reason === undefined) this.#updateSeat()
        else this.#leave(reason)
      }
      await seat.done
      return this.#endOf(sitter, { isLost })
    } catch (error) {
      this.#deps.log.warn('A bot could not be launched', { botId: sitter.bot.id, error })
      const end = endOfFailure(isAppError(error) ? error.code : undefined, 'launch_failed')
      const said = isAppError(error) ? error.message : describeError(error)
      return this.#endOf(sitter, { launchFailure: { end, said } })
    }
  }

  #endOf(sitter: Sitter, end: SittingEnd): SittingEnd {
    const last = this.#sharing.seated ?? sitter
    // Where its meeting moved far away it was taken back, unless this seat had been given up before.
    const survives = runnerTraits[last.bot.runner].survivesWorker && (this.#isGivenUp || !last.isGivenBack)
    return { ...end, givesBack: this.#isGivenUp || last.isGivenBack, survives }
  }

  /** Lets the bot in where its link led to the room that was meant. Where it did not, the plan moves its meeting, and it leaves the door. */
  async #lookWhereItLed(ledTo: string, launched: Promise<Seat>): Promise<void> {
    const { leadsThere, timers, log } = this.#deps
    const seat = await launched
    while (this.#seat === seat && !this.#isGivenUp) {
      const { seated } = this.#sharing
      if (!seated) return
      const asked = { roomKey: seated.bot.roomKey, link: seated.meeting.meetingUrl, ledTo }
      try {
        if ((await leadsThere?.(asked)) ?? true) seat.update({ leadsTo: ledTo })
        return
      } catch (error) {
        log.warn('Where a link leads could not be written', { botId: seated.bot.id, error })
        await timers.wait(SECOND_MS)
      }
    }
  }

  /** Until the bot may go to the door. */
  async #waitForTurn(first: Sitter): Promise<void> {
    const { clock, timers } = this.#deps
    const leftMs = () => launchesFromMs(this.#sharing.seated ?? first) - clock.now().getTime()
    const mayGoOn = () => !this.#isGivenUp && this.#leaveReason === undefined
    while (leftMs() > 0 && mayGoOn()) await timers.wait(Math.min(LOOK_MS, leftMs()))
    await Promise.race([this.#sharing.ready(), timers.wait(READ_AT_MOST_MS)])
    this.#sharing.tick(undefined)
    const isOver = () => (this.#sharing.seated ?? first).meeting.endsAt <= clock.now()
    while (this.#sharing.isSilent && mayGoOn() && !isOver()) await timers.wait(LOOK_MS)
    while (mayGoOn() && !isOver() && (await this.#isAnothers(this.#sharing.seated ?? first)))
      await timers.wait(SECOND_MS)
  }

  /**
   * Whether a bot of another meeting is in the room, which has it still: bots of a server cannot share a seat, so the next one is ordered at the
   * hand-over. Where nobody tells who is there, it waits for 15 minutes at most.
   */
  async #isAnothers({ bot, meeting }: Sitter): Promise<boolean> {
    if (!runnerTraits[bot.runner].survivesWorker || bot.fence > 1 || this.#sharing.holds(meeting.id)) return false
    const other = await readOtherInRoom(this.#deps.db, bot).catch(() => undefined)
    if (!other) return false
    if (this.#sharing.isToldOfPeople) return true
    const borderMs = Math.max(other.endsAt.getTime(), meeting.startsAt.getTime())
    return this.#deps.clock.now().getTime() < borderMs + KEEP_SEAT_MS
  }

  /** The room, and whose bots are in it or wait for it. */
  get #room(): { roomKey: string; jobId: string; meetingIds: string[] } | undefined {
    const all = this.#sharing.all()
    const roomKey = (this.#sharing.seated ?? all[0])?.bot.roomKey
    return roomKey === undefined
      ? undefined
      : { roomKey, jobId: this.#job.id, meetingIds: all.map(({ meeting }) => meeting.id) }
  }

  /** What the bot of a meeting says in the room besides: on whose invitation it came, where that may surprise. Once for each meeting. */
  async #whoInvited(meetingId: string): Promise<string> {
    if (this.#saidOf.has(meetingId)) return ''
    this.#saidOf.add(meetingId)
    const inviter = await readUnusualInviter(this.#deps.db, meetingId).catch(() => undefined)
    return inviter === undefined ? '' : `This bot came on the invitation of ${inviter}.`
  }

  /** A meeting holds the room, and gets a bot where it has none here. */
  async #noteHeld(meetingId: string, about: { at: Date; needsBot: boolean }): Promise<void> {
    const { roomKey } = this.#room ?? {}
    const { seated } = this.#sharing
    if (roomKey === undefined || !seated) return
    const occupant = { jobId: this.#job.id, holder: this.#deps.workerId, runner: seated.bot.runner }
    try {
      const row = await noteHolder(this.#deps, { meetingId, roomKey, occupant, ...about })
      if (row && !this.#isGivenUp && !this.#isSettling) this.expect(row)
      const say = about.needsBot ? '' : await this.#whoInvited(meetingId)
      if (say !== '') this.#seat?.update({ say })
    } catch (error) {
      this.#deps.log.warn('Which meeting holds a room could not be written', { meetingId, error })
    }
  }

  async #noteBrought(meetingId: string, write: (roomKey: string) => Promise<void>): Promise<void> {
    const { roomKey } = this.#room ?? {}
    if (roomKey === undefined) return
    await write(roomKey).catch((error) =>
      this.#deps.log.warn('Who brought a room could not be written', { meetingId, error }),
    )
  }

  /** Has another bot follow one whose host is gone, before all of it is written; false where none follows. */
  async #follow(sitter: Sitter): Promise<boolean> {
    if (this.#isGivenUp) return false
    try {
      const next = await followLostBot(this.#deps, { bot: sitter.bot, jobId: this.#job.id })
      if (!next) return false
      sitter.isSettling = true
      this.#sharing.expect(createSitter(this.#deps, next, next.afterMs))
      const written = this.#finish(sitter)
        .catch((error) => this.#noteFailure(sitter, error))
        .then(() => void this.#writing.delete(written))
      this.#writing.set(written, sitter.bot.meetingId)
    } catch (error) {
      this.#noteFailure(sitter, error)
    }
    return true
  }

  /** Writes the rest of what a bot has heard. Throws `FenceLost` where it is somebody else's. */
  #finish({ bot, writer }: Sitter): Promise<void> {
    return writer.finish().catch(async (error) => {
      if (error instanceof FenceLost) {
        await storeLateSteps(this.#deps, bot.id, writer.lateSteps)
        throw error
      }
      this.#deps.log.error('The end of what a bot heard could not be written', { botId: bot.id, error })
    })
  }

  async #settle(sitter: Sitter, end: SittingEnd): Promise<void> {
    if (sitter.isSettling) return
    sitter.isSettling = true
    try {
      await this.#finish(sitter)
      // What follows the last bot of a meeting needs all that was heard there.
      for (const [written, meetingId] of this.#writing) if (meetingId === sitter.bot.meetingId) await written
      const next = await settleBot(this.#deps, { bot: sitter.bot, jobId: this.#job.id, end })
      if (next) this.#sharing.expect(createSitter(this.#deps, next, next.afterMs))
    } catch (error) {
      this.#noteFailure(sitter, error)
    } finally {
      this.#sharing.forget(sitter)
    }
  }

  #noteFailure(sitter: Sitter, error: unknown): void {
    if (error instanceof FenceLost) this.#lose(sitter)
    else this.#deps.log.error('What a bot told could not be written', { botId: sitter.bot.id, error })
  }
}
