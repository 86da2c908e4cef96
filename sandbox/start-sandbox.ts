import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { Clock } from '../src/base/clock.ts'
import { Resources } from '../src/base/resources.ts'
import { MINUTE_MS } from '../src/base/time.ts'
import { systemTimers, type Timers } from '../src/base/timers.ts'
import { enterAgenda } from './agenda.ts'
import { createCalendarFaults } from './calendar-faults.ts'
import { createCalendarServer } from './calendar-server.ts'
import { type Calendars, createCalendars } from './calendars.ts'
import { answerWithFault, type Fault, isFault } from './faults.ts'
import { type SandboxGoogle, startSandboxGoogle } from './google/start-google.ts'
import { createGoogleCalendars } from './google-calendars.ts'
import type { GoogleFault } from './google-faults.ts'
import { amara, type Colleague, colleagues, companyDomain, companyName, partners } from './organisation.ts'
import { isForUs, refuseStranger } from './own-host.ts'
import { calendarPath } from './pages.tsx'
import { createRequestLog, type SeenRequest } from './request-log.ts'
import { createRooms, type Rooms } from './room/rooms.ts'
import { attachSignalling } from './room/signalling.ts'
import { createSite, ownerOfFile } from './sandbox-site.tsx'

export interface SandboxOptions {
  clock: Clock
  /** Default 127.0.0.1. */
  host?: string
  /** Default 0: any free one. */
  port?: number
  timers?: Timers
}

interface SandboxPerson extends Colleague {
  /** Null where the calendar is at Google. */
  calendarUrl: string | null
}

/** A running pretend organisation. */
export interface Sandbox extends AsyncDisposable {
  /** `http://host:port`, without a slash at the end. */
  origin: string
  companyName: string
  /** What the times of its agenda are counted from. */
  startedAt: Date
  people: readonly SandboxPerson[]
  /** What an administrator would set to connect everybody: the people at Google through its service account, the others by address. */
  environment: Readonly<Record<string, string>>
  /** The same for pages at these origins, to which people may come back from Google; it sends notices to the one that is named. */
  letIn(pages: { origins: readonly string[]; noticesAt: string | undefined }): Readonly<Record<string, string>>
  calendars: Calendars
  /** Where most calendars are. What people do is ordered through `calendars`, which writes it here. */
  google: SandboxGoogle
  /** The meeting rooms, for orders and for counting who was there. */
  rooms: Rooms
  /** Orders a fault for the calendar of this address, one that its provider can have, or takes it away. */
  setFault(calendar: string, fault: Fault | GoogleFault | null): void
  /** The newest 1,000 requests, oldest first. */
  requests: readonly SeenRequest[]
}

/** Starts the pretend organisation on ports of its own. All of it is in memory and ends when disposed of. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { clock, host = '127.0.0.1', port = 0, timers = systemTimers } = options
  await using resources = new Resources()
  const server = createServer()
  server.listen(port, host)
  await once(server, 'listening')
  resources.defer(() => close(server))
  const origin = originOf(server, host)

  const google = resources.use(await startSandboxGoogle({ clock, domain: companyDomain, people: googlePeople() }))
  const googleCalendars = createGoogleCalendars({ google, clock })
  resources.defer(timers.every(MINUTE_MS, googleCalendars.writeAhead))
  const calendars = createCalendars({ clock, written: googleCalendars.write })
  const startedAt = clock.now()
  enterAgenda(calendars, { startedAt, origin })
  const calendarServer = createCalendarServer({ calendars, clock })
  const faults = createCalendarFaults(google)
  const rooms = createRooms({ clock })
  // A server does not count these as its connections any more, and waits for them all the same.
  resources.use(attachSignalling(server, rooms))
  const log = createRequestLog()
  const site = createSite({ clock, origin, calendars, calendarServer, google, faults, rooms })
  const listener = getRequestListener(site.fetch, { overrideGlobalObjects: false })

  server.on('request', (request, response) => {
    log.note(request, response)
    if (!isForUs(request)) return refuseStranger(response, server)
    const owner = ownerOfRequest(request)
    const fault = owner && faults.of(owner)
    if (!owner || !fault || !isFault(fault)) return void listener(request, response)
    // Whoever asked may leave in the middle.
    response.on('error', () => {})
    answerWithFault[fault](response, calendarServer.read(owner))
  })
  const people = colleagues.map((person) => ({
    ...person,
    calendarUrl: person.provider === 'ics' ? origin + calendarPath(person) : null,
  }))
  const environment = {
    ...google.environment,
    GOOGLE_ADMIN_EMAIL: administrator.email,
    ORG_DOMAINS: companyDomain,
    ICS_CALENDARS: people.flatMap(({ email, calendarUrl }) => (calendarUrl ? `${email}=${calendarUrl}` : [])).join(),
  }
  const owned = resources.move()
  return {
    origin,
    companyName,
    startedAt,
    people,
    environment,
    letIn({ origins, noticesAt }) {
      for (const page of origins) google.oauth.redirectUris.add(`${page}/dashboard/auth/google/callback/`)
      const noticeUrl = noticesAt === undefined ? '' : `${noticesAt}/dashboard/webhook/google-calendar/`
      return { ...environment, GOOGLE_REDIRECT_URI: '', GOOGLE_CALENDAR_WEBHOOK_URL: noticeUrl }
    },
    calendars,
    google,
    rooms,
    setFault: faults.set,
    requests: log.requests,
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  }
}

/** Administers the organisation's Google. */
const administrator = amara

/** Those of the organisation, and the partners with accounts of their own, who can only connect themselves. */
function googlePeople() {
  const atGoogle = colleagues.filter(({ provider }) => provider === 'google')
  return [
    ...atGoogle.map((person) => ({ ...person, isAdmin: person === administrator })),
    ...partners.map((person) => ({ ...person, hostedDomain: null })),
  ]
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}

/** An address that a browser can open, also where the server listens on all of them. */
function originOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo
  if (host === '0.0.0.0') return `http://127.0.0.1:${port}`
  if (host === '::') return `http://[::1]:${port}`
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

function ownerOfRequest({ url = '' }: IncomingMessage): Colleague | undefined {
  const [, file] = /^\/calendars\/([^/?]+)/.exec(url) ?? []
  return file === undefined ? undefined : ownerOfFile(file.replaceAll('%40', '@'))
}
