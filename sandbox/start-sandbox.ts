import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { Clock } from '../src/base/clock.ts'
import { enterAgenda } from './agenda.ts'
import { createCalendarServer } from './calendar-server.ts'
import { type Calendars, createCalendars } from './calendars.ts'
import { answerWithFault, type Fault } from './faults.ts'
import { type Colleague, colleagues, companyName } from './organisation.ts'
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
}

interface SandboxPerson extends Colleague {
  calendarUrl: string
}

/** A running pretend organisation. */
export interface Sandbox extends AsyncDisposable {
  /** `http://host:port`, without a slash at the end. */
  origin: string
  companyName: string
  /** What the times of its agenda are counted from. */
  startedAt: Date
  people: readonly SandboxPerson[]
  calendars: Calendars
  /** The meeting rooms, for orders and for counting who was there. */
  rooms: Rooms
  /** Orders a fault for the calendar of this address, or takes it away. */
  setFault(calendar: string, fault: Fault | null): void
  /** The newest 1,000 requests, oldest first. */
  requests: readonly SeenRequest[]
}

/** Starts the pretend organisation on a port of its own. All of it is in memory and ends when disposed of. */
export async function startSandbox({ clock, host = '127.0.0.1', port = 0 }: SandboxOptions): Promise<Sandbox> {
  const server = createServer()
  server.listen(port, host)
  await once(server, 'listening')
  const origin = originOf(server, host)

  const calendars = createCalendars({ clock })
  const startedAt = clock.now()
  enterAgenda(calendars, { startedAt, origin })
  const calendarServer = createCalendarServer({ calendars, clock })
  const faults = new Map<string, Fault>()
  const rooms = createRooms({ clock })
  const signalling = attachSignalling(server, rooms)
  const log = createRequestLog()
  const site = createSite({ clock, origin, calendars, calendarServer, faults })
  const listener = getRequestListener(site.fetch, { overrideGlobalObjects: false })

  server.on('request', (request, response) => {
    log.note(request, response)
    const owner = ownerOfRequest(request)
    const fault = owner && faults.get(owner.email)
    if (!owner || !fault) return void listener(request, response)
    // Whoever asked may leave in the middle.
    response.on('error', () => {})
    answerWithFault[fault](response, calendarServer.read(owner))
  })
  return {
    origin,
    companyName,
    startedAt,
    people: colleagues.map((person) => ({ ...person, calendarUrl: origin + calendarPath(person) })),
    calendars,
    rooms,
    setFault(calendar, fault) {
      if (!colleagues.some((person) => person.email === calendar)) throw new Error(`Nobody has a calendar ${calendar}`)
      if (fault) faults.set(calendar, fault)
      else faults.delete(calendar)
    },
    requests: log.requests,
    async [Symbol.asyncDispose]() {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      // A server does not count these as its connections any more, and waits for them all the same.
      await signalling[Symbol.asyncDispose]()
      server.closeAllConnections()
      await closed
    },
  }
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
