import path from 'node:path'
import type { Clock } from './base/clock.ts'
import { isAppError } from './base/errors.ts'
import { Resources } from './base/resources.ts'
import { VERSION } from './base/version.ts'
import { attendeeServerOf, chooseRunners, hurryRefused } from './features/attendance/index.ts'
import { fetchMissingAgain, limitsWith, type RunnerName } from './features/bots/index.ts'
import { type CallRates, openProviders, type Providers, syncPeopleJob } from './features/calendars/index.ts'
import { platforms, sweepMeetingsJob } from './features/meetings/index.ts'
import {
  createSpeechProvider,
  createVoiceModel,
  defaultModelDir,
  explainWeakSecret,
  type SpeechProvider,
  sweepSpeechJob,
} from './features/transcripts/index.ts'
import { allJobs, createHandlers, type HandlerDeps } from './jobs.ts'
import { createPipeline, sendDueSyncs } from './pipeline.ts'
import { createDiskBlobs } from './platform/blobs/index.ts'
import type { Config, Secrets } from './platform/config/index.ts'
import {
  type Database,
  migrateToLatest,
  openDatabase,
  openDatabaseClock,
  requireCurrentSchema,
  SignalListener,
  translateDatabaseError,
  tryDiskOfDatabase,
} from './platform/db/index.ts'
import { createHttpClient, type HttpClient } from './platform/http/index.ts'
import { openQueue, type Queue, sendJobsNow, startWorking, type Work } from './platform/jobs/index.ts'
import {
  createHealth,
  createLogger,
  createMetrics,
  type Health,
  type Logger,
  type Metrics,
  tryDiskOfFolder,
} from './platform/observe/index.ts'
import {
  decryptToken,
  encryptToken,
  type LinkSecrets,
  loadInstallationSecrets,
  requireSameSecrets,
} from './platform/secrets/index.ts'

export interface AppOptions {
  config: Config
  secrets: Secrets
  /** Of the embedded server, or DATABASE_URL. */
  databaseUrl: string
  /** Brings the schema up to date; otherwise another version is refused. */
  migrate: boolean
  /** Keeps the queue's house and may run jobs: `start` and `worker`. Commands and `web` only send. */
  runsJobs: boolean
  /** Set where this is the sandbox: what is different there. */
  sandbox?: SandboxSettings
  log?: Logger
  /** The database's where unset. */
  clock?: Clock
  /** Where calendars are read from, for tests and benches. */
  providers?: Providers
  /** How fast a provider may be called, for benches that compress its clock. */
  callRates?: CallRates
  /** How often an Attendee server is asked after meetings, for tests. */
  attendeePauses?: NonNullable<HandlerDeps['attendee']>['pauses']
  /** The runner of a platform; the settings say where unset. */
  runnerOf?: (platform: string) => RunnerName | undefined
}

export interface SandboxSettings {
  origin: string
  dataDir: string
  /** Lets in who opens the pages with it; for `start` alone, which serves them. */
  key?: string
}

/** Every part of the product, built from the settings. Disposing of it closes them in reverse. */
export interface App extends HandlerDeps, AsyncDisposable {
  config: Config
  secrets: Secrets
  isSandbox: boolean
  sandboxKey: string | undefined
  db: Database
  queue: Queue
  http: HttpClient
  providers: Providers
  /** Which runner attends a platform; undefined where none does. */
  runnerOf(platform: string): RunnerName | undefined
  clock: Clock
  log: Logger
  metrics: Metrics
  health: Health
  /** The connection on which this process hears of changes; opened when somebody subscribes. */
  signals: SignalListener
  /** What links to transcripts are signed and opened with. */
  links: LinkSecrets
  encrypt(plaintext: string): string
}

/** Builds the product. Throws an `AppError` for whatever a person has to mend first; then nothing is left open. */
export async function buildApp(options: AppOptions): Promise<App> {
  const { config } = options
  await using stack = new Resources()
  const log = options.log ?? createLogger({ level: config.server.logLevel })
  const metrics = createMetrics()
  // First of all: what cannot be used must leave no trace.
  const secrets = loadInstallationSecrets({
    given: options.secrets,
    generatedIn: config.database.kind === 'embedded' ? (options.sandbox?.dataDir ?? config.dataDir) : undefined,
  })
  const key = secrets.encryptionKey

  const db = await openDatabase({
    url: options.databaseUrl,
    onIdleError: (error) => log.warn('A database connection broke', { error }),
  })
  stack.defer(() => db.destroy())
  if (options.migrate) await migrateToLatest(db)
  else await requireCurrentSchema(db)
  const clock = options.clock ?? stack.use(await openDatabaseClock(db))

  const links = await requireSameSecrets(db, secrets, clock.now())
  const weakness = links.weak && explainWeakSecret(links.weak, clock.now())
  if (weakness !== undefined) log.warn('A secret is too weak', { problem: weakness })

  const signals = stack.use(
    new SignalListener({
      url: options.databaseUrl,
      onLost: (error) => log.warn('The connection for signals broke', { error }),
    }),
  )
  const queue = stack.use(
    await openQueue({
      databaseUrl: options.databaseUrl,
      jobs: allJobs,
      log,
      supervise: options.runsJobs,
      migrate: options.migrate,
    }),
  )
  const http = stack.use(createAppHttpClient(options, log, metrics))
  const speech = stack.use(createSpeech(options, http, log))
  const voices = stack.use(createVoiceModel({ log: config.speech.apiUrl === undefined ? log : undefined }))
  const encrypt = (plaintext: string) => encryptToken(key, plaintext)
  const decrypt = (ciphertext: string) => decryptToken([key], ciphertext)
  const parts = { db, http, clock, encrypt, decrypt, log, config, secrets: options.secrets }
  const rates = options.callRates && { rates: options.callRates }
  const providers = options.providers ?? openProviders({ ...parts, ...rates })
  const runnerOf =
    options.runnerOf ?? chooseRunners(config.runners, { attendee: options.secrets.attendee !== undefined })
  const pipeline = createPipeline({
    db,
    queue,
    clock,
    decrypt,
    providers,
    pilotUsers: config.pilotUsers,
    timeZone: config.server.timeZone,
    jitsiHosts: config.jitsiHosts,
    orgDomains: config.orgDomains,
    ...(options.sandbox ? { sandboxOrigin: options.sandbox.origin } : {}),
    alwaysAttends: options.sandbox !== undefined,
    runnerOf,
    limits: limitsWith(config.bots.limits),
  })
  const mediaDir = path.join(options.sandbox?.dataDir ?? config.dataDir, 'media')
  const owned = stack.move()
  return {
    ...pipeline,
    config,
    secrets: options.secrets,
    isSandbox: options.sandbox !== undefined,
    sandboxKey: options.sandbox?.key,
    db,
    http,
    providers,
    runnerOf,
    clock,
    log,
    metrics,
    health: createAppHealth(db, options.runsJobs ? mediaDir : undefined),
    blobs: createDiskBlobs(mediaDir),
    attendee: attendeeOf(options),
    speech,
    openVoices: () => voices.open(),
    signals,
    links,
    encrypt,
    synced: (result, calendarId) => {
      metrics.countCalendarSync({ provider: result.provider ?? 'none', outcome: result.outcome })
      if (result.problem) log.info('A calendar could not be read', { calendarId, error: result.problem })
    },
    channelsRenewed: ({ opened, failed, lost, problem }) => {
      metrics.countLostNotices(lost)
      if (opened + failed > 0 || problem !== undefined) {
        log.info('Channels for notices of changes were renewed', { opened, failed, problem })
      }
    },
    peopleSynced: ({ changes, failures, problem, groupProblem }) => {
      if (problem)
        log.warn('It cannot be told whose calendars to connect; nobody is released for it', { error: problem })
      for (const { kind, email, reason } of changes)
        log.info('Whose calendars are connected has changed', { kind, email, reason })
      if (groupProblem) log.info('It cannot be told who is in groups', { error: groupProblem })
      for (const { email, problem } of failures)
        log.warn('Somebody could not be connected or released', { email, error: problem })
    },
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  }
}

function attendeeOf({ config, secrets, attendeePauses: pauses }: AppOptions): HandlerDeps['attendee'] {
  const server = attendeeServerOf(config, secrets)
  return server && { ...server, botName: config.botName, ...(pauses ? { pauses } : {}) }
}

/** Takes jobs, and sees to what fell due while nobody worked. */
export async function startWorker(app: App): Promise<Work> {
  const work = await startWorking(app.queue, createHandlers(app), {
    jobEnded: (name, outcome, durationMs) => app.metrics.countJobRun({ name, outcome, durationMs }),
  })
  await sendDueSyncs(app)
  // A key that a server refused takes a new start to be another one.
  await hurryRefused(app.supervise, platforms)
  if (app.attendee) await fetchMissingAgain(app.db, app.attendee)
  await app.blobs.removeLeftDrafts()
  await sendJobsNow(app.queue, [
    { job: syncPeopleJob, payload: {} },
    { job: sweepMeetingsJob, payload: {}, key: 'sweep' },
    { job: sweepSpeechJob, payload: {}, key: 'sweep' },
  ])
  return work
}

function createAppHttpClient(options: AppOptions, log: Logger, metrics: Metrics): HttpClient {
  const { allowPrivateHosts, proxy } = options.config
  return createHttpClient({
    allowPrivateHosts: options.sandbox
      ? [...allowPrivateHosts, new URL(options.sandbox.origin).host]
      : allowPrivateHosts,
    ...(proxy.url === undefined ? {} : { proxyUrl: proxy.url }),
    ...(proxy.noProxy === undefined ? {} : { noProxy: proxy.noProxy }),
    userAgent: `Rapporteur/${VERSION}`,
    log,
    metrics,
  })
}

/** The speech server that is configured, else the model of this machine, whose processes start with the first speech. */
function createSpeech({ config, secrets }: AppOptions, http: HttpClient, log: Logger): SpeechProvider {
  const { apiUrl, processes } = config.speech
  if (apiUrl === undefined)
    return createSpeechProvider({ http, log }, 'moonshine', { processes, modelDir: defaultModelDir })
  return createSpeechProvider({ http, log }, 'openai-compatible', { url: apiUrl, apiKey: secrets.speechApiKey })
}

/** `mediaDir`: where this process writes files; undefined for one that writes none. */
function createAppHealth(db: Database, mediaDir: string | undefined): Health {
  const health = createHealth()
  health.register({
    name: 'database',
    async check() {
      try {
        await requireCurrentSchema(db)
        return { ok: true }
      } catch {
        return { ok: false, reason: 'The database does not answer or has another version.' }
      }
    },
  })
  health.register({
    name: 'disk',
    keptForMs: 5_000,
    async check() {
      try {
        await tryDiskOfDatabase(db)
      } catch (error) {
        const failure = translateDatabaseError(error)
        // Whatever else is wrong with it the check before has said.
        if (isAppError(failure, 'disk_full')) throw failure
      }
      if (mediaDir !== undefined) await tryDiskOfFolder(mediaDir)
      return { ok: true }
    },
  })
  return health
}
