import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import type { Child } from 'hono/jsx'
import { z } from 'zod'
import type { Clock } from '../src/base/clock.ts'
import { describeError } from '../src/base/errors.ts'
import type { CalendarFaults } from './calendar-faults.ts'
import type { CalendarServer } from './calendar-server.ts'
import type { Calendars } from './calendars.ts'
import { changeByHand, insertByHand } from './edit-by-hand.ts'
import type { SandboxGoogle } from './google/start-google.ts'
import { type Colleague, colleagues } from './organisation.ts'
import { stylePolicy } from './page-style.ts'
import { HomePage } from './pages.tsx'
import { PersonPage, type PersonPageProps } from './person-page.tsx'
import type { Rooms } from './room/rooms.ts'
import { addRoomPages } from './room/serve-room.tsx'

interface SiteDeps {
  clock: Clock
  origin: string
  calendars: Calendars
  calendarServer: CalendarServer
  google: SandboxGoogle
  faults: CalendarFaults
  rooms: Pick<Rooms, 'leadsTo'>
}

// Titles are hostile on purpose, so the pages may run and load nothing.
const POLICY = `default-src 'none'; ${stylePolicy}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`

/** Everything that the sandbox answers while nothing is wrong with it. */
export function createSite(deps: SiteDeps): Hono {
  const { origin, calendarServer, google, faults, rooms } = deps
  const site = new Hono()
  site.use(async (c, next) => {
    // Other sites' pages can post to this machine too; programs without a browser send no Origin.
    const from = c.req.header('origin')
    if (c.req.method === 'POST' && from !== undefined && from !== origin) {
      return c.text(`Changes are taken from pages under ${origin} only.\n`, 403)
    }
    await next()
    // A room's page runs a script of its own and says so itself.
    if (!c.res.headers.has('content-security-policy')) c.header('content-security-policy', POLICY)
    c.header('x-content-type-options', 'nosniff')
  })
  site.onError((error, c) => {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : describeError(error)
    return c.text(`${reason}\n`, 400)
  })

  site.get('/', (c) => show(c, <HomePage people={colleagues} origin={origin} googleOrigin={google.origin} />))
  site.get('/calendars/:file', (c) => {
    const owner = ownerOfFile(c.req.param('file'))
    return owner ? calendarServer.answer(owner, c.req.raw.headers) : c.notFound()
  })
  addRoomPages(site, rooms)

  site.get('/people/:email', (c) => {
    const person = findColleague(c.req.param('email'))
    if (!person) return c.notFound()
    return show(c, <PersonPage {...readPerson(deps, person)} />)
  })
  site.post('/people/:email/:rest{.+}', async (c) => {
    const person = findColleague(c.req.param('email'))
    const [kind, uid, ...more] = c.req.param('rest').split('/')
    const form = await c.req.parseBody()
    if (!person || more.length > 0) return c.notFound()
    if (kind === 'fault' && uid === undefined) faults.set(person.email, String(form.fault ?? '') || null)
    else if (kind === 'invitations' && uid === undefined) insertByHand(deps, person, form)
    else if (kind !== 'invitations' || !changeByHand(deps, person, uid ?? '', form.action)) return c.notFound()
    return c.redirect(`/people/${person.email}`, 303)
  })
  return site
}

function show(c: Context, page: Child) {
  return c.html(html`<!doctype html>${page}`)
}

/** Whose calendar a file name is; the same for the site and for faults. */
export function ownerOfFile(file: string): Colleague | undefined {
  const person = file.endsWith('.ics') ? findColleague(file.slice(0, -'.ics'.length)) : undefined
  return person?.provider === 'ics' ? person : undefined
}

function findColleague(email: string): Colleague | undefined {
  return colleagues.find((person) => person.email === email)
}

function readPerson({ calendars, google, faults }: SiteDeps, person: Colleague): PersonPageProps {
  const isAtGoogle = person.provider === 'google'
  const id = google.directory.find(person.email)?.id
  return {
    person,
    // Google keeps nothing that is cancelled.
    invitations: calendars.of(person.email).filter(({ isCancelled }) => !isAtGoogle || !isCancelled),
    fault: faults.of(person),
    watchers: google.channels.live().filter(({ personId }) => personId === id).length,
  }
}
