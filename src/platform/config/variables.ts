import { z } from 'zod'
import { isTimeZone } from '../../base/time.ts'
import { attendeeSettings } from './attendee-settings.ts'
import { botImage } from './bot-image.ts'
import { serviceAccountKey } from './service-account-key.ts'

/** One environment variable: how it is read and what its reader is told. docs/configuration.md is made from this list. */
export interface Variable {
  schema: z.ZodType
  group: string
  about: string
  /** Shown as the default in the documentation; the real default is in the schema. */
  fallback?: string
  /** May also be given as NAME_FILE, is never printed, and those that lock stored data are compared with a fingerprint in the database. */
  secret?: true
  /** Named by the specification, but nothing reads it in this version. */
  later?: true
}

const text = z.string().trim().min(1)
const list = z
  .string()
  .transform((value) => value.split(/[,\s]+/).filter((item) => item !== ''))
  .default([])
/** Hosts written exactly, each with a port or without. */
const hostList = list.refine(
  (hosts) => hosts.every((host) => /^[^/@*?#\s]+$/.test(host) && URL.canParse(`http://${host}/`)),
  'is not a list of hosts such as storage.example.com:9000, without https:// and without a path',
)
const emailList = z
  .string()
  .transform((value) =>
    value
      .split(/[,;\s]+/)
      .filter((item) => item !== '')
      .map((item) => item.toLowerCase()),
  )
  .pipe(z.array(z.email('is not a list of e-mail addresses separated by commas')))
  .default([])
/** Names with a letter or digit each; what is none could be in anybody's. */
const nameList = z
  .string()
  .transform((value) =>
    value
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  )
  .refine(
    (names) => names.length <= 50 && names.every((name) => name.length <= 100 && /[\p{L}\p{N}]/u.test(name)),
    'is not a list of up to 50 names separated by commas, each of at most 100 characters and with a letter or digit',
  )
  .default([])
const port = z.coerce.number('is not a number').int().min(0).max(65_535)
const httpUrl = z
  .url({ protocol: /^https?$/, error: 'is not an http or https address' })
  .transform((url) => new URL(url))
const postgresUrl = z.url({ protocol: /^postgres(ql)?$/, error: 'is not a postgres:// address' })
const flag = z
  .string()
  .toLowerCase()
  .pipe(z.enum(['on', 'off', 'true', 'false', 'yes', 'no', '1', '0'], 'is neither on nor off'))
  .transform((value) => ['on', 'true', 'yes', '1'].includes(value))
/** Less than a day: a meeting's job ends then. */
const minutes = (least: number) => z.coerce.number('is not a number').min(least).max(1_380)
const timeZone = z.string().refine(isTimeZone, 'is not a time zone such as Europe/Vienna')
const icsCalendars = z
  .string()
  .transform((value, context) =>
    value
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '')
      .map((item) => {
        const at = item.indexOf('=')
        const owner = item.slice(0, at).trim().toLowerCase()
        const address = item.slice(at + 1).trim()
        if (at < 1 || !owner.includes('@') || address === '') {
          context.addIssue({ code: 'custom', message: 'is not of the form email=address,email=address' })
        }
        return { owner, address }
      }),
  )
  .default([])

const runners = z
  .string()
  .transform((value, context) =>
    value
      .split(/[,\s]+/)
      .filter((item) => item !== '')
      .map((item) => {
        const [, platform = '', runner = ''] = /^([a-z_]+)=([a-z]+)$/.exec(item) ?? []
        if (platform === '')
          context.addIssue({ code: 'custom', message: 'is not of the form platform=runner,platform=runner' })
        return { platform, runner }
      }),
  )
  .default([])
const base64 = text.regex(/^[A-Za-z0-9+/]+={0,2}$/, 'is not base64')

const hostZone = Intl.DateTimeFormat().resolvedOptions().timeZone
const later = { later: true } as const
/** A key or secret of ours; a command that some file did not replace is not one. */
const key = text.refine(
  (value) => !value.includes('$('),
  'is a command and not its result: put in what the command prints',
)
const secret = { secret: true } as const

export const variables = {
  SITE_URL: {
    schema: httpUrl.optional(),
    group: 'Server',
    about:
      'The public address of this installation, such as https://meetings.example.com. Links in e-mails, OAuth and webhooks are made from it.',
    fallback: 'http://HOST:PORT',
  },
  HOST: {
    schema: text.default('127.0.0.1'),
    group: 'Server',
    about: 'The address the web server listens on. 0.0.0.0 listens on all.',
    fallback: '127.0.0.1',
  },
  PORT: { schema: port.default(8000), group: 'Server', about: 'The port of the web server.', fallback: '8000' },
  TRUSTED_PROXIES: {
    schema: list,
    group: 'Server',
    about: 'Addresses of reverse proxies whose X-Forwarded-* headers are believed, separated by commas.',
  },
  TIME_ZONE: {
    schema: timeZone.default(hostZone),
    group: 'Server',
    about: 'The zone of days on the pages and of events that name none, such as Europe/Vienna.',
    fallback: "the host's",
  },
  LOG_LEVEL: {
    schema: z.enum(['debug', 'info', 'warn', 'error'], 'is none of debug, info, warn, error').default('info'),
    group: 'Server',
    about: 'How much is logged: debug, info, warn or error.',
    fallback: 'info',
  },
  METRICS_TOKEN: {
    ...secret,
    schema: key.optional(),
    group: 'Server',
    about:
      'Asked of whoever reads /metrics, as a Bearer token. Without it, and without SITE_URL, programs on this machine may read them; with SITE_URL nobody.',
  },
  METRICS_PORT: {
    schema: port.optional(),
    group: 'Server',
    about:
      'A port of HOST on which `worker`, `web` and `start` serve their own /metrics, /health and /health/ready to whoever reaches it. Keep it inside.',
    fallback: 'off',
  },

  DATABASE_URL: {
    ...secret,
    schema: postgresUrl.optional(),
    group: 'Data',
    about: 'A PostgreSQL database, version 15 or later. Unset: the embedded PostgreSQL.',
    fallback: 'embedded',
  },
  DATA_DIR: {
    schema: text.default('./data'),
    group: 'Data',
    about: 'The folder for the embedded database, generated secrets and media.',
    fallback: './data',
  },
  CREDENTIALS_ENCRYPTION_KEY: {
    ...secret,
    schema: key.optional(),
    group: 'Data',
    about:
      'Encrypts stored credentials (a Fernet key: 32 bytes as base64url, or 32 characters as the predecessor took them). Required with DATABASE_URL; generated once with the embedded database. `npx rapporteur generate-key` makes one.',
  },
  TRANSCRIPT_TOKEN_SECRET: {
    ...secret,
    schema: key.optional(),
    group: 'Data',
    about:
      'Signs links to transcripts: 16 bytes at least. Required with DATABASE_URL; generated once with the embedded database. `npx rapporteur generate-key` makes one.',
    fallback: 'WEBHOOK_SECRET',
  },
  WEBHOOK_SECRET: {
    ...secret,
    schema: key.optional(),
    group: 'Data',
    about:
      "The predecessor's secret, used where TRANSCRIPT_TOKEN_SECRET is not set. Where it is set, a secret of fewer than 16 bytes is taken: links that it signed open for 30 days, new ones are signed with another.",
  },

  ADMIN_EMAILS: { schema: emailList, group: 'People', about: 'The administrators, separated by commas.' },
  PILOT_USERS: {
    schema: emailList,
    group: 'People',
    about: 'People whose Google calendars are connected through the service account, separated by commas.',
  },
  ORG_DOMAINS: {
    schema: list,
    group: 'People',
    about: "The organisation's e-mail domains.",
    fallback: 'the domains of ADMIN_EMAILS and PILOT_USERS',
  },

  ICS_CALENDARS: {
    schema: icsCalendars,
    group: 'Calendars',
    about: 'Calendars by address: email=https://… or email=/path/to/file.ics, separated by commas.',
  },
  ALLOW_PRIVATE_HOSTS: {
    schema: list,
    group: 'Calendars',
    about:
      'Exact hosts (or host:port) inside your network that calendars may be read from. All other private addresses are refused.',
  },
  GOOGLE_SERVICE_ACCOUNT_KEY: {
    ...secret,
    schema: serviceAccountKey.optional(),
    group: 'Calendars',
    about: 'The key of a Google service account with domain-wide delegation: JSON, or base64 of it.',
  },
  GOOGLE_ADMIN_EMAIL: {
    schema: z
      .email('is not an e-mail address')
      .transform((email) => email.toLowerCase())
      .optional(),
    group: 'Calendars',
    about: "Whom to act for when listing the domain's users. Unset: PILOT_USERS only.",
  },
  GOOGLE_CALENDAR_WEBHOOK_URL: {
    schema: httpUrl.optional(),
    group: 'Calendars',
    about: 'Where Google sends notice of changes.',
    fallback: 'SITE_URL + /dashboard/webhook/google-calendar/',
  },
  GOOGLE_CLIENT_ID: {
    schema: text.optional(),
    group: 'Calendars',
    about: 'OAuth client for individual Google accounts.',
  },
  GOOGLE_CLIENT_SECRET: { ...secret, schema: text.optional(), group: 'Calendars', about: 'Its secret.' },
  GOOGLE_REDIRECT_URI: {
    schema: httpUrl.optional(),
    group: 'Calendars',
    about: 'Its redirect address.',
    fallback: 'SITE_URL + /dashboard/auth/google/callback/',
  },
  MICROSOFT_CLIENT_ID: { ...later, schema: text.optional(), group: 'Calendars', about: 'Microsoft Entra application.' },
  MICROSOFT_CLIENT_SECRET: { ...later, ...secret, schema: text.optional(), group: 'Calendars', about: 'Its secret.' },
  MICROSOFT_REDIRECT_URI: {
    ...later,
    schema: httpUrl.optional(),
    group: 'Calendars',
    about: 'Its redirect address.',
    fallback: 'SITE_URL + /dashboard/auth/microsoft/callback/',
  },
  MICROSOFT_TENANT_ID: {
    ...later,
    schema: text.default('common'),
    group: 'Calendars',
    about: 'The tenant.',
    fallback: 'common',
  },

  JITSI_HOSTS: {
    schema: list,
    group: 'Meetings',
    about: 'Hosts of your Jitsi servers. Only links to these are meetings.',
    fallback: 'meet.jit.si, 8x8.vc',
  },
  RUNNERS: {
    schema: runners,
    group: 'Meetings',
    about:
      'Which runner attends which platform, such as google_meet=attendee,zoom=none: browser, attendee or none for google_meet, teams, zoom, jitsi. What is not named has the default.',
    fallback: 'attendee for google_meet, teams and zoom where ATTENDEE_API_URL is set',
  },
  RULES_FILE: {
    schema: text.optional(),
    group: 'Meetings',
    about:
      'The file of rules on which meetings are attended, put in force at a start when it was changed. See docs/rules.md.',
    fallback: 'rules.json in DATA_DIR, where there is one',
  },
  BOT_NAME: {
    schema: text.default('Meeting Assistant'),
    group: 'Meetings',
    about: 'The name under which bots appear in meetings.',
    fallback: 'Meeting Assistant',
  },
  BOT_NAMES_OF_OTHERS: {
    schema: nameList,
    group: 'Meetings',
    about:
      'Names of other recording bots, separated by commas, such as Notetaker,read.ai: whoever has one of them in their name is no company, and a bot leaves a room in which it is alone with them. An Attendee server is told those of a single word, since it compares words.',
    fallback: 'none',
  },
  BOT_CHAT_MESSAGE: {
    schema: z.string().trim().max(500).optional(),
    group: 'Meetings',
    about: 'What a bot writes into the chat when it is in, at most 500 characters.',
    fallback: 'that it is there to transcribe, and may be asked to leave',
  },
  ABOUT_BOT_TEXT: {
    schema: z.string().trim().max(5_000).optional(),
    group: 'Meetings',
    about: "The organisation's own words on the page about the bot, /about-bot, at most 5,000 characters.",
  },
  BOTS_MAX: {
    schema: z.coerce.number().int().min(0).default(20),
    group: 'Meetings',
    about:
      'Bots in meetings at once, in all workers together; the same for every worker. A meeting beyond them waits for a free place.',
    fallback: '20',
  },
  BOTS_PER_WORKER: {
    schema: z.coerce.number().int().min(0).optional(),
    group: 'Meetings',
    about: "Bots in browsers of one worker at once, as its machine can bear. An Attendee server's bots do not count.",
    fallback: 'BOTS_MAX',
  },
  BOTS_PER_HOST: {
    schema: z.coerce.number().int().min(1).default(5),
    group: 'Meetings',
    about: 'Bots in one browser. Some 100 MB a bot with 5; 1 isolates fully and takes 230 MB.',
    fallback: '5',
  },
  LOBBY_MAX: {
    schema: minutes(0.5).default(15),
    group: 'Meetings',
    about: 'Minutes for which a bot waits in a lobby; never longer than the meeting.',
    fallback: '15',
  },
  HOST_WAIT_MAX: {
    schema: minutes(0.5).default(10),
    group: 'Meetings',
    about:
      'Minutes for which a bot of an Attendee server waits for a host who has not come; never longer than the meeting.',
    fallback: '10',
  },
  ALONE_MAX: {
    schema: minutes(0.25).default(1),
    group: 'Meetings',
    about: 'Minutes after which a bot leaves a meeting that all others have left. Other bots are no company.',
    fallback: '1',
  },
  SILENCE_MAX: {
    schema: minutes(1).default(10),
    group: 'Meetings',
    about: 'Minutes without a sound, counted after the first 20 of a meeting, after which a bot leaves.',
    fallback: '10',
  },
  STAY_MAX: {
    schema: minutes(5).default(240),
    group: 'Meetings',
    about: 'Minutes after which a bot leaves in any case, from asking for entry; until then a meeting may run over.',
    fallback: '240',
  },
  LATE_JOIN_MIN: {
    schema: minutes(0).default(2),
    group: 'Meetings',
    about: 'Minutes that have to remain of a meeting for a bot to join it late; of one not twice as long, half of it.',
    fallback: '2',
  },
  DRAIN_MAX: {
    schema: z.coerce.number('is not a number').min(0).max(1_440).optional(),
    group: 'Meetings',
    about:
      'Minutes for which a worker that is asked to stop (SIGTERM) lets its bots finish their meetings. Then, or at a second SIGTERM, it hands them over to another worker. 0 hands them over at once, as SIGINT does.',
    fallback: 'STAY_MAX for `worker`, 0 for `start`',
  },
  CHROMIUM_PATH: {
    schema: text.optional(),
    group: 'Meetings',
    about: 'The browser to use, or `packaged` for the one that comes along although another is installed.',
    fallback: 'an installed one, else the packaged one',
  },
  ATTENDEE_API_URL: {
    schema: httpUrl.optional(),
    group: 'Meetings',
    about: 'An Attendee server that attends meetings, such as https://app.attendee.dev.',
  },
  ATTENDEE_API_KEY: { ...secret, schema: text.optional(), group: 'Meetings', about: 'Its API key.' },
  ATTENDEE_WEBHOOK_SECRET: {
    ...secret,
    schema: base64.optional(),
    group: 'Meetings',
    about:
      'The webhook secret of its project (base64). With it and a SITE_URL with https, what happens to a bot is known at once instead of at the next look.',
  },
  ATTENDEE_SETTINGS: {
    ...secret,
    schema: attendeeSettings.optional(),
    group: 'Meetings',
    about:
      "What its bots are ordered with besides, as JSON in the server's own words: transcription_settings, recording_settings, google_meet_settings, teams_settings, zoom_settings, callback_settings, automatic_leave_settings; below google_meet, teams and zoom what differs there. See docs/operations.md.",
    fallback: 'captions on Meet and Teams, Deepgram on Zoom, and sound as MP3',
  },
  ATTENDEE_BOT_IMAGE: {
    schema: botImage.optional(),
    group: 'Meetings',
    about: 'A file with the picture that its bots show: PNG or JPEG, at most 1 MB.',
    fallback: 'none',
  },
  ATTENDEE_STORAGE_HOSTS: {
    schema: hostList,
    group: 'Meetings',
    about:
      'Exact hosts (or host:port) inside your network at which the Attendee server keeps recordings, where it is not its own host, separated by commas. All other private addresses are refused.',
  },

  SPEECH_PROCESSES: {
    schema: z.coerce.number().int().min(1).default(1),
    group: 'Transcripts',
    about: 'Processes that turn speech into text, each on one core.',
    fallback: '1',
  },
  SPEECH_LANGUAGE: { ...later, schema: text.optional(), group: 'Transcripts', about: 'The language spoken.' },
  SPEECH_API_URL: {
    schema: httpUrl.optional(),
    group: 'Transcripts',
    about: 'An OpenAI-compatible transcription server, in place of the model of this machine.',
  },
  SPEECH_API_KEY: { ...secret, schema: text.optional(), group: 'Transcripts', about: 'Its key.' },
  SHARE_WITH_EXTERNAL: {
    schema: flag.default(false),
    group: 'Transcripts',
    about: 'Whether invited people outside the organisation may read transcripts.',
    fallback: 'off',
  },

  SUPABASE_URL: { ...later, schema: httpUrl.optional(), group: 'Outputs', about: 'The hub: a Supabase project.' },
  SUPABASE_SERVICE_KEY: { ...later, ...secret, schema: text.optional(), group: 'Outputs', about: 'Its service key.' },
  SMTP_URL: {
    ...later,
    ...secret,
    schema: text.optional(),
    group: 'Outputs',
    about: 'The mail server, such as smtp://user:password@mail.example.com:587.',
  },
  MAIL_FROM: { ...later, schema: text.optional(), group: 'Outputs', about: 'The sender of mails.' },

  GOOGLE_AUTHORIZE_URL: {
    schema: httpUrl.default(new URL('https://accounts.google.com/o/oauth2/v2/auth')),
    group: 'Addresses of outside services',
    about: 'Where a person consents. For stand-ins and proxies.',
    fallback: 'https://accounts.google.com/o/oauth2/v2/auth',
  },
  GOOGLE_TOKEN_URL: {
    schema: httpUrl.default(new URL('https://oauth2.googleapis.com/token')),
    group: 'Addresses of outside services',
    about: 'Where tokens are got. For stand-ins and proxies.',
    fallback: 'https://oauth2.googleapis.com/token',
  },
  GOOGLE_USERINFO_URL: {
    schema: httpUrl.default(new URL('https://openidconnect.googleapis.com/v1/userinfo')),
    group: 'Addresses of outside services',
    about: 'Who consented. For stand-ins and proxies.',
    fallback: 'https://openidconnect.googleapis.com/v1/userinfo',
  },
  GOOGLE_CALENDAR_API_URL: {
    schema: httpUrl.default(new URL('https://www.googleapis.com/calendar/v3')),
    group: 'Addresses of outside services',
    about: 'The Calendar API. For stand-ins and proxies.',
    fallback: 'https://www.googleapis.com/calendar/v3',
  },
  GOOGLE_ADMIN_API_URL: {
    schema: httpUrl.default(new URL('https://admin.googleapis.com/admin/directory/v1')),
    group: 'Addresses of outside services',
    about: 'The Directory API. For stand-ins and proxies.',
    fallback: 'https://admin.googleapis.com/admin/directory/v1',
  },
  MICROSOFT_LOGIN_URL: {
    ...later,
    schema: httpUrl.optional(),
    group: 'Addresses of outside services',
    about: 'For stand-ins and proxies.',
  },
  MICROSOFT_GRAPH_URL: {
    ...later,
    schema: httpUrl.optional(),
    group: 'Addresses of outside services',
    about: 'For stand-ins and proxies.',
  },
} as const satisfies Record<string, Variable>

type VariableName = keyof typeof variables
/** Every variable after parsing, under its own name. */
export type Values = { [Name in VariableName]: z.output<(typeof variables)[Name]['schema']> }
