import pg from 'pg'

const FIRST_WAIT_MS = 250
const LONGEST_WAIT_MS = 10_000

/** Told of each notice with its payload, and of `undefined` whenever some may have been missed: after every (re)connection. */
type Heard = (payload: string | undefined) => void

interface NoticeListenerOptions {
  url: string
  /** Told why there is no connection; another attempt follows by itself. */
  onLost?: (error: Error) => void
}

/**
 * One connection for all notices that a process listens to (LISTEN/NOTIFY), opened with the first subscription and again whenever it
 * breaks. Notices are hints: whoever hears one reads the database again.
 */
export class NoticeListener implements AsyncDisposable {
  readonly #options: NoticeListenerOptions
  readonly #subscribers = new Map<string, Set<Heard>>()
  #client: pg.Client | undefined
  #isConnected = false
  #retry: NodeJS.Timeout | undefined
  #waitMs = FIRST_WAIT_MS
  #isClosed = false

  constructor(options: NoticeListenerOptions) {
    this.#options = options
  }

  /** Calls `heard` from now on; answers how to stop that. */
  subscribe(channel: string, heard: Heard): () => void {
    const known = this.#subscribers.get(channel)
    const subscribers = known ?? new Set()
    this.#subscribers.set(channel, subscribers.add(heard))
    if (this.#client === undefined && this.#retry === undefined) void this.#connect()
    else if (this.#isConnected && !known) void this.#listen(channel)
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
      await Promise.all([...this.#subscribers.keys()].map((channel) => this.#listen(channel)))
      this.#waitMs = FIRST_WAIT_MS
    } catch (error) {
      this.#lose(client, error as Error)
    }
  }

  async #listen(channel: string): Promise<void> {
    const client = this.#client
    if (!client) return
    try {
      await client.query(`listen ${client.escapeIdentifier(channel)}`)
      this.#tell(channel, undefined)
    } catch (error) {
      this.#lose(client, error as Error)
    }
  }

  #tell(channel: string, payload: string | undefined): void {
    for (const heard of this.#subscribers.get(channel) ?? []) heard(payload)
  }

  #lose(client: pg.Client, error: Error): void {
    // A connection that breaks says so several times.
    if (this.#client !== client || this.#isClosed) return
    this.#client = undefined
    this.#isConnected = false
    client.end().catch(() => {})
    this.#options.onLost?.(error)
    this.#retry = setTimeout(() => void this.#connect(), this.#waitMs)
    this.#retry.unref()
    this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_WAIT_MS)
  }
}
