import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../../../base/clock.ts'
import { AppError } from '../../../base/errors.ts'
import { MINUTE_MS } from '../../../base/time.ts'
import { databaseFailed } from './failures.ts'
import { type RunningServer, stopServer } from './server-process.ts'
import { type ServerPlan, startOnPort } from './start-server.ts'

const RESTARTS_A_MINUTE = 5

interface SupervisionNeeds {
  plan: ServerPlan
  clock: Clock
  log: (line: string) => void
  /** Called once, when restarting has been given up. */
  onFailure: (failure: AppError) => void
  /** Before the first restart of a minute; each further one waits three times as long. */
  firstWaitMs?: number
}

/** A server that is started again on the same port when it dies, until it is stopped or dies too often. */
export class SupervisedServer implements AsyncDisposable {
  readonly #needs: SupervisionNeeds
  readonly #port: number
  readonly #watching: Promise<void>
  readonly #stopping = new AbortController()
  #server: RunningServer
  #restarts: number[] = []

  constructor(server: RunningServer, needs: SupervisionNeeds) {
    this.#needs = needs
    this.#server = server
    this.#port = server.port
    this.#watching = this.#watch()
  }

  get pid(): number {
    return this.#server.identity.pid
  }

  /** Ends the server and the watching; may be called again. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    // Nothing else may keep our process alive while it waits for the server's end: neither our child nor the watching does.
    const keepAlive = setInterval(() => {}, 1_000)
    try {
      await stopServer(this.#server.identity)
      await this.#watching
      // A restart that was under way when we were called has its result here now.
      await stopServer(this.#server.identity)
    } finally {
      clearInterval(keepAlive)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stopping
    let end = await this.#server.exited
    while (!signal.aborted) {
      try {
        await this.#restart(end)
        end = await this.#server.exited
      } catch (error) {
        if (signal.aborted) return
        if (!this.#mayRestart()) return this.#giveUp(error)
        end = 'it could not be started'
      }
    }
  }

  async #restart(end: string): Promise<void> {
    if (!this.#mayRestart()) throw new Error(end)
    const { log, plan, clock } = this.#needs
    const waitMs = (this.#needs.firstWaitMs ?? 100) * 3 ** this.#recentRestarts().length
    this.#restarts.push(clock.now().getTime())
    log(`The database server stopped by itself (${end}); starting it again.`)
    await sleep(waitMs, undefined, { signal: this.#stopping.signal })
    const outcome = await startOnPort(plan, this.#port, this.#stopping.signal)
    if (!outcome.server) throw databaseFailed(`Port ${this.#port} is taken`, plan.logPath, outcome.lastLines)
    this.#server = outcome.server
    log(`The database server runs again (process ${outcome.server.identity.pid}).`)
  }

  #recentRestarts(): number[] {
    const from = this.#needs.clock.now().getTime() - MINUTE_MS
    this.#restarts = this.#restarts.filter((at) => at > from)
    return this.#restarts
  }

  #mayRestart(): boolean {
    return this.#recentRestarts().length < RESTARTS_A_MINUTE
  }

  #giveUp(cause: unknown): void {
    const { plan, onFailure } = this.#needs
    const failure =
      cause instanceof AppError
        ? cause
        : databaseFailed(
            `The database server stopped ${RESTARTS_A_MINUTE + 1} times within a minute and is not started again`,
            plan.logPath,
            cause instanceof Error ? cause.message : '',
            cause,
          )
    onFailure(failure)
  }
}
