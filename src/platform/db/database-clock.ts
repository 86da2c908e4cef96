import { sql } from 'kysely'
import { type Clock, monotonicMs, systemClock } from '../../base/clock.ts'
import { SECOND_MS } from '../../base/time.ts'
import { translateDatabaseError } from './errors.ts'
import type { Database } from './tables.ts'

const LOOK_EVERY_MS = 2 * SECOND_MS
/** The database and our own time agree as long as they are no further apart. */
const TOLERANCE_MS = 2 * SECOND_MS
/** An answer that took longer says too little of when it was given. */
const PRECISE_MS = SECOND_MS
/** Smaller differences are how long answers are on their way. */
const NOISE_MS = 100
/** A database whose clock was set is believed after it has said the same for so long. */
const BELIEVED_AFTER_MS = 60 * SECOND_MS

interface Sources {
  /** The time as the database has it. */
  read(): Promise<Date>
  monotonicMs(): number
  /** Until the database was asked for the first time. */
  system: Clock
}

/**
 * The database's time, as all processes of an installation share it, carried on by this machine's monotonic clock: nobody who sets this
 * machine's clock changes it. Where the database's clock is set, the two disagree; then time goes on as it did, `isCertain` is false, and after a
 * minute the database is believed.
 */
export class DatabaseClock implements Clock, AsyncDisposable {
  readonly #sources: Sources
  #aheadMs: number | undefined
  #other: { aheadMs: number; sinceMs: number } | undefined
  #looking: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(sources: Sources) {
    this.#sources = sources
  }

  now(): Date {
    if (this.#aheadMs === undefined) return this.#sources.system.now()
    return new Date(this.#sources.monotonicMs() + this.#aheadMs)
  }

  isCertain(): boolean {
    return this.#aheadMs !== undefined && this.#other === undefined
  }

  /** Asks the database once. Throws where it does not answer. */
  async look(): Promise<void> {
    const askedMs = this.#sources.monotonicMs()
    const at = await this.#sources.read()
    const answeredMs = this.#sources.monotonicMs()
    if (answeredMs - askedMs > PRECISE_MS && this.#aheadMs !== undefined) return
    this.#compare(at.getTime() - (askedMs + answeredMs) / 2, answeredMs)
  }

  /** Asks again and again from now on. A database that does not answer changes nothing. */
  keep(): this {
    this.#timer = setInterval(() => {
      this.#looking ??= this.look()
        .catch(() => {})
        .finally(() => {
          this.#looking = undefined
        })
    }, LOOK_EVERY_MS).unref()
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    await this.#looking
  }

  #compare(aheadMs: number, nowMs: number): void {
    const known = this.#aheadMs ?? aheadMs
    if (Math.abs(aheadMs - known) <= TOLERANCE_MS) {
      this.#other = undefined
      if (this.#aheadMs === undefined || Math.abs(aheadMs - known) > NOISE_MS) this.#aheadMs = aheadMs
      return
    }
    const isSame = this.#other !== undefined && Math.abs(aheadMs - this.#other.aheadMs) <= TOLERANCE_MS
    if (!this.#other || !isSame) this.#other = { aheadMs, sinceMs: nowMs }
    if (nowMs - this.#other.sinceMs < BELIEVED_AFTER_MS) return
    this.#aheadMs = aheadMs
    this.#other = undefined
  }
}

/** The clock of a database, asked once before it is answered, and every two seconds from then on. Throws where it does not answer. */
export async function openDatabaseClock(db: Database): Promise<DatabaseClock> {
  const clock = new DatabaseClock({
    async read() {
      const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(db)
      return rows[0]?.now ?? systemClock.now()
    },
    monotonicMs,
    system: systemClock,
  })
  await clock.look().catch((error) => {
    throw translateDatabaseError(error)
  })
  return clock.keep()
}
