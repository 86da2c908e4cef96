import { SECOND_MS } from '../../base/time.ts'
import { handOnSeat, type Seat, type SittingEvent } from '../../features/bots/index.ts'
import { inTransaction } from '../../platform/db/index.ts'
import { cutAudio } from './cut-audio.ts'
import type { Sitter } from './sitter.ts'
import { SittingWriter, type WriterDeps } from './sitting-writer.ts'
import { writeAtLast } from './write-at-last.ts'

/** The next meeting's bot hears from this long before its start, so that not a packet of it is missed. */
const LISTEN_BEFORE_MS = SECOND_MS
/** Sound is on its way for a moment after it was heard. */
const SOUND_LAG_MS = 5 * SECOND_MS
const PACKET_MS = 20

interface SharingDeps extends WriterDeps {
  /** Brings a bot to its end that is not seated. */
  settle(sitter: Sitter): Promise<void>
  failed(sitter: Sitter, error: unknown): void
}

/**
 * Which of a seat's bots has it, and who gets what share of what is heard there: a meeting its own time, and both of two that overlap what
 * overlaps. The seat goes on from one meeting's bot to the next one's at that one's time, without anybody leaving the room.
 */
export class SeatSharing {
  readonly #deps: SharingDeps
  #waiting: Sitter[] = []
  #seated: Sitter | undefined
  #trailing: Sitter[] = []
  /** Resolved with whether the seat was handed on to the bot that listens already. */
  #gate: PromiseWithResolvers<boolean> | undefined
  /** The instant of the seat's first sample. */
  #soundSince: Date | undefined
  #isIn = false
  #hasBegun = false
  #present = new Map<string, Extract<SittingEvent, { type: 'participant' }>>()

  constructor(deps: SharingDeps) {
    this.#deps = deps
  }

  get seated(): Sitter | undefined {
    return this.#seated
  }

  all(): Sitter[] {
    return [...this.#trailing, ...(this.#seated ? [this.#seated] : []), ...this.#waiting]
  }

  /** A bot that is to have the seat when its time comes: before the one that has it, where that has not asked for entry yet. */
  expect(sitter: Sitter): void {
    const seated = this.#seated
    if (seated && !this.#hasBegun && sitter.bot.joinAt < seated.bot.joinAt) {
      this.#seated = sitter
      this.#waiting.push(seated)
    } else this.#waiting.push(sitter)
    this.#waiting.sort((a, b) => a.bot.joinAt.getTime() - b.bot.joinAt.getTime())
  }

  /** Takes the first that waits, to begin a stay in the room with it. */
  begin(): Sitter | undefined {
    this.#seated = this.#waiting.shift()
    this.#soundSince = undefined
    this.#isIn = false
    this.#hasBegun = false
    this.#present = new Map()
    return this.#seated
  }

  /** The stay is over; answers who is to be settled, and who still waits. */
  end(): { trailing: Sitter[]; seated: Sitter | undefined; waiting: Sitter[] } {
    this.#closeGate()
    const end = { trailing: this.#trailing, seated: this.#seated, waiting: this.#waiting }
    this.#trailing = []
    this.#seated = undefined
    this.#waiting = []
    this.#isIn = false
    return end
  }

  forget(sitter: Sitter): void {
    this.#waiting = this.#waiting.filter((one) => one !== sitter)
    this.#trailing = this.#trailing.filter((one) => one !== sitter)
  }

  /** What comes with time: somebody's turn begins, or ends. */
  tick(seat: Seat): void {
    const nowMs = this.#deps.clock.now().getTime()
    const next = this.#waiting[0]
    if (next && this.#isIn && this.#soundSince && !next.isGivenBack) {
      const dueMs = next.bot.joinAt.getTime() - nowMs
      if (dueMs <= LISTEN_BEFORE_MS && !this.#gate) this.#listen(next, this.#soundSince, nowMs)
      if (dueMs <= 0 && this.#gate && next.fromMs !== undefined) this.#handOn(next, seat)
    }
    for (const sitter of [...this.#trailing]) {
      const until = sitter.hearsUntil()
      if (!until || sitter.isSettling || nowMs < until.getTime() + SOUND_LAG_MS) continue
      void this.#deps.settle(sitter)
    }
  }

  /** Keeps the bot in an empty room for a meeting that begins soon after the one before. */
  keepSeat(seat: Seat, keepMs: number): void {
    const next = this.#waiting[0]
    if (!next || !this.#seated || !this.#isIn || next.isGivenBack) return
    const isSoon = next.bot.joinAt.getTime() - this.#seated.meeting.endsAt.getTime() <= keepMs
    if (isSoon) seat.update({ stayUntil: new Date(next.bot.joinAt.getTime() + LISTEN_BEFORE_MS) })
  }

  hear(event: SittingEvent): void {
    if (event.type === 'moved') {
      this.#hasBegun = true
      this.#isIn = event.event === 'joined_meeting' || (this.#isIn && event.event === 'recording_permission_granted')
      if (this.#seated) this.#tell(this.#seated, event)
    } else if (event.type === 'participant') {
      if (event.change === 'left') this.#present.delete(event.participant.nativeId)
      else this.#present.set(event.participant.nativeId, event)
      for (const sitter of this.#listeners()) this.#tell(sitter, event)
    } else if (event.type === 'recording_started') {
      this.#soundSince = event.at
      if (!this.#seated) return
      this.#seated.fromMs = 0
      this.#tell(this.#seated, event)
    } else if (event.type === 'audio') {
      for (const sitter of this.#listeners()) {
        const share = cutAudio(event, sitter.fromMs ?? 0, this.#untilMs(sitter))
        if (share) this.#tell(sitter, share)
      }
    } else if ((event.type === 'hearing' || event.type === 'noted' || event.type === 'gathered') && this.#seated)
      this.#tell(this.#seated, event)
  }

  #listeners(): Sitter[] {
    return this.all().filter(({ fromMs }) => fromMs !== undefined)
  }

  #untilMs(sitter: Sitter): number {
    const until = sitter.hearsUntil()
    return until && this.#soundSince ? until.getTime() - this.#soundSince.getTime() : Number.POSITIVE_INFINITY
  }

  #tell(sitter: Sitter, event: SittingEvent): void {
    sitter.writer.apply(event).catch((error) => this.#deps.failed(sitter, error))
  }

  /** From now on its share is kept for it, to be written once it has the seat. */
  #listen(next: Sitter, soundSince: Date, nowMs: number): void {
    const gate = Promise.withResolvers<boolean>()
    this.#gate = gate
    const from = Math.max(next.bot.joinAt.getTime(), nowMs) - soundSince.getTime()
    next.fromMs = Math.ceil(from / PACKET_MS) * PACKET_MS
    const at = new Date(soundSince.getTime() + next.fromMs)
    const writer = next.writer
    void writer.after(async () => {
      if (!(await gate.promise)) writer.discard()
    })
    this.#tell(next, { type: 'recording_started', at })
    for (const { participant } of this.#present.values())
      this.#tell(next, { type: 'participant', at, change: 'joined', participant })
  }

  #handOn(next: Sitter, seat: Seat): void {
    const last = this.#seated
    const gate = this.#gate
    if (!last || !gate) return
    this.#gate = undefined
    this.forget(next)
    this.#seated = next
    this.#trailing.push(last)
    // What overlaps belongs to both; a meeting that runs over ends where the next one begins.
    last.hearsUntil = () => new Date(Math.max(last.meeting.endsAt.getTime(), next.meeting.startsAt.getTime()))
    seat.update({ endsAt: next.meeting.endsAt })
    const handed = last.writer.after(() =>
      writeAtLast(this.#deps, () =>
        inTransaction(this.#deps.db, (trx) => handOnSeat(this.#deps, trx, { from: last.bot, to: next.bot })),
      ),
    )
    handed.then(
      (wasHanded) => {
        if (wasHanded) {
          last.writer.changed({ state: 'post_processing' })
          next.writer.changed({ state: 'joined_recording' })
        } else this.#takeBack(last, next, seat)
        gate.resolve(wasHanded)
      },
      (error) => {
        this.#takeBack(last, next, seat)
        gate.resolve(false)
        this.#deps.failed(last, error)
      },
    )
  }

  /** It could not have the seat: one of the two is somebody else's, or leaving. */
  #takeBack(last: Sitter, next: Sitter, seat: Seat): void {
    last.hearsUntil = () => undefined
    if (this.#seated !== next) return
    this.forget(last)
    this.#seated = last
    this.#reset(next)
    this.expect(next)
    seat.update({ endsAt: last.meeting.endsAt })
  }

  #closeGate(): void {
    this.#gate?.resolve(false)
    this.#gate = undefined
    for (const sitter of this.#waiting) if (sitter.fromMs !== undefined) this.#reset(sitter)
  }

  #reset(sitter: Sitter): void {
    sitter.fromMs = undefined
    sitter.writer = new SittingWriter(this.#deps, sitter.bot)
  }
}
