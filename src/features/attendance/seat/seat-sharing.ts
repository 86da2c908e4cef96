import { SECOND_MS } from '../../../base/time.ts'
import { inTransaction } from '../../../platform/db/index.ts'
import { runnerTraits } from '../../bots/index.ts'
import type { RoomMeeting } from '../../meetings/index.ts'
import type { AudioEvent, Seat, SeatedParticipant, SittingEvent } from '../runners/runner.ts'
import { SittingWriter, type WriterDeps } from '../writing/sitting-writer.ts'
import { writeAtLast } from '../writing/write-at-last.ts'
import { RoomWatch, type RoomWatchDeps } from './room-watch.ts'
import type { SittingEnd } from './settle-bot.ts'
import { passOnSeat } from './share-seat.ts'
import type { Sitter } from './sitter.ts'
import { SoundTurns, type Turn } from './sound-turns.ts'

/** Sound is on its way for a moment after it was heard. */
const SOUND_LAG_MS = 5 * SECOND_MS
/** The seat is kept until a moment after the next meeting's start. */
const KEEP_ON_MS = SECOND_MS
/** What could not be done about a meeting that holds is tried again after this long. */
const TRY_AGAIN_MS = 5 * SECOND_MS
/** A meeting with nobody's name told has been held when people were there for so long. */
const HELD_UNNAMED_MS = 60 * SECOND_MS

type ParticipantEvent = Extract<SittingEvent, { type: 'participant' }>

interface SharingDeps extends WriterDeps {
  /** Brings a bot to its end that is not seated. */
  settle(sitter: Sitter, end: SittingEnd): Promise<void>
  failed(sitter: Sitter, error: unknown): void
  read: RoomWatchDeps['read']
  /** A meeting holds the room, as far as we can tell; `needsBot`: and has no bot in this seat. May be told again. */
  held(meetingId: string, about: { at: Date; needsBot: boolean }): void
  /** Whose meeting was held here first, as it seems. */
  brought(meetingId: string, how: 'recognised' | 'first_known'): void
  /** No bot of ours may be in the room now. */
  silenced(): void
}

/**
 * Which of a seat's bots has it, and who gets what of what is heard there: the bot of the meeting that holds the room, alone. The seat goes on
 * from one meeting's bot to another's without anybody leaving the room, and back again.
 */
export class SeatSharing {
  readonly #deps: SharingDeps
  readonly #watch: RoomWatch
  readonly #turns = new SoundTurns()
  #waiting: Sitter[] = []
  #seated: Sitter | undefined
  #trailing: Sitter[] = []
  /** Whether the seat is being passed on, to be resolved with whether it was. */
  #gate: PromiseWithResolvers<boolean> | undefined
  #isIn = false
  #hasBegun = false
  #isSilent = false
  #isNobodys = false
  /** What is heard of people and sound while it is not known who came. */
  #heldBack: (AudioEvent | ParticipantEvent)[] = []
  /** Whom each bot was told of, who has not left since. */
  readonly #told = new WeakMap<Sitter, Map<string, SeatedParticipant>>()
  readonly #askedMs = new Map<string, number>()
  readonly #brought = new Set<string>()

  constructor(deps: SharingDeps) {
    this.#deps = deps
    this.#watch = new RoomWatch({
      now: () => deps.clock.now().getTime(),
      read: deps.read,
      failed: (error) => deps.log.warn('A room could not be read', { error }),
    })
  }

  get seated(): Sitter | undefined {
    return this.#seated
  }

  /** Whether the room is a meeting's now, as far as is known. */
  holds(meetingId: string): boolean {
    const { holder } = this.#watch
    return typeof holder === 'object' && holder.id === meetingId
  }

  /** Whether another bot of ours tells who is in the room. */
  get isToldOfPeople(): boolean {
    return this.#watch.isToldOfPeople
  }

  /** Whether several meetings want the room about now. */
  get isContested(): boolean {
    return (this.#watch.facts?.meetings.length ?? 0) > 1
  }

  /** Whether the room is to be without a bot of ours now. */
  get isSilent(): boolean {
    return this.#isSilent
  }

  all(): Sitter[] {
    return [...this.#trailing, ...(this.#seated ? [this.#seated] : []), ...this.#waiting]
  }

  /** A bot that is to have the seat when its time comes: before the one that has it, where that has not asked for entry yet. */
  expect(sitter: Sitter): void {
    this.#watch.grewOld()
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
    this.#isIn = false
    this.#hasBegun = false
    this.#heldBack = []
    // One that is under way is seen to its end by those whom it concerns.
    this.#gate = undefined
    this.#turns.beginStay()
    if (this.#seated) this.#watch.begin()
    return this.#seated
  }

  /** Resolves when it is known whose the room is. Never rejects. */
  ready(): Promise<void> {
    return this.#watch.ready()
  }

  /** The stay is over; answers who is to be settled, and who still waits. */
  end(): { trailing: Sitter[]; seated: Sitter | undefined; waiting: Sitter[] } {
    this.#giveHeldBack()
    const end = { trailing: this.#trailing, seated: this.#seated, waiting: this.#waiting }
    this.#trailing = []
    this.#seated = undefined
    this.#waiting = []
    this.#isIn = false
    this.#watch.see(false)
    return end
  }

  forget(sitter: Sitter): void {
    this.#waiting = this.#waiting.filter((one) => one !== sitter)
    this.#trailing = this.#trailing.filter((one) => one !== sitter)
  }

  /** What is planned in the room may have changed. */
  readAgain(): void {
    this.#watch.readAgain()
  }

  /** What comes with time: another meeting holds the room, somebody's turn ends. `seat` is undefined while nobody is launched. */
  tick(seat: Seat | undefined): void {
    this.#look(seat)
    if (!seat) return
    if (!this.#watch.isBehind()) this.#giveHeldBack()
    const nowMs = this.#deps.clock.now().getTime()
    for (const sitter of [...this.#trailing]) {
      const untilMs = this.#turns.heardUntil(sitter) ?? Number.NEGATIVE_INFINITY
      if (!sitter.isSettling && nowMs >= untilMs + SOUND_LAG_MS && this.#gate === undefined)
        void this.#deps.settle(sitter, {})
    }
    for (const sitter of [...this.#waiting]) {
      const isOver = sitter.meeting.endsAt.getTime() <= nowMs && !this.#watch.mayComeBack(sitter.meeting.id)
      if (this.#isIn && isOver && !sitter.isSettling && sitter.fromMs === undefined)
        void this.#deps.settle(sitter, { hasNoTurn: true })
    }
  }

  /** Keeps the bot in an empty room for a meeting that begins soon after the one before. */
  keepSeat(seat: Seat, keepMs: number): void {
    const now = this.#deps.clock.now()
    const next = this.#waiting.find(({ bot }) => bot.joinAt > now)
    if (!next || !this.#seated || !this.#isIn || next.isGivenBack) return
    const isSoon = next.bot.joinAt.getTime() - this.#seated.meeting.endsAt.getTime() <= keepMs
    if (isSoon) seat.update({ stayUntil: new Date(next.bot.joinAt.getTime() + KEEP_ON_MS) })
  }

  hear(event: SittingEvent, seat?: Seat): void {
    if (event.type === 'moved') {
      this.#hasBegun = true
      this.#isIn = event.event === 'joined_meeting' || (this.#isIn && event.event === 'recording_permission_granted')
      this.#watch.see(this.#isIn)
      const seated = this.#seated
      if (seated) this.#tell(seated, event)
      // Of one that tells no sound, being in the room is holding it.
      if (seated && !runnerTraits[seated.bot.runner].sharesSeat && event.event === 'joined_meeting')
        this.#deps.held(seated.meeting.id, { at: event.at, needsBot: false })
    } else if (event.type === 'participant') {
      this.#watch.note(event)
      this.#heldBack.push(event)
    } else if (event.type === 'audio') this.#heldBack.push(event)
    else if (event.type === 'recording_started') this.#beginSound(event.at, seat)
    else if (event.type === 'words') {
      // Of what another meeting's may be, its own end will say whose it was.
      if (this.#seated && this.#mayHear(this.#seated)) this.#tell(this.#seated, event)
    } else if ((event.type === 'hearing' || event.type === 'noted') && this.#seated) this.#tell(this.#seated, event)
    if (event.type !== 'audio' && event.type !== 'participant') return
    // What is heard now is given to whose the room is by now.
    if (this.#watch.hasNews()) this.#look(seat)
    if (!this.#watch.isBehind()) this.#giveHeldBack()
  }

  /** Whether the room is a meeting's now, or nobody else's. */
  #mayHear({ meeting }: Sitter): boolean {
    const { holder } = this.#watch
    return holder === undefined || holder === 'nobody' || (typeof holder === 'object' && holder.id === meeting.id)
  }

  #tell(sitter: Sitter, event: SittingEvent): void {
    const person = event.type === 'participant' ? this.#watch.personOf(event.participant.nativeId) : undefined
    sitter.writer.apply(event, person).catch((error) => this.#deps.failed(sitter, error))
  }

  #beginSound(at: Date, seat: Seat | undefined): void {
    this.#turns.beginSound(at)
    if (!this.#turns.current) this.#turns.turnTo(this.#seated?.meeting.id, at.getTime())
    this.#look(seat)
    const turn = this.#turns.current
    if (turn && turn.sitter === undefined && turn.meetingId === this.#seated?.meeting.id) turn.sitter = this.#seated
    if (turn?.sitter) this.#beginWriting(turn, turn.sitter)
  }

  /** Its first sound: from now on it writes, and knows who is there. */
  #beginWriting(turn: Turn, sitter: Sitter): void {
    const sinceMs = this.#turns.soundSinceMs
    if (sinceMs === undefined) return
    const at = new Date(Math.max(turn.fromMs, sinceMs))
    if (sitter.fromMs === undefined) {
      sitter.fromMs = at.getTime() - sinceMs
      this.#tell(sitter, { type: 'recording_started', at })
    }
    for (const { participant } of this.#watch.guests())
      this.#tellOf(sitter, { type: 'participant', at, change: 'joined', participant })
    this.#turns.settle(turn, (to, share) => this.#tell(to, share))
    this.#deps.held(sitter.meeting.id, { at, needsBot: false })
  }

  #giveHeldBack(): void {
    const held = this.#heldBack
    if (held.length === 0) return
    this.#heldBack = []
    for (const event of held) {
      if (event.type === 'audio') this.#turns.give(event, (sitter, share) => this.#tell(sitter, share))
      else {
        // Whose bot tells no sound as it hears it has the room alone.
        const isRemote = this.#seated && !runnerTraits[this.#seated.bot.runner].sharesSeat
        const sitter = isRemote ? this.#seated : this.#turns.current?.sitter
        if (sitter && (isRemote || sitter.fromMs !== undefined)) this.#tellOf(sitter, event)
      }
    }
  }

  /** Sees whose the room is by now, and gives the seat to that meeting's bot. */
  #look(seat: Seat | undefined): void {
    if (this.#watch.isBehind()) return
    for (const { holder, atMs } of this.#watch.look()) {
      this.#isSilent = holder === 'silence'
      // Where nothing is planned, whoever is there goes on.
      this.#isNobodys = holder === 'nobody'
      const nobodys = this.#isNobodys ? this.#seated?.meeting.id : undefined
      this.#turn(typeof holder === 'string' ? nobodys : holder.id, atMs)
    }
    if (this.#isSilent && seat) this.#deps.silenced()
    if (!seat || !this.#isIn || this.#turns.soundSinceMs === undefined) return
    if (this.#isNobodys) this.#turn(this.#seated?.meeting.id, this.#deps.clock.now().getTime())
    this.#seatHolder(seat)
    this.#noteBrought()
  }

  #turn(meetingId: string | undefined, atMs: number): void {
    const last = this.#turns.current
    if (last && last.meetingId === meetingId) return
    const turn = this.#turns.turnTo(meetingId, atMs)
    if (!last?.sitter) return
    // Who is in the room from now on is nothing to it.
    const at = new Date(turn.fromMs)
    for (const participant of [...(this.#told.get(last.sitter)?.values() ?? [])])
      this.#tellOf(last.sitter, { type: 'participant', at, change: 'left', participant })
  }

  /** Tells a bot of somebody who is there; of their leaving only where it was told that they came. */
  #tellOf(sitter: Sitter, event: ParticipantEvent): void {
    const told = this.#told.get(sitter) ?? new Map<string, SeatedParticipant>()
    this.#told.set(sitter, told)
    const { nativeId } = event.participant
    if (event.change !== 'left') told.set(nativeId, event.participant)
    else if (!told.delete(nativeId)) return
    this.#tell(sitter, event)
  }

  #seatHolder(seat: Seat): void {
    const turn = this.#turns.current
    if (!turn || turn.meetingId === undefined || turn.sitter || this.#gate) return
    if (this.#seated?.meeting.id === turn.meetingId) {
      turn.sitter = this.#seated
      this.#beginWriting(turn, turn.sitter)
      return
    }
    const isReady = (one: Sitter) => one.meeting.id === turn.meetingId && !one.isGivenBack && !one.isSettling
    const next = this.#waiting.find((one) => isReady(one) && one.notBefore <= this.#deps.clock.now())
    if (next && this.#isDue(`pass on to ${next.bot.id}`)) this.#passOn(next, turn, seat)
    else if (!next && !this.#trailing.some(isReady) && this.#isDue(`bot of ${turn.meetingId}`))
      this.#deps.held(turn.meetingId, { at: new Date(turn.fromMs), needsBot: true })
  }

  /** Whether something was not tried just now. */
  #isDue(what: string): boolean {
    const nowMs = this.#deps.clock.now().getTime()
    if (nowMs - (this.#askedMs.get(what) ?? Number.NEGATIVE_INFINITY) < TRY_AGAIN_MS) return false
    this.#askedMs.set(what, nowMs)
    return true
  }

  #noteBrought(): void {
    const turn = this.#turns.current
    const facts = this.#watch.facts
    const meeting = facts?.meetings.find(({ id }) => id === turn?.meetingId)
    if (!turn || !meeting || facts?.broughtBy !== null || meeting.organizer === undefined) return
    const how = this.#howItIsHeld(meeting, turn)
    if (!how || this.#brought.has(`${meeting.id} ${how}`)) return
    this.#brought.add(`${meeting.id} ${how}`)
    this.#deps.brought(meeting.id, how)
  }

  #howItIsHeld(meeting: RoomMeeting, turn: Turn): 'recognised' | 'first_known' | undefined {
    const guests = this.#watch.guests()
    if (guests.some(({ known }) => known && meeting.own.has(known.person))) return 'recognised'
    const isNamed = guests.some(({ participant }) => participant.name !== null || participant.email !== undefined)
    const lastsMs = this.#deps.clock.now().getTime() - turn.fromMs
    return guests.length > 0 && !isNamed && lastsMs >= HELD_UNNAMED_MS ? 'first_known' : undefined
  }

  /** The seat goes on to a meeting's bot, which writes once it has it. */
  #passOn(next: Sitter, turn: Turn, seat: Seat): void {
    const last = this.#seated
    if (!last) return
    const gate = Promise.withResolvers<boolean>()
    this.#gate = gate
    this.forget(next)
    this.#seated = next
    this.#trailing.push(last)
    turn.sitter = next
    const { writer } = next
    void writer.after(async () => {
      if (!(await gate.promise)) writer.discard()
    })
    this.#beginWriting(turn, next)
    seat.update({ endsAt: next.meeting.endsAt })
    const handed = last.writer.after(() =>
      writeAtLast(this.#deps, () =>
        inTransaction(this.#deps.db, (trx) => passOnSeat(this.#deps, trx, { from: last.bot, to: next.bot })),
      ),
    )
    const over = (wasHanded: boolean) => {
      if (this.#gate === gate) this.#gate = undefined
      if (wasHanded) {
        last.writer.changed({ state: 'post_processing' })
        next.writer.changed({ state: 'joined_recording' })
      } else this.#takeBack(last, next, seat)
      gate.resolve(wasHanded)
    }
    handed.then(over, (error) => {
      over(false)
      this.#deps.failed(last, error)
    })
  }

  /** It could not have the seat: one of the two is somebody else's, or leaving. */
  #takeBack(last: Sitter, next: Sitter, seat: Seat): void {
    if (this.#seated !== next) return
    this.forget(last)
    this.#seated = last
    this.#reset(next)
    this.expect(next)
    seat.update({ endsAt: last.meeting.endsAt })
  }

  #reset(sitter: Sitter): void {
    sitter.fromMs = undefined
    sitter.writer = new SittingWriter(this.#deps, sitter.bot)
    const turn = this.#turns.current
    if (turn?.sitter === sitter) turn.sitter = undefined
  }
}
