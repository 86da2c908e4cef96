import { isAppError } from '../../../../base/errors.ts'
import type { Logger } from '../../../../platform/observe/index.ts'
import { speechError } from '../errors.ts'
import { createWorkQueue, type WorkQueue } from '../work-queue.ts'
import { ChildDied, HearingChild } from './hearing-child.ts'
import type { Heard } from './wire.ts'

export interface SpeechPoolOptions {
  /** How many children, each of which uses one core while it hears. */
  processes: number
  modelDir: string
  log: Pick<Logger, 'info' | 'warn'>
  /** A child is replaced after so many utterances, or once it is larger than this: 500 and 512 MiB if not given. */
  utterancesPerChild?: number
  childRssBytes?: number
  deadlineMs?: number
  stillMs?: number
}

const DEFAULT_UTTERANCES = 500
const DEFAULT_RSS_BYTES = 512 * 1024 * 1024
// A hundred times what half a minute of speech takes on an idle machine.
const DEFAULT_DEADLINE_MS = 120_000
// A process that is low in priority gets some of any core within that time.
const DEFAULT_STILL_MS = 15_000
const ATTEMPTS = 2

interface Worker {
  child: HearingChild
  utterances: number
}

/** Children that hear, started when first needed. Disposing ends them at once and fails what is not answered. */
export class SpeechPool implements AsyncDisposable {
  readonly #options: SpeechPoolOptions
  readonly #queue: WorkQueue
  readonly #idle: Worker[] = []
  readonly #workers = new Set<Worker>()
  #lastTrouble: string | undefined
  #isClosed = false

  constructor(options: SpeechPoolOptions) {
    this.#options = options
    this.#queue = createWorkQueue({ width: options.processes, room: options.processes * 2 })
  }

  get pending(): number {
    return this.#queue.pending
  }

  /** The process ids of the living children, for measuring and for tests. */
  get pids(): number[] {
    return [...this.#workers].flatMap(({ child }) => child.pid ?? [])
  }

  whenRoom(signal?: AbortSignal): Promise<void> {
    return this.#queue.whenRoom(signal)
  }

  /** Throws `speech_model_missing`, `speech_model_corrupt`, `speech_process_failed` or `speech_closed`. */
  hear(audio: Float32Array, signal?: AbortSignal): Promise<Heard> {
    return this.#queue.run(() => this.#hearSomewhere(audio), signal)
  }

  async #hearSomewhere(audio: Float32Array): Promise<Heard> {
    for (let attempt = 1; ; attempt++) {
      const worker = this.#takeWorker()
      try {
        const { heard, rssBytes } = await worker.child.hear(audio)
        this.#lastTrouble = undefined
        await this.#putBack(worker, rssBytes)
        return heard
      } catch (error) {
        await this.#retire(worker)
        if (this.#isClosed) throw closed()
        this.#note(error)
        if (!(error instanceof ChildDied)) throw error
        if (attempt === ATTEMPTS) throw processFailed(error)
      }
    }
  }

  #takeWorker(): Worker {
    if (this.#isClosed) throw closed()
    const { modelDir, deadlineMs = DEFAULT_DEADLINE_MS, stillMs = DEFAULT_STILL_MS } = this.#options
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) {
      if (idle.child.isAlive) return idle
      this.#workers.delete(idle)
    }
    const worker: Worker = { child: new HearingChild({ modelDir, deadlineMs, stillMs }), utterances: 0 }
    this.#workers.add(worker)
    return worker
  }

  async #putBack(worker: Worker, rssBytes: number): Promise<void> {
    const { utterancesPerChild = DEFAULT_UTTERANCES, childRssBytes = DEFAULT_RSS_BYTES } = this.#options
    worker.utterances += 1
    if (worker.utterances >= utterancesPerChild || rssBytes > childRssBytes) {
      await this.#retire(worker)
      this.#options.log.info('A speech process was replaced', { utterances: worker.utterances, rssBytes })
    } else {
      this.#idle.push(worker)
    }
  }

  async #retire(worker: Worker): Promise<void> {
    this.#workers.delete(worker)
    await worker.child[Symbol.asyncDispose]()
  }

  // The same trouble is met by every utterance until somebody repairs it, and is said once.
  #note(error: unknown): void {
    const trouble = isAppError(error) ? error.code : String(error)
    if (trouble === this.#lastTrouble) return
    this.#lastTrouble = trouble
    this.#options.log.warn('A speech process failed', { error })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    this.#queue.close(closed())
    await Promise.all([...this.#workers].map((worker) => this.#retire(worker)))
  }
}

export function createSpeechPool(options: SpeechPoolOptions): SpeechPool {
  return new SpeechPool(options)
}

function closed(): Error {
  return speechError(
    'speech_closed',
    'Speech to text is shutting down; what is stored is transcribed after the start.',
    {
      retry: 'later',
    },
  )
}

function processFailed(cause: Error): Error {
  const message = `The process that turns speech into text failed twice in a row (${cause.message}). It is tried again later; if this goes on, look at the memory of this machine.`
  return speechError('speech_process_failed', message, { retry: 'later', cause })
}
