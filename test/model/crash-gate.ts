/** Why a call does not come back. */
export type GateState = 'open' | 'paused' | 'cut' | 'dead'

/**
 * Stands at every await of one simulated worker. A dead worker's calls neither go out nor come back, as after SIGKILL; a paused one's wait
 * (SIGSTOP); one that is cut off gets errors.
 */
export class CrashGate {
  #state: GateState = 'open'
  #waiting: (() => void)[] = []
  #crashAfter = Number.POSITIVE_INFINITY
  readonly #onCrash: () => void
  readonly #onOpen: () => void
  readonly #keepTime: () => Promise<void>
  #inFlight = 0

  /** `keepTime` brings the queue's clock in step before anything is asked of the database. */
  constructor(options: { onCrash: () => void; onOpen: () => void; keepTime: () => Promise<void> }) {
    this.#onCrash = options.onCrash
    this.#onOpen = options.onOpen
    this.#keepTime = options.keepTime
  }

  get state(): GateState {
    return this.#state
  }

  /** Whether the worker waits for an answer that will come. */
  get isBusy(): boolean {
    return this.#inFlight > 0 && (this.#state === 'open' || this.#state === 'cut')
  }

  /** A call to the outside, with the gate before and behind it. */
  async call<T>(work: () => Promise<T>): Promise<T> {
    this.#inFlight++
    try {
      await this.pass()
      await this.#keepTime()
      const answer = await work()
      await this.pass()
      return answer
    } finally {
      this.#inFlight--
    }
  }

  /** Kills the worker at the await that comes after this many others. */
  crashAfter(awaits: number): void {
    this.#crashAfter = awaits
  }

  kill(): void {
    if (this.#state === 'dead') return
    this.#state = 'dead'
    this.#waiting = []
    this.#onCrash()
  }

  set(state: 'open' | 'paused' | 'cut'): void {
    if (this.#state === 'dead') return
    this.#state = state
    if (state === 'paused') return
    const waiting = this.#waiting
    this.#waiting = []
    for (const go of waiting) go()
    this.#onOpen()
  }

  /** Resolves when the worker may go on; never for a dead one. Rejects while it is cut off from the database. */
  async pass(): Promise<void> {
    if (this.#state === 'open' && this.#crashAfter-- <= 0) this.kill()
    if (this.#state === 'dead') return new Promise(() => {})
    if (this.#state === 'paused') {
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
      return this.pass()
    }
    if (this.#state === 'cut') throw Object.assign(new Error('The connection was lost'), { code: 'ECONNRESET' })
  }
}
