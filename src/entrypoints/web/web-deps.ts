import type { Clock } from '../../base/clock.ts'
import type { Database } from '../../platform/db/index.ts'
import type { DeadLetter } from '../../platform/jobs/index.ts'
import type { Health, Logger, Metrics } from '../../platform/observe/index.ts'

/** Where the server stands, as far as requests are judged by it. */
export interface ServerFacts {
  /** Origin of the public address; undefined where SITE_URL is unset: then only loopback names are served. */
  siteUrl: URL | undefined
  /** The port it listens on, known once it does. */
  port(): number
  /** Addresses, or blocks of them, whose X-Forwarded-* headers are believed. */
  trustedProxies: readonly string[]
  /** The zone of days and times where a reader asks for no other. */
  timeZone: string
}

/** What the pages work with. */
export interface WebDeps {
  db: Database
  clock: Clock
  log: Pick<Logger, 'info' | 'warn' | 'error'>
  metrics: Pick<Metrics, 'countRequest' | 'render' | 'contentType'>
  health: Pick<Health, 'readiness'>
  server: ServerFacts
  /** Lets callers from elsewhere than loopback read /metrics. */
  metricsToken: string | undefined
  /** Whether this is the pretend organisation: marked on every page, and open to visitors from this machine. */
  sandbox: boolean
  version: string
  /** Asks for a sync of one calendar; returns once that is on its way. */
  syncNow(calendarId: string): Promise<void>
  deadLetters: {
    list(): Promise<DeadLetter[]>
    /** Puts failed jobs back into their queues, all of them where no ids are named; answers how many went. */
    retry(ids?: readonly string[]): Promise<number>
  }
}
