import { newId } from '../../base/ids.ts'
import { DAY_MS, SECOND_MS } from '../../base/time.ts'
import { systemTimers, type Timers } from '../../base/timers.ts'
import { inTransaction } from '../../platform/db/index.ts'
import { cancelTimedJobs, findLiveJobs, giveBackJobs, type HeldJob } from '../../platform/jobs/index.ts'
import {
  attendMeetingJob,
  BOT_SIGNAL,
  defaultLimits,
  type RunnerName,
  runnerTraits,
  type SittingLimits,
  traitsOfJob,
} from '../bots/index.ts'
import { takeSeats } from './capacity/take-seats.ts'
import { createRound, type Round } from './round.ts'
import { listNextInRooms, lockJobsOfHolder, readBotsOfJobs } from './seat/held-bot-store.ts'
import { HeldSeat, type HeldSeatDeps } from './seat/held-seat.ts'
import { SeatHolds } from './seat/seat-holds.ts'
import { takeNextInRoom } from './seat/share-seat.ts'
import type { Presence } from './workers/presence.ts'
import {
  announceWorker,
  forgetWorker,
  isLive,
  noteWorker,
  noteWorkerGone,
  readNeighbours,
  WORKER_SIGNAL,
  type WorkerFacts,
} from './workers/worker-store.ts'
import { storeLeftSound } from './writing/store-left-sound.ts'

const LOOK_MS = 250
/** A database that is away for 15 s between two signs of life costs no seat. */
const TOUCH_MS = 2 * SECOND_MS
/** What is wanted of the bots is read again this often, besides at each notice. */
const WISHES_MS = 5 * SECOND_MS
/** Workers of this machine that are gone are looked for this often. */
const RELEASE_MS = 2 * SECOND_MS
/** What is known of other workers from before is no reason to hold a seat for long. */
const STALE_MS = 15 * SECOND_MS

export interface AttendanceDeps extends Omit<HeldSeatDeps, 'timers' | 'workerId' | 'limits'> {
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
  signals?: { subscribe(signal: string, heard: (payload: string | undefined) => void): () => void }
  /** Tells whether other workers of this machine are gone; without it nobody's hold is ended early. */
  presence?: Pick<Presence, 'place' | 'isGone' | 'forget'>
  /** Closes what belongs to attendance, once every bot has left. */
  close?(): Promise<void>
}

const needsItsWorker = (name: RunnerName) => !runnerTraits[name].survivesWorker

/**
 * Attends meetings: takes the jobs that are due as far as there is room, holds a seat for each, keeps the jobs alive while it does, and passes
 * on what is asked of the bots. Disposing of it hands every meeting over and lets the bots leave.
 */
export class Attendance implements AsyncDisposable {
  readonly #deps: AttendanceDeps
  readonly #seatDeps: HeldSeatDeps
  readonly #timers: Timers
  readonly #held = new Map<string, HeldSeat>()
  readonly #rounds: Record<'take' | 'confirm' | 'obey' | 'note' | 'release', Round>
  readonly #holds: SeatHolds
  readonly #stops: (() => void)[]
  readonly #startedAt: Date
  /** The workers that live, and those of this machine that may not, as last seen. */
  #workers: readonly WorkerFacts[] = []
  #notedMs = Number.NEGATIVE_INFINITY
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
    }
    const { log } = deps
    this.#rounds = {
      take: createRound('take', () => this.#takeDue(), log),
      confirm: createRound('confirm', () => this.#confirm(), log),
      obey: createRound('obey', () => this.#obey(), log),
      note: createRound('note', () => this.#note(), log),
      release: createRound('release', () => this.#release(), log),
    }
    this.#holds = new SeatHolds({ queue: deps.queue, timers: this.#timers, couldTakeOver: () => this.#couldTakeOver() })
    this.#rounds.note.run()
    void this.#rounds.note.settled().then(() => announceWorker(deps.db).catch(() => {}))
    this.#stops = [
      this.#timers.every(LOOK_MS, () => this.#look()),
      this.#timers.every(RELEASE_MS, () => this.#rounds.release.run()),
      this.#timers.every(WISHES_MS, () => {
        this.#rounds.obey.run()
        this.#rounds.note.run()
      }),
      deps.signals?.subscribe(BOT_SIGNAL, () => this.#rounds.obey.run()) ?? (() => {}),
      deps.signals?.subscribe(WORKER_SIGNAL, () => this.#rounds.note.run()) ?? (() => {}),
    ]
  }

  /** The name of this worker on the bots it holds. */
  get workerId(): string {
    return this.#seatDeps.workerId
  }

  /** Takes nothing new, and waits until every meeting held is over. */
  async drain(): Promise<void> {
    this.#isTaking = false
    this.#rounds.note.run()
    while (this.#held.size > 0) await Promise.all([...this.#held.values()].map(({ done }) => done))
  }

  /** Takes nothing new, and gives every meeting held to another worker; resolves when the bots have left. */
  async handOver(): Promise<void> {
    this.#isTaking = false
    for (const seat of this.#held.values()) seat.handOver()
    await this.#rounds.take.settled()
    for (const seat of this.#held.values()) seat.handOver()
    await this.drain()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.handOver()
    for (const stop of this.#stops) stop()
    await Promise.all(Object.values(this.#rounds).map((round) => round.settled()))
    await forgetWorker(this.#deps.db, this.workerId).catch(() => {})
    await this.#deps.close?.()
  }

  #look(): void {
    for (const seat of this.#held.values()) seat.tick()
    this.#rounds.take.run()
    // One that failed is tried again at once: the leases are running.
    if (this.#timers.monotonicMs() - this.#confirmedMs >= TOUCH_MS) this.#rounds.confirm.run()
  }

  async #takeDue(): Promise<void> {
    if (!this.#isTaking) return
    const askedAtMs = this.#timers.monotonicMs()
    const free = Math.max(0, this.#deps.capacity - this.#seats)
    for (const job of await takeSeats(this.#deps, free)) void this.#take(job, askedAtMs)
  }

  /** Taken seats of our browser: a bot of an Attendee server needs none. */
  get #seats(): number {
    return [...this.#held.values()].filter(({ job }) => traitsOfJob(job).takesPlace).length
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
      void this.#holds.release(seat).catch(() => {})
    })
  }

  async #confirm(): Promise<void> {
    const askedAtMs = this.#timers.monotonicMs()
    if (await this.#holds.confirm([...this.#held.values()])) this.#confirmedMs = askedAtMs
  }

  /** Whether another worker could take over a seat in a browser; yes where it is not known. */
  #couldTakeOver(): boolean {
    if (this.#timers.monotonicMs() - this.#notedMs > STALE_MS) return true
    const now = this.#deps.clock.now()
    return this.#workers.some(
      (worker) =>
        worker.id !== this.workerId && isLive(worker, now) && !worker.isDraining && worker.runners.some(needsItsWorker),
    )
  }

  /** Gives back at once what was held by workers of this machine that are gone, and stores what they left on its disk. */
  async #release(): Promise<void> {
    const { db, queue, presence, log } = this.#deps
    if (!presence || !this.#isTaking) return
    for (const worker of this.#workers) {
      if (worker.id === this.workerId || !(await presence.isGone(worker))) continue
      await inTransaction(db, async (trx) =>
        giveBackJobs(queue, trx, attendMeetingJob.name, await lockJobsOfHolder(trx, worker.id)),
      )
      await storeLeftSound(this.#deps, worker)
      await inTransaction(db, (trx) => noteWorkerGone(trx, worker.id))
      await presence.forget(worker)
      log.info('A worker of this machine is gone, and its meetings are taken over', { workerId: worker.id })
    }
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
      place: this.#deps.presence?.place ?? null,
    })
    const askedMs = this.#timers.monotonicMs()
    this.#workers = await readNeighbours(db, this.#deps.presence?.place?.machine, clock.now())
    this.#notedMs = askedMs
  }
}
