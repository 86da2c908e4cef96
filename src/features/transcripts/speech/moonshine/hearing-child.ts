import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { speechError } from '../errors.ts'
import { watchProcess } from './watch-process.ts'
import type { Answer, Hear, Heard } from './wire.ts'

// Uncompiled, as in tests, this file and the program beside it have the same extension.
const program = import.meta.url.endsWith('.ts')
  ? new URL('./hearing-process.ts', import.meta.url)
  : new URL('./hearing-process.js', import.meta.url)

/** The child ended, or had to be ended, before it answered. Somebody else may answer. */
export class ChildDied extends Error {
  override readonly name = 'ChildDied'
}

interface HeardByChild {
  heard: Heard
  rssBytes: number
}

interface Question {
  id: number
  resolve(answer: HeardByChild): void
  reject(error: unknown): void
}

/** One process that hears one utterance at a time. */
export class HearingChild implements AsyncDisposable {
  readonly #process: ChildProcess
  readonly #deadlineMs: number
  readonly #stillMs: number
  readonly #ended: Promise<unknown>
  #question: Question | undefined
  #failure: Error | undefined
  #nextId = 1

  /**
   * `deadlineMs`: how long an answer may take, loading included, before the process counts as stuck and is killed; `stillMs`: how long it may
   * use no CPU meanwhile.
   */
  constructor(options: { modelDir: string; deadlineMs: number; stillMs: number }) {
    this.#deadlineMs = options.deadlineMs
    this.#stillMs = options.stillMs
    this.#process = fork(fileURLToPath(program), [options.modelDir], {
      serialization: 'advanced',
      // The model has nothing to do with our secrets.
      env: {},
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    this.#ended = new Promise<void>((resolve) => {
      const end = (why: string) => {
        this.#fail(new ChildDied(why))
        resolve()
      }
      this.#process.once('error', (error) => end(error.message))
      this.#process.once('exit', (status, signal) => end(signal ? `ended by ${signal}` : `ended with status ${status}`))
    })
    this.#process.on('message', (answer: Answer) => this.#take(answer))
    // An idle child must not keep a program alive that has nothing else to do.
    this.#process.unref()
    this.#process.channel?.unref()
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  get isAlive(): boolean {
    return this.#failure === undefined
  }

  /** Throws `ChildDied`, or an `AppError` where the model itself is the trouble. */
  async hear(audio: Float32Array): Promise<HeardByChild> {
    if (this.#failure) throw this.#failure
    const id = this.#nextId++
    this.#process.ref()
    this.#process.channel?.ref()
    const deadline = setTimeout(() => this.kill(), this.#deadlineMs)
    const unwatch = watchProcess(this.#process.pid ?? 0, this.#stillMs, () => this.kill())
    try {
      return await new Promise<HeardByChild>((resolve, reject) => {
        this.#question = { id, resolve, reject }
        const message: Hear = { id, audio }
        this.#process.send(message, (error) => error && this.#fail(new ChildDied(error.message)))
      })
    } finally {
      clearTimeout(deadline)
      unwatch()
      this.#question = undefined
      this.#process.unref()
      this.#process.channel?.unref()
    }
  }

  kill(): void {
    this.#process.kill('SIGKILL')
  }

  /** Ends the process at once, whatever it is doing, and waits until it is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.ref()
    if (this.#process.exitCode === null && this.#process.signalCode === null) this.kill()
    await this.#ended
  }

  #take(answer: Answer): void {
    if (answer.kind === 'heard') {
      if (answer.id === this.#question?.id) this.#question.resolve(answer)
    } else if (answer.code !== 'failed') {
      this.#fail(speechError(answer.code, answer.message, { retry: 'later' }))
    } else {
      this.#fail(new ChildDied(answer.message))
      this.kill()
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error
    this.#question?.reject(this.#failure)
  }
}
