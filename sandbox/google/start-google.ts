import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import type { Clock } from '../../src/base/clock.ts'
import { createRequestLog, type SeenRequest } from '../request-log.ts'
import { type AccessTokens, createAccessTokens } from './access-tokens.ts'
import type { Calendar } from './calendar.ts'
import { type CalendarEditor, createCalendarEditor } from './calendar-editor.ts'
import { calendarMethods } from './calendar-methods.ts'
import { authorize, type GoogleAnswer, type GoogleCall, type Method } from './call.ts'
import { type Channels, createChannels } from './channels.ts'
import { createDirectory, type Directory, type PersonInput } from './directory.ts'
import { directoryMethods } from './directory-methods.ts'
import { type Doubts, defaultDoubts } from './doubts.ts'
import { ownerOf } from './edit-events.ts'
import { badRequest, GoogleError, notFound, writeError } from './errors.ts'
import type { EventInput, Party } from './event.ts'
import type { PageShape } from './list-events.ts'
import { makeEvent } from './make-event.ts'
import { createPush, type Push } from './push.ts'
import { createServiceAccount, type ServiceAccount } from './service-account.ts'
import { createTokenEndpoint } from './token-endpoint.ts'
import { createUsage, type Usage } from './usage.ts'
import { watchMethods } from './watch-methods.ts'
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
  /** What stands in the calendar of this address at first; called when it is first needed. */
  seed?: (email: string) => Iterable<SeedEvent>
  doubts?: Partial<Doubts>
  /** What the Admin console lists for the service account. Default: reading events and users, the usual set. */
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
  /** The addresses as settings of the product, ready to be spread into an environment. */
  readonly environment: Readonly<Record<GoogleVariable, string>>
  readonly directory: Directory
  /** Acts as somebody, who may be elsewhere without a calendar here. */
  as(email: string): CalendarEditor
  /** Makes a calendar that is nobody's primary one: shared ones, rooms, holidays (which are derived: they cannot be watched). */
  addCalendar(about: { id: string; name: string; timeZone?: string; isDerived?: boolean }): CalendarEditor
  readonly serviceAccount: ServiceAccount
  readonly tokens: AccessTokens
  readonly channels: Channels
  readonly push: Push
  readonly usage: Usage
  readonly doubts: Doubts
  /** The newest 1,000 requests, oldest first. */
  readonly requests: readonly SeenRequest[]
}

type GoogleVariable =
  | 'GOOGLE_TOKEN_URL'
  | 'GOOGLE_CALENDAR_API_URL'
  | 'GOOGLE_ADMIN_API_URL'
  | 'GOOGLE_SERVICE_ACCOUNT_KEY'

const USUAL_SCOPES = [
  'https://www.googleapis.com/auth/calendar.readonly',
  'https://www.googleapis.com/auth/calendar.events.readonly',
  'https://www.googleapis.com/auth/admin.directory.user.readonly',
]

/** Starts a pretend Google on a port of its own. All of it is in memory and ends when disposed of. */
export async function startSandboxGoogle(options: SandboxGoogleOptions): Promise<SandboxGoogle> {
  const { clock, domain = 'example.com', people = [], seed, host = '127.0.0.1', port = 0 } = options
  const doubts: Doubts = { ...defaultDoubts, ...options.doubts }
  const now = () => clock.now().getTime()
  const server = createServer()
  server.listen(port, host)
  await once(server, 'listening')
  const origin = `http://${host}:${(server.address() as AddressInfo).port}`
  const [calendarApiUrl, adminApiUrl, tokenUrl] = [
    `${origin}/calendar/v3`,
    `${origin}/admin/directory/v1`,
    `${origin}/token`,
  ]

  const directory = createDirectory({ domain, now })
  const shapes = new Map<Calendar, PageShape>()
  const push = createPush({
    onFailure(channel) {
      channel.failuresInARow += 1
      if (doubts.channelEndsAfterFailures !== null && channel.failuresInARow >= doubts.channelEndsAfterFailures) {
        channels.drop(channel.id)
      }
    },
  })
  const channels = createChannels({
    now,
    doubts,
    deliver: (channel) => void push.send(channel, 'exists'),
    isVerified: () => false,
  })
  const world = createWorld({
    clock,
    doubts,
    directory,
    onChange: (calendar) => channels.notify(calendar),
    fill(filled, calendar) {
      const startedAt = calendar.updatedAt
      for (const { organizer, ...input } of seed?.(calendar.id) ?? []) {
        calendar.put(makeEvent(calendar, input, organizer ?? ownerOf(filled, calendar), startedAt))
      }
    },
  })
  for (const person of people) directory.add(person)
  const serviceAccount = createServiceAccount({
    directory,
    now,
    tokenUrl,
    scopes: options.authorizedScopes ?? USUAL_SCOPES,
  })
  const tokens = createAccessTokens(now)
  const usage = createUsage()
  const log = createRequestLog()
  const handle = createHandler({
    roots: new Map([
      [
        '/calendar/v3',
        [
          ...calendarMethods({ world, shapeOf: (one) => shapes.get(one) }),
          ...watchMethods({ world, channels, push, calendarApiUrl }),
        ],
      ],
      ['/admin/directory/v1', directoryMethods({ directory, now })],
    ]),
    tokenEndpoint: createTokenEndpoint({ serviceAccount, tokens }),
    tokens,
    usage,
  })
  server.on('request', (request, response) => {
    log.note(request, response)
    void handle(request, response)
  })

  const editorOf = (calendar: Calendar) => createCalendarEditor({ world, shapes }, calendar)
  return {
    origin,
    environment: {
      GOOGLE_TOKEN_URL: tokenUrl,
      GOOGLE_CALENDAR_API_URL: calendarApiUrl,
      GOOGLE_ADMIN_API_URL: adminApiUrl,
      GOOGLE_SERVICE_ACCOUNT_KEY: JSON.stringify(serviceAccount.key),
    },
    directory,
    as: (email) => editorOf(world.calendarOf(email)),
    addCalendar({ id, name, timeZone = 'UTC', isDerived = false }) {
      const calendar = world.add({ id, name, timeZone })
      calendar.isDerived = isDerived
      return editorOf(calendar)
    },
    serviceAccount,
    tokens,
    channels,
    push,
    usage,
    doubts,
    requests: log.requests,
    async [Symbol.asyncDispose]() {
      if (!server.listening) return
      await push[Symbol.asyncDispose]()
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

interface HandlerDeps {
  /** The methods of each API, by the path it is under. */
  roots: ReadonlyMap<string, readonly Method[]>
  tokenEndpoint: (call: GoogleCall) => GoogleAnswer
  tokens: AccessTokens
  usage: Usage
}

function createHandler({ roots, tokenEndpoint, tokens, usage }: HandlerDeps) {
  const find = (verb: string, path: string): { method: Method; params: string[] } | undefined => {
    for (const [root, methods] of roots) {
      if (!path.startsWith(`${root}/`)) continue
      for (const method of methods) {
        const match = method.verb === verb ? method.path.exec(path.slice(root.length)) : null
        if (match) return { method, params: match.slice(1) }
      }
    }
    return undefined
  }
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method: verb = 'GET', url = '/', headers } = request
    const { pathname, searchParams: query } = new URL(url, 'http://sandbox')
    const body = await readBody(request)
    const found = find(verb, pathname)
    const isToken = verb === 'POST' && pathname === '/token'
    const name = found?.method.name ?? (isToken ? 'token' : 'unknown')
    const call: GoogleCall = { params: found?.params ?? [], query, headers, body }
    const answer = await answerWith(async () => {
      if (isToken) return tokenEndpoint(call)
      if (!found) throw notFound()
      return await found.method.run(call, authorize(call, found.method.needs, tokens))
    })
    const bytes = Buffer.from(answer.text)
    usage.note(name, body.length, bytes.length, answer.status)
    response.writeHead(answer.status, {
      'content-type': 'application/json; charset=UTF-8',
      'content-length': bytes.length,
      ...answer.headers,
    })
    response.end(bytes)
  }
}

async function answerWith(run: () => Promise<GoogleAnswer>): Promise<GoogleAnswer> {
  try {
    return await run()
  } catch (error) {
    const known = error instanceof GoogleError ? error : translate(error)
    return { status: known.status, text: writeError(known), headers: known.extra.headers ?? {} }
  }
}

function translate(error: unknown): GoogleError {
  if (error instanceof z.ZodError) return badRequest(z.prettifyError(error))
  // A fault of the sandbox itself, which is to be seen.
  return new GoogleError(500, 'backendError', error instanceof Error ? (error.stack ?? error.message) : String(error))
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
