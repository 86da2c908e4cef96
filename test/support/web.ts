import { type IncomingMessage, request } from 'node:http'
import { Resources } from '../../src/base/resources.ts'
import { createWebApp, startWebServer, type WebDeps } from '../../src/entrypoints/web/index.ts'
import type { RunnerName } from '../../src/features/bots/index.ts'
import { createTranscriptFeed, type SharingPolicy } from '../../src/features/transcripts/index.ts'
import { type Database, SignalListener } from '../../src/platform/db/index.ts'
import type { DeadLetter } from '../../src/platform/jobs/index.ts'
import { createHealth, createLogger, createMetrics } from '../../src/platform/observe/index.ts'
import type { LinkSecrets } from '../../src/platform/secrets/index.ts'
import { createSignInLink, redeemSignInLink } from '../../src/platform/sessions/index.ts'
import { createTestDatabase } from './database.ts'
import { createLogCapture, type LogCapture } from './log-capture.ts'
import { createManualClock, type ManualClock } from './manual-clock.ts'
import { createIdleProviders } from './providers.ts'

export const TOKEN_SECRET = 'a secret of this test'
export const sharing: SharingPolicy = {
  orgDomains: ['example.com'],
  shareWithExternal: false,
  adminEmails: ['admin@example.com'],
}

export const NOW = new Date('2026-11-23T08:00:00Z')

const aWorker = { capacity: 20, runners: ['browser', 'attendee'] as RunnerName[], isDraining: false }

export interface Answer {
  status: number
  headers: IncomingMessage['headers']
  body: string
}

export interface Ask {
  method?: string
  headers?: Record<string, string>
  /** Fields of a form. */
  form?: Record<string, string>
  /** A body that is no form. */
  text?: string
  /** Token of a session, sent as its cookie. */
  session?: string
}

/** The pages on a real server and database, with stand-ins for the queue. */
export interface TestWeb extends AsyncDisposable {
  origin: string
  db: Database
  databaseUrl: string
  clock: ManualClock
  logs: LogCapture
  /** What was asked of the queue, in order. */
  sent: string[]
  deadLetters: DeadLetter[]
  ask(path: string, ask?: Ask): Promise<Answer>
  /** Ends every live transcript that is being sent, as a proxy does that has had enough. */
  cutStreams(): void
  /** Sends a form as a page of ours does, with our Origin and the token that stands on that page. */
  submit(path: string, session: string | undefined, from?: string): Promise<Answer>
  signIn(person: { email: string | null; isAdmin: boolean }): Promise<string>
}

export async function startTestWeb({
  beatMs = 20_000,
  links = { signing: TOKEN_SECRET, opening: [], weak: undefined },
  ...overrides
}: Partial<WebDeps> & { beatMs?: number; links?: LinkSecrets } = {}): Promise<TestWeb> {
  const resources = new Resources()
  const { db, url: databaseUrl } = resources.use(await createTestDatabase())
  const signals = resources.use(new SignalListener({ url: databaseUrl }))
  const feed = createTranscriptFeed(signals)
  const watches: Disposable[] = []
  const watch: typeof feed.watch = (meetingId) => {
    const watching = feed.watch(meetingId)
    watches.push(watching)
    return watching
  }
  const clock = createManualClock(NOW)
  const logs = createLogCapture()
  const sent: string[] = []
  const deadLetters: DeadLetter[] = []
  let port = 0
  const deps: WebDeps = {
    db,
    clock,
    log: createLogger({ level: 'debug', destination: logs }),
    metrics: createMetrics(),
    health: createHealth(),
    server: { siteUrl: undefined, port: () => port, trustedProxies: [], timeZone: 'Europe/Vienna' },
    metricsToken: undefined,
    sandbox: false,
    sandboxKey: undefined,
    version: '0.0.0',
    transcripts: { links, sharing, feed: { watch }, beatMs },
    audio: undefined,
    bot: { name: 'Meeting Assistant', contact: undefined },
    missingParts: async () => [],
    capacity: async () => ({ total: 20, taken: { browser: 0, attendee: 0 }, workers: [aWorker] }),
    attendance: { switchTo: async () => {}, want: async () => {}, refuse: async () => {}, followPlan: async () => {} },
    syncNow: async (calendarId) => {
      sent.push(`sync ${calendarId}`)
    },
    providers: createIdleProviders(),
    pilotUsers: 0,
    consent: createIdleConsent(),
    attendeeNotices: undefined,
    attendee: undefined,
    receiveNotice: async (notice) => {
      sent.push(`notice ${notice.channelId}`)
      return 'heard'
    },
    deadLetters: {
      list: async () => deadLetters,
      retry: async (ids) => {
        sent.push(`retry ${ids ?? 'all'}`)
        return deadLetters.length
      },
    },
    ...overrides,
    ...(overrides.server ? { server: { ...overrides.server, port: () => port } } : {}),
  }
  const server = resources.use(await startWebServer({ app: createWebApp(deps), host: '127.0.0.1', port: 0 }))
  // Streams that are still open would be waited for.
  resources.defer(() => feed[Symbol.dispose]())
  port = server.port
  const origin = `http://127.0.0.1:${port}`
  const ask = (path: string, options: Ask = {}) => send(origin, path, options)
  return {
    origin,
    db,
    databaseUrl,
    clock,
    logs,
    sent,
    deadLetters,
    ask,
    cutStreams() {
      for (const watching of watches.splice(0)) watching[Symbol.dispose]()
    },
    async submit(path, session, from = '/dashboard/') {
      const page = await ask(from, session === undefined ? {} : { session })
      const csrf = /name="csrf" value="([^"]+)"/.exec(page.body)?.[1] ?? 'none'
      const options: Ask = { method: 'POST', headers: { origin }, form: { csrf } }
      return ask(path, session === undefined ? options : { ...options, session })
    },
    async signIn(person) {
      const session = await redeemSignInLink(db, clock, await createSignInLink(db, clock, person))
      if (typeof session === 'string') throw new Error(`The link is ${session}`)
      return session.token
    },
    [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose](),
  }
}

/** Nobody consents. */
export function createIdleConsent(): WebDeps['consent'] {
  const refuse = () => {
    throw new Error('Nobody consents here')
  }
  return { begin: refuse, complete: refuse, seal: (text) => text, unseal: (sealed) => sealed }
}

/** One request over a connection of its own; unlike `fetch` it sends whatever Host it is told. */
function send(origin: string, path: string, options: Ask): Promise<Answer> {
  const body = options.text ?? (options.form && new URLSearchParams(options.form).toString())
  const headers = {
    ...(body === undefined
      ? {}
      : { 'content-type': 'application/x-www-form-urlencoded', 'content-length': String(body.length) }),
    ...(options.session === undefined ? {} : { cookie: `session=${options.session}` }),
    ...options.headers,
  }
  const { hostname, port } = new URL(origin)
  return new Promise((resolve, reject) => {
    const sending = request(
      { hostname, port, path, method: options.method ?? 'GET', headers, agent: false },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString('utf8'),
          }),
        )
        response.on('error', reject)
      },
    )
    sending.on('error', reject)
    sending.end(body)
  })
}

/** What a reader sees, roughly: without tags, on one line. */
export function textOf(page: string): string {
  return page
    .replace(/<svg.*?<\/svg>/gs, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
    .replace(/ ([.,;])/g, '$1')
}
