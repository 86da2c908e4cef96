import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock } from '../../src/base/clock.ts'
import { isForUs, refuseStranger } from '../own-host.ts'
import { createRequestLog, type SeenRequest } from '../request-log.ts'
import { type AccessTokens, createAccessTokens } from './access-tokens.ts'
import type { Calendar } from './calendar.ts'
import { type CalendarEditor, createCalendarEditor } from './calendar-editor.ts'
import { calendarMethods } from './calendar-methods.ts'
import type { GoogleCall } from './call.ts'
import { type Channels, createChannels } from './channels.ts'
import { createDirectory, type Directory, type PersonInput } from './directory.ts'
import { directoryMethods } from './directory-methods.ts'
import { type Doubts, defaultDoubts } from './doubts.ts'
import { ownerOf } from './edit-events.ts'
import type { EventInput, Party } from './event.ts'
import { createFaults, type GoogleFaults } from './faults.ts'
import { groupMethods } from './group-methods.ts'
import { createGroups, type Groups } from './groups.ts'
import type { PageShape } from './list-events.ts'
import { makeEvent } from './make-event.ts'
import { createOAuth, type OAuth } from './oauth.ts'
import { createPush, type Push } from './push.ts'
import { createQuotas, type QuotaLimits, usualQuotas } from './quotas.ts'
import { createListener } from './serve-google.ts'
import { createServiceAccount, readSubject, type ServiceAccount } from './service-account.ts'
import { createTokenEndpoint } from './token-endpoint.ts'
import { createUsage, type Usage } from './usage.ts'
import { USERS_KEY, watchMethods } from './watch-methods.ts'
import { createWorld } from './world.ts'

/** An event that is there from the beginning. It stands in this one calendar, whoever is listed in it. */
export interface SeedEvent extends EventInput {
  id: string
  /** The calendar's owner where it is left out. */
  organizer?: Party
}

export interface SandboxGoogleOptions {
  clock: Clock
  /** Default example.com. */
  domain?: string
  people?: readonly PersonInput[]
  /** What stands in the calendar of this address at first; has to answer the same each time. */
  seed?: (email: string) => Iterable<SeedEvent>
  doubts?: Partial<Doubts>
  quotas?: QuotaLimits
  /** What the Admin console lists for the service account. Default: reading calendars, users and groups. */
  authorizedScopes?: readonly string[]
  /** Default 127.0.0.1. */
  host?: string
  /** Default 0: any free one. */
  port?: number
}

/** A running pretend Google. */
export interface SandboxGoogle extends AsyncDisposable {
  /** `http://host:port`, without a slash at the end. */
  readonly origin: string
  /** Its addresses and credentials as settings of the product, ready to be spread into an environment. The key is the first one. */
  readonly environment: Readonly<Record<GoogleVariable, string>>
  readonly directory: Directory
  readonly groups: Groups
  /** Acts as somebody, who may be elsewhere without a calendar here. */
  as(email: string): CalendarEditor
  /** Makes a calendar that is nobody's primary one; one that is derived, as of holidays, cannot be watched. */
  addCalendar(about: { id: string; name: string; timeZone?: string; isDerived?: boolean }): CalendarEditor
  readonly serviceAccount: ServiceAccount
  readonly oauth: OAuth
  readonly tokens: AccessTokens
  readonly channels: Channels
  readonly push: Push
  readonly faults: GoogleFaults
  readonly usage: Usage
  /** May be changed while it runs. */
  readonly doubts: Doubts
  /** Domains that were verified in Search Console; only looked at where a doubt says so. */
  readonly verifiedDomains: Set<string>
  /** The newest 1,000 requests, oldest first. */
  readonly requests: readonly SeenRequest[]
}

/** The service account's part for the whole domain, and the client's for individual people. */
type GoogleVariable =
  | 'GOOGLE_AUTHORIZE_URL'
  | 'GOOGLE_TOKEN_URL'
  | 'GOOGLE_USERINFO_URL'
  | 'GOOGLE_CALENDAR_API_URL'
  | 'GOOGLE_ADMIN_API_URL'
  | 'GOOGLE_SERVICE_ACCOUNT_KEY'
  | 'GOOGLE_CLIENT_ID'
  | 'GOOGLE_CLIENT_SECRET'

const USUAL_SCOPES = [
  'https://www.googleapis.com/auth/calendar.readonly',
  'https://www.googleapis.com/auth/calendar.events.readonly',
  'https://www.googleapis.com/auth/admin.directory.user.readonly',
  'https://www.googleapis.com/auth/admin.directory.group.member.readonly',
]

/** Starts a pretend Google on a port of its own. All of it is in memory and ends when disposed of. */
export async function startSandboxGoogle(options: SandboxGoogleOptions): Promise<SandboxGoogle> {
  const { host = '127.0.0.1', port = 0 } = options
  const server = createServer()
  server.listen(port, host)
  await once(server, 'listening')
  const origin = `http://${host}:${(server.address() as AddressInfo).port}`
  const { google, listener, log } = createGoogle(options, origin)
  server.on('request', (request, response) => {
    log.note(request, response)
    if (!isForUs(request)) return refuseStranger(response, server)
    void listener(request, response)
  })
  return {
    ...google,
    async [Symbol.asyncDispose]() {
      if (!server.listening) return
      await google.push[Symbol.asyncDispose]()
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

function createGoogle(options: SandboxGoogleOptions, origin: string) {
  const { clock, domain = 'example.com', people = [], seed } = options
  const doubts: Doubts = { ...defaultDoubts, ...options.doubts }
  const now = () => clock.now().getTime()
  const [calendarApiUrl, adminApiUrl] = [`${origin}/calendar/v3`, `${origin}/admin/directory/v1`]
  const tokenUrl = `${origin}/token`
  const verifiedDomains = new Set<string>()
  const shapes = new Map<Calendar, PageShape>()

  const push = createPush({ onFailure: (channel) => channels.noteFailure(channel) })
  const channels: Channels = createChannels({
    now,
    doubts,
    verifiedDomains,
    deliver: (channel) => void push.send(channel, 'exists'),
  })
  const directory = createDirectory({ domain, now, onChange: () => channels.notify(USERS_KEY) })
  const world = createWorld({
    clock,
    doubts,
    directory,
    onChange: ({ key }) => channels.notify(key),
    fill(filled, calendar) {
      const startedAt = calendar.updatedAt
      for (const { organizer, ...input } of seed?.(calendar.id) ?? []) {
        calendar.put(makeEvent(calendar, input, organizer ?? ownerOf(filled, calendar), startedAt))
      }
    },
  })
  for (const person of people) directory.add(person)
  const groups = createGroups({ isOurs: (address) => directory.find(address)?.hostedDomain === domain })
  const scopes = options.authorizedScopes ?? USUAL_SCOPES
  const serviceAccount = createServiceAccount({ directory, now, tokenUrl, scopes })
  const tokens = createAccessTokens(now)
  const oauth = createOAuth({ directory, tokens, now, rotates: () => doubts.refreshTokensRotate })
  const quotas = createQuotas(now, options.quotas ?? usualQuotas)
  const faults = createFaults()
  const usage = createUsage()
  const log = createRequestLog()
  const watching = watchMethods({ world, channels, push, calendarApiUrl, adminApiUrl })
  const listener = createListener({
    apis: new Map([
      ['/calendar/v3', [...watching.calendar, ...calendarMethods({ world, shapeOf: (one) => shapes.get(one) })]],
      [
        '/admin/directory/v1',
        [...watching.directory, ...directoryMethods({ directory, now }), ...groupMethods({ directory, groups })],
      ],
    ]),
    endpoints: [createTokenEndpoint({ serviceAccount, oauth, tokens }), ...oauth.endpoints],
    tokens,
    quotas,
    faults,
    usage,
    emailOf({ headers, body }: GoogleCall) {
      const personId = tokens.peek(headers.authorization)?.personId
      return personId === undefined ? readSubject(body) : directory.findById(personId)?.primaryEmail
    },
  })
  const editorOf = (calendar: Calendar) => createCalendarEditor({ world, shapes }, world.keep(calendar))
  const google: Omit<SandboxGoogle, keyof AsyncDisposable> = {
    origin,
    environment: {
      GOOGLE_AUTHORIZE_URL: `${origin}/o/oauth2/v2/auth`,
      GOOGLE_TOKEN_URL: tokenUrl,
      GOOGLE_USERINFO_URL: `${origin}/v1/userinfo`,
      GOOGLE_CALENDAR_API_URL: calendarApiUrl,
      GOOGLE_ADMIN_API_URL: adminApiUrl,
      GOOGLE_SERVICE_ACCOUNT_KEY: JSON.stringify(serviceAccount.key),
      GOOGLE_CLIENT_ID: oauth.client.id,
      GOOGLE_CLIENT_SECRET: oauth.client.secret,
    },
    directory,
    groups,
    as: (email) => editorOf(world.calendarOf(email)),
    addCalendar({ id, name, timeZone = 'UTC', isDerived = false }) {
      const calendar = world.add({ id, name, timeZone })
      calendar.isDerived = isDerived
      return editorOf(calendar)
    },
    serviceAccount,
    oauth,
    tokens,
    channels,
    push,
    faults,
    usage,
    doubts,
    verifiedDomains,
    requests: log.requests,
  }
  return { google, listener, log }
}
