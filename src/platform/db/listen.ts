import pg from 'pg'
import { backoffMs, type Growth } from '../../base/backoff.ts'

const WAITS: Growth = { firstMs: 250, mostMs: 10_000 }

/** Told of each signal with its payload, and of `undefined` whenever some may have been missed: after every (re)connection. */
type Heard = (payload: string | undefined) => void

interface SignalListenerOptions {
  url: string
  /** Told why there is no connection; another attempt follows by itself. */
  onLost?: (error: Error) => void
}

/**
 * One connection for all signals that a process listens to (LISTEN/NOTIFY), opened with the first subscription and again whenever it
 * breaks. Signals are hints: whoever hears one reads the database again.
 */
export class SignalListener implements AsyncDisposable {
  readonly #options: SignalListenerOptions
  readonly #subscribers = new Map<string, Set<Heard>>()
  #client: pg.Client | undefined
  #isConnected = false
  #retry: NodeJS.Timeout | undefined
  /** Waits since there was a connection. */
  #waits = 0
  #isClosed = false

  constructor(options: SignalListenerOptions) {
    this.#options = options
  }

  /** Calls `heard` from now on; answers how to stop that. */
  subscribe(name: string, heard: Heard): () => void {
    const known = this.#subscribers.get(name)
    const subscribers = known ?? new Set()
    this.#subscribers.set(name, subscribers.add(heard))
    if (this.#client === undefined && this.#retry === undefined) void this.#connect()
    else if (this.#isConnected && !known) void this.#listen(name)
    else if (this.#isConnected) queueMicrotask(() => heard(undefined))
    return () => subscribers.delete(heard)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#retry)
    await this.#client?.end().catch(() => {})
  }

  async #connect(): Promise<void> {
    this.#retry = undefined
    if (this.#isClosed) return
    const client = new pg.Client({
      connectionString: this.#options.url,
      application_name: 'rapporteur listener',
      connectionTimeoutMillis: 15_000,
      keepAlive: true,
    })
    this.#client = client
    client.on('notification', ({ channel, payload }) => this.#tell(channel, payload ?? ''))
    client.on('error', (error) => this.#lose(client, error))
    client.on('end', () => this.#lose(client, new Error('The connection ended')))
    try {
      await client.connect()
      this.#isConnected = true
      await Promise.all([...this.#subscribers.keys()].map((name) => this.#listen(name)))
      this.#waits = 0
    } catch (error) {
      this.#lose(client, error as Error)
    }
  }

  async #listen(name: string): Promise<void> {
    const client = this.#client
    if (!client) return
    try {
      await client.query(`listen ${client.escapeIdentifier(name)}`)
      this.#tell(name, undefined)
    } catch (error) {
      this.#lose(client, error as Error)
    }
  }

  #tell(name: string, payload: string | undefined): void {
    for (const heard of this.#subscribers.get(name) ?? []) heard(payload)
  }

  #lose(client: pg.Client, error: Error): void {
    // A connection that breaks says so several times.
    if (this.#client !== client || this.#isClosed) return
    this.#client = undefined
    this.#isConnected = false
    client.end().catch(() => {})
    this.#options.onLost?.(error)
    this.#retry = setTimeout(() => void this.#connect(), backoffMs(this.#waits++, WAITS))
    this.#retry.unref()
  }
}
