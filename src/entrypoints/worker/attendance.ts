import { newId } from '../../base/ids.ts'
import { DAY_MS, SECOND_MS } from '../../base/time.ts'
import { systemTimers, type Timers } from '../../base/timers.ts'
import {
  attendMeetingJob,
  BOT_CHANNEL,
  defaultLimits,
  forgetWorker,
  listNextInRooms,
  noteWorker,
  type RunnerName,
  readBotsOfJobs,
  readWorkers,
  type SittingLimits,
  takeNextInRoom,
  type WorkerFacts,
  whyNotLaunched,
} from '../../features/bots/index.ts'
import { inTransaction } from '../../platform/db/index.ts'
import { cancelTimedJobs, findLiveJobs, type HeldJob, touchJobs } from '../../platform/jobs/index.ts'
import { HeldSeat, type HeldSeatDeps } from './held-seat.ts'
import { takeSeats } from './take-seats.ts'
import { createTurn, type Turn } from './turn.ts'

const LOOK_MS = 250
/** A database that is away for 15 s between two signs of life costs no seat. */
const TOUCH_MS = 2 * SECOND_MS
/** What is wanted of the bots is read again this often, besides at each notice. */
const WISHES_MS = 5 * SECOND_MS

export interface AttendanceDeps extends Omit<HeldSeatDeps, 'timers' | 'workerId' | 'limits' | 'whyNotLaunched'> {
  timers?: Timers
  /** How long bots bear what; the defaults where unset. */
  limits?: SittingLimits
  /** Names this worker on the bots it holds; a new one each time where unset. */
  workerId?: string
  /** Seats of our browser in this worker at once. */
  capacity: number
  /** Seats of all workers at once. */
  total: number
  /** Wakes the reading of what is wanted; without it that is read every 5 s. */
  notices?: { subscribe(channel: string, heard: (payload: string | undefined) => void): () => void }
  /** Closes what belongs to attendance, once every bot has left. */
  close?(): Promise<void>
}

/**
 * Attends meetings: takes the jobs that are due as far as there is room, holds a seat for each, keeps the jobs alive while it does, and passes
 * on what is asked of the bots. Disposing of it hands every meeting over and lets the bots leave.
 */
export class Attendance implements AsyncDisposable {
  readonly #deps: AttendanceDeps
  readonly #seatDeps: HeldSeatDeps
  readonly #timers: Timers
  readonly #held = new Map<string, HeldSeat>()
  readonly #turns: Record<'take' | 'confirm' | 'obey' | 'note', Turn>
  readonly #stops: (() => void)[]
  readonly #startedAt: Date
  /** The other workers as last seen, to say why somebody was not launched. */
  #workers: readonly WorkerFacts[] = []
  #confirmedMs = Number.NEGATIVE_INFINITY
  #isTaking = true

  constructor(deps: AttendanceDeps) {
    this.#deps = deps
    this.#timers = deps.timers ?? systemTimers
    this.#startedAt = deps.clock.now()
    const limits = deps.limits ?? defaultLimits
    this.#seatDeps = {
      ...deps,
      limits,
      timers: this.#timers,
      workerId: deps.workerId ?? `worker_${newId()}`,
      whyNotLaunched: (found) => whyNotLaunched(found, this.#workers, limits),
    }
    const { log } = deps
    this.#turns = {
      take: createTurn('take', () => this.#takeDue(), log),
      confirm: createTurn('confirm', () => this.#confirm(), log),
      obey: createTurn('obey', () => this.#obey(), log),
      note: createTurn('note', () => this.#note(), log),
    }
    this.#turns.note.run()
    this.#stops = [
      this.#timers.every(LOOK_MS, () => this.#look()),
      this.#timers.every(WISHES_MS, () => {
        this.#turns.obey.run()
        this.#turns.note.run()
      }),
      deps.notices?.subscribe(BOT_CHANNEL, () => this.#turns.obey.run()) ?? (() => {}),
    ]
  }

  /** The name of this worker on the bots it holds. */
  get workerId(): string {
    return this.#seatDeps.workerId
  }

  /** Takes nothing new, and waits until every meeting held is over. */
  async drain(): Promise<void> {
    this.#isTaking = false
    this.#turns.note.run()
    while (this.#held.size > 0) await Promise.all([...this.#held.values()].map(({ done }) => done))
  }

  /** Takes nothing new, and gives every meeting held to another worker; resolves when the bots have left. */
  async handOver(): Promise<void> {
    this.#isTaking = false
    for (const seat of this.#held.values()) seat.handOver()
    await this.#turns.take.settled()
    for (const seat of this.#held.values()) seat.handOver()
    await this.drain()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.handOver()
    for (const stop of this.#stops) stop()
    await Promise.all(Object.values(this.#turns).map((turn) => turn.settled()))
    await forgetWorker(this.#deps.db, this.workerId).catch(() => {})
    await this.#deps.close?.()
  }

  #look(): void {
    for (const seat of this.#held.values()) seat.tick()
    this.#turns.take.run()
    // One that failed is tried again at once: the leases are running.
    if (this.#timers.monotonicMs() - this.#confirmedMs >= TOUCH_MS) this.#turns.confirm.run()
  }

  async #takeDue(): Promise<void> {
    if (!this.#isTaking) return
    const askedAtMs = this.#timers.monotonicMs()
    const free = Math.max(0, this.#deps.capacity - this.#seats)
    for (const job of await takeSeats(this.#deps, free)) void this.#take(job, askedAtMs)
  }

  /** Taken seats of our browser: a bot of an Attendee server needs none. */
  get #seats(): number {
    return [...this.#held.values()].filter(({ job }) => job.group !== 'attendee').length
  }

  async #take(job: HeldJob, askedAtMs: number): Promise<void> {
    const known = this.#held.get(job.id)
    if (known) {
      // It was given twice.
      if (job.attempt <= known.job.attempt) return
      const isAdopted = await known.takeBack(job, askedAtMs).catch(() => false)
      if (isAdopted) return
      await known.done
    }
    const seat = new HeldSeat(this.#seatDeps, job, askedAtMs)
    this.#held.set(job.id, seat)
    if (!this.#isTaking) seat.handOver()
    void seat.done.then(() => {
      if (this.#held.get(job.id) === seat) this.#held.delete(job.id)
    })
  }

  async #confirm(): Promise<void> {
    const held = [...this.#held.values()]
    const askedAtMs = this.#timers.monotonicMs()
    const ours = await touchJobs(
      this.#deps.queue,
      attendMeetingJob.name,
      held.map(({ job }) => job),
    )
    this.#confirmedMs = askedAtMs
    // What is not ours any more is not confirmed, and its lease runs out.
    for (const seat of held) if (ours.has(seat.job.id)) seat.confirm(askedAtMs)
  }

  async #obey(): Promise<void> {
    const held = [...this.#held.values()]
    if (held.length === 0) return
    const known = new Map(held.map((seat) => [seat, seat.knownBots()]))
    const rows = await readBotsOfJobs(
      this.#deps.db,
      held.map(({ job }) => job.id),
    )
    const byJob = Map.groupBy(rows, ({ bot }) => bot.jobId)
    for (const seat of held) seat.obey(byJob.get(seat.job.id) ?? [], known.get(seat) ?? new Set())
    await this.#keepSeats(held)
  }

  /** Takes the meetings that follow soon in the rooms where our bots sit, so that these stay seated. */
  async #keepSeats(held: readonly HeldSeat[]): Promise<void> {
    const { db, clock, queue } = this.#deps
    const rooms = new Map(held.flatMap((seat) => (seat.room ? [[seat.room.roomKey, seat] as const] : [])))
    const soon = new Date(clock.now().getTime() + DAY_MS)
    for (const next of await listNextInRooms(db, [...rooms.keys()], soon)) {
      const seat = rooms.get(next.roomKey)
      const room = seat?.room
      if (!seat || !room || !next.jobId || next.joinAt > room.nextBefore) continue
      const jobId = next.jobId
      // Somebody who holds its job gives it to us.
      if ((await findLiveJobs(queue, attendMeetingJob.name, [jobId])).get(jobId) === 'held') continue
      const occupant = { jobId: seat.job.id, holder: this.workerId }
      const taken = await inTransaction(db, async (trx) => {
        const found = await takeNextInRoom({ clock }, trx, { botId: next.id, occupant })
        if (found) await cancelTimedJobs(queue, trx, attendMeetingJob.name, [jobId])
        return found
      })
      if (taken) seat.expect(taken)
    }
  }

  /** Says of this worker what others want to know, and sees who they are. */
  async #note(): Promise<void> {
    const { db, clock, capacity, runners } = this.#deps
    await noteWorker(db, {
      id: this.workerId,
      startedAt: this.#startedAt,
      seenAt: clock.now(),
      capacity,
      seats: this.#seats,
      runners: Object.keys(runners) as RunnerName[],
      isDraining: !this.#isTaking,
    })
    this.#workers = await readWorkers(db, clock.now())
  }
}
