import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { parseEnv } from 'node:util'
import { AppError } from '../../base/errors.ts'
import type { AttendeeSettings } from './attendee-settings.ts'
import type { BotImage } from './bot-image.ts'
import { readValues } from './read-values.ts'
import type { ServiceAccountKey } from './service-account-key.ts'
import type { Values } from './variables.ts'

/** The settings as the parts of the program take them. Secrets travel apart, so that printing this cannot leak one. */
export interface Config {
  server: {
    host: string
    port: number
    /** Where the addresses for machines are served besides; undefined: nowhere. */
    metricsPort: number | undefined
    /** Origin of the public address, without a slash at its end; undefined until the port is known where SITE_URL is unset. */
    siteUrl: URL | undefined
    trustedProxies: readonly string[]
    timeZone: string
    logLevel: 'debug' | 'info' | 'warn' | 'error'
  }
  dataDir: string
  database: { kind: 'embedded' } | { kind: 'external' }
  adminEmails: readonly string[]
  orgDomains: readonly string[]
  /** Whether invited people outside the organisation may read transcripts. */
  shareWithExternal: boolean
  /** The name under which bots appear in meetings. */
  botName: string
  /** Names of other recording bots, who are no company. */
  otherBotNames: readonly string[]
  /** What a bot writes into the chat. */
  botChatMessage: string
  /** The organisation's own words on the page about the bot. */
  aboutBotText: string | undefined
  speech: { apiUrl: URL | undefined; processes: number }
  /** The browser for bots; one is looked for where unset. */
  chromiumPath: string | undefined
  /** Bots of one worker at once, and in one browser. */
  bots: { max: number; perWorker: number; perHost: number; limits: BotLimits }
  /** For how long a worker that is asked to stop lets its bots finish; undefined: as its command has it. */
  drainMaxMs: number | undefined
  /** Which runner attends which platform, where it is not the default. */
  runners: readonly { platform: string; runner: string }[]
  /** The installation's own file of rules, and whether it was named, so that it must exist. */
  rulesFile: { path: string; isNamed: boolean }
  icsCalendars: readonly { owner: string; address: string }[]
  /** People whose calendars are connected through the service account. */
  pilotUsers: readonly string[]
  google: GoogleConfig
  allowPrivateHosts: readonly string[]
  jitsiHosts: readonly string[]
  proxy: { url: string | undefined; noProxy: string | undefined }
  /** Whether anything that brings calendars is configured; if not, and none was ever connected, `start` shows the sandbox. */
  hasProvider: boolean
}

/** How long bots bear what, in milliseconds. */
interface BotLimits {
  lobbyMs: number
  hostMs: number
  aloneMs: number
  silenceMs: number
  stayMs: number
  lateJoinMs: number
}

interface GoogleConfig {
  /** Whom to act for when listing the domain's users; unset: the pilot users only. */
  adminEmail: string | undefined
  /** Where Google sends notice of changes, where it is not SITE_URL and the usual path. */
  webhookUrl: URL | undefined
  addresses: GoogleAddresses
}

export interface GoogleAddresses {
  authorizeUrl: URL
  tokenUrl: URL
  userinfoUrl: URL
  calendarApiUrl: URL
  adminApiUrl: URL
}

/** What cannot be used without a secret travels with it, whole: whoever has it needs no other half. */
export interface Secrets {
  databaseUrl: string | undefined
  credentialsEncryptionKey: string | undefined
  transcriptTokenSecret: string | undefined
  /** The predecessor's, which signs links where there is no other. */
  webhookSecret: string | undefined
  metricsToken: string | undefined
  speechApiKey: string | undefined
  attendee: AttendeeAccess | undefined
  googleServiceAccount: ServiceAccountKey | undefined
  googleOauthClient: GoogleOauthClient | undefined
}

/** An Attendee server, and how its bots are ordered. */
interface AttendeeAccess {
  url: URL
  apiKey: string
  /** Base64. Without it notices of the server's are not taken. */
  webhookSecret: string | undefined
  /** What its bots are ordered with besides: may hold keys of services. */
  settings: AttendeeSettings | undefined
  /** The picture that its bots show. */
  image: BotImage | undefined
  /** Private hosts at which it keeps recordings, besides its own. */
  storageHosts: readonly string[]
}

/** The OAuth client for individual accounts. */
interface GoogleOauthClient {
  id: string
  secret: string
  /** Unset: the usual path of this installation. */
  redirectUri: URL | undefined
}

export interface LoadedConfig {
  config: Config
  secrets: Secrets
  warnings: readonly string[]
}

const PUBLIC_JITSI_HOSTS = ['meet.jit.si', '8x8.vc']

/** Reads the settings from `.env` in a folder and the environment, which wins. Throws `config_invalid` naming everything that is wrong. */
export function loadConfig(environment: NodeJS.ProcessEnv = process.env, folder = process.cwd()): LoadedConfig {
  const merged = { ...readDotEnv(path.join(folder, '.env')), ...environment }
  const { values, warnings } = readValues(merged)
  refuseContradictions(values)
  return {
    config: toConfig(values, merged, folder),
    secrets: {
      databaseUrl: values.DATABASE_URL,
      credentialsEncryptionKey: values.CREDENTIALS_ENCRYPTION_KEY,
      transcriptTokenSecret: values.TRANSCRIPT_TOKEN_SECRET,
      webhookSecret: values.WEBHOOK_SECRET,
      metricsToken: values.METRICS_TOKEN,
      speechApiKey: values.SPEECH_API_KEY,
      attendee: attendeeOf(values),
      googleServiceAccount: values.GOOGLE_SERVICE_ACCOUNT_KEY,
      googleOauthClient: googleOauthClientOf(values),
    },
    warnings: [...warnings, ...notYet(values), ...connectsNobody(values), ...unreachable(values)],
  }
}

/** The settings as `loadConfig` reads them here, but with some that win over all others. */
export function loadConfigWith(settings: Readonly<Record<string, string>>): LoadedConfig {
  const instead = Object.entries(settings).flatMap(([name, value]) => [
    [name, value],
    [`${name}_FILE`, ''],
  ])
  return loadConfig({ ...process.env, ...Object.fromEntries(instead) })
}

function readDotEnv(file: string): Record<string, string | undefined> {
  return existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {}
}

function refuseContradictions(values: Values): void {
  const problems: string[] = []
  if (values.SITE_URL && (values.SITE_URL.pathname !== '/' || values.SITE_URL.search || values.SITE_URL.username)) {
    problems.push('SITE_URL must be an origin only, such as https://meetings.example.com, without a path.')
  }
  if (values.METRICS_PORT !== undefined && values.METRICS_PORT !== 0 && values.METRICS_PORT === values.PORT) {
    problems.push(`METRICS_PORT and PORT are both ${values.PORT}; each needs one of its own.`)
  }
  if (Boolean(values.GOOGLE_CLIENT_ID) !== Boolean(values.GOOGLE_CLIENT_SECRET)) {
    problems.push('GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET go together; one of them is missing.')
  }
  if (Boolean(values.MICROSOFT_CLIENT_ID) !== Boolean(values.MICROSOFT_CLIENT_SECRET)) {
    problems.push('MICROSOFT_CLIENT_ID and MICROSOFT_CLIENT_SECRET go together; one of them is missing.')
  }
  if (Boolean(values.ATTENDEE_API_URL) !== Boolean(values.ATTENDEE_API_KEY)) {
    problems.push('ATTENDEE_API_URL and ATTENDEE_API_KEY go together; one of them is missing.')
  } else if (values.ATTENDEE_WEBHOOK_SECRET && !values.ATTENDEE_API_URL) {
    problems.push('ATTENDEE_WEBHOOK_SECRET is set, but there is no ATTENDEE_API_URL whose notices it could check.')
  }
  if (values.ATTENDEE_STORAGE_HOSTS.length > 0 && !values.ATTENDEE_API_URL) {
    problems.push('ATTENDEE_STORAGE_HOSTS is set, but there is no ATTENDEE_API_URL whose recordings could lie there.')
  }
  for (const name of ['ATTENDEE_SETTINGS', 'ATTENDEE_BOT_IMAGE'] as const) {
    if (values[name] && !values.ATTENDEE_API_URL)
      problems.push(`${name} is set, but there is no ATTENDEE_API_URL whose bots it could be for.`)
  }
  if (values.GOOGLE_ADMIN_EMAIL && !values.GOOGLE_SERVICE_ACCOUNT_KEY) {
    problems.push('GOOGLE_ADMIN_EMAIL is set, but without GOOGLE_SERVICE_ACCOUNT_KEY nobody can act for that person.')
  }
  if (values.BOTS_PER_WORKER !== undefined && values.BOTS_PER_WORKER > values.BOTS_MAX) {
    problems.push(
      `BOTS_PER_WORKER is ${values.BOTS_PER_WORKER}, but all workers together may have ${values.BOTS_MAX} bots: raise BOTS_MAX.`,
    )
  }
  for (const name of ['LOBBY_MAX', 'HOST_WAIT_MAX', 'ALONE_MAX', 'SILENCE_MAX', 'LATE_JOIN_MIN'] as const) {
    if (values[name] < values.STAY_MAX) continue
    problems.push(
      `${name} is ${values[name]} minutes, but after STAY_MAX (${values.STAY_MAX} minutes) every bot leaves: lower the one or raise the other.`,
    )
  }
  if (problems.length > 0) {
    throw new AppError('config_invalid', `The settings contradict themselves:\n  ${problems.join('\n  ')}`)
  }
}

/** That halves stand alone has been refused. */
function attendeeOf(values: Values): AttendeeAccess | undefined {
  const { ATTENDEE_API_URL: url, ATTENDEE_API_KEY: apiKey } = values
  if (url === undefined || apiKey === undefined) return undefined
  return {
    url,
    apiKey,
    webhookSecret: values.ATTENDEE_WEBHOOK_SECRET,
    settings: values.ATTENDEE_SETTINGS,
    image: values.ATTENDEE_BOT_IMAGE,
    storageHosts: values.ATTENDEE_STORAGE_HOSTS,
  }
}

function googleOauthClientOf(values: Values): GoogleOauthClient | undefined {
  const { GOOGLE_CLIENT_ID: id, GOOGLE_CLIENT_SECRET: secret } = values
  if (id === undefined || secret === undefined) return undefined
  return { id, secret, redirectUri: values.GOOGLE_REDIRECT_URI }
}

/** A provider that is configured but that this version cannot use yet is said, never silently ignored. */
function notYet(values: Values): string[] {
  const set = [
    values.MICROSOFT_CLIENT_ID && 'MICROSOFT_CLIENT_ID',
    values.SUPABASE_URL && 'SUPABASE_URL',
    values.SMTP_URL && 'SMTP_URL',
  ].filter(Boolean)
  return set.map((name) => `${name} is set, but this version cannot use it yet; everything else goes on without it.`)
}

function connectsNobody(values: Values): string[] {
  const knowsPeople = values.GOOGLE_ADMIN_EMAIL !== undefined || values.PILOT_USERS.length > 0
  if (values.GOOGLE_SERVICE_ACCOUNT_KEY === undefined || knowsPeople) return []
  return [
    'GOOGLE_SERVICE_ACCOUNT_KEY is set, but nobody says whose calendars to connect: set GOOGLE_ADMIN_EMAIL for the whole domain, or PILOT_USERS.',
  ]
}

/** Requests are answered only under the names we know; without SITE_URL these are the loopback names. */
function unreachable(values: Values): string[] {
  const isLoopback = ['127.0.0.1', '::1', 'localhost'].includes(values.HOST)
  if (isLoopback || values.SITE_URL !== undefined) return []
  return [
    `HOST is ${values.HOST}, but without SITE_URL only requests to localhost are answered. Set SITE_URL to the address people use.`,
  ]
}

function toConfig(values: Values, environment: Record<string, string | undefined>, folder: string): Config {
  const people = [...values.ADMIN_EMAILS, ...values.PILOT_USERS]
  const domains = people.map((email) => email.slice(email.indexOf('@') + 1))
  return {
    server: {
      host: values.HOST,
      port: values.PORT,
      metricsPort: values.METRICS_PORT,
      siteUrl: values.SITE_URL,
      trustedProxies: values.TRUSTED_PROXIES,
      timeZone: values.TIME_ZONE,
      logLevel: values.LOG_LEVEL,
    },
    dataDir: path.resolve(folder, values.DATA_DIR),
    database: values.DATABASE_URL === undefined ? { kind: 'embedded' } : { kind: 'external' },
    adminEmails: values.ADMIN_EMAILS,
    orgDomains: values.ORG_DOMAINS.length > 0 ? values.ORG_DOMAINS.map((d) => d.toLowerCase()) : [...new Set(domains)],
    shareWithExternal: values.SHARE_WITH_EXTERNAL,
    botName: values.BOT_NAME,
    otherBotNames: values.BOT_NAMES_OF_OTHERS,
    botChatMessage:
      values.BOT_CHAT_MESSAGE ??
      `${values.BOT_NAME} is here to transcribe this meeting. Ask it to leave, or remove it, at any time.`,
    aboutBotText: values.ABOUT_BOT_TEXT,
    speech: { apiUrl: values.SPEECH_API_URL, processes: values.SPEECH_PROCESSES },
    chromiumPath: values.CHROMIUM_PATH,
    bots: {
      max: values.BOTS_MAX,
      perWorker: values.BOTS_PER_WORKER ?? values.BOTS_MAX,
      perHost: values.BOTS_PER_HOST,
      limits: {
        lobbyMs: values.LOBBY_MAX * 60_000,
        hostMs: values.HOST_WAIT_MAX * 60_000,
        aloneMs: values.ALONE_MAX * 60_000,
        silenceMs: values.SILENCE_MAX * 60_000,
        stayMs: values.STAY_MAX * 60_000,
        lateJoinMs: values.LATE_JOIN_MIN * 60_000,
      },
    },
    drainMaxMs: values.DRAIN_MAX === undefined ? undefined : values.DRAIN_MAX * 60_000,
    runners: values.RUNNERS,
    rulesFile: {
      path: path.resolve(folder, values.RULES_FILE ?? path.join(values.DATA_DIR, 'rules.json')),
      isNamed: values.RULES_FILE !== undefined,
    },
    icsCalendars: values.ICS_CALENDARS,
    pilotUsers: values.PILOT_USERS,
    google: {
      adminEmail: values.GOOGLE_ADMIN_EMAIL,
      webhookUrl: values.GOOGLE_CALENDAR_WEBHOOK_URL,
      addresses: {
        authorizeUrl: values.GOOGLE_AUTHORIZE_URL,
        tokenUrl: values.GOOGLE_TOKEN_URL,
        userinfoUrl: values.GOOGLE_USERINFO_URL,
        calendarApiUrl: values.GOOGLE_CALENDAR_API_URL,
        adminApiUrl: values.GOOGLE_ADMIN_API_URL,
      },
    },
    allowPrivateHosts: values.ALLOW_PRIVATE_HOSTS,
    jitsiHosts: values.JITSI_HOSTS.length > 0 ? values.JITSI_HOSTS : PUBLIC_JITSI_HOSTS,
    proxy: {
      url: environment.HTTPS_PROXY ?? environment.https_proxy ?? environment.HTTP_PROXY ?? environment.http_proxy,
      noProxy: environment.NO_PROXY ?? environment.no_proxy,
    },
    hasProvider:
      values.ICS_CALENDARS.length > 0 ||
      values.GOOGLE_SERVICE_ACCOUNT_KEY !== undefined ||
      values.GOOGLE_CLIENT_ID !== undefined ||
      values.MICROSOFT_CLIENT_ID !== undefined,
  }
}
