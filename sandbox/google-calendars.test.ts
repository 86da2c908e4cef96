import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { afterEach, describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../src/base/time.ts'
import { createManualClock, type ManualClock } from '../test/support/manual-clock.ts'
import { parseFeed } from '../test/support/parse-feed.ts'
import { enterAgenda } from './agenda.ts'
import { type Calendars, createCalendars } from './calendars.ts'
import { GoogleError } from './google/errors.ts'
import { type SandboxGoogle, startSandboxGoogle } from './google/start-google.ts'
import { assertionFor, exchange } from './google/testdata/ask-google.ts'
import { createGoogleCalendars, type GoogleCalendars } from './google-calendars.ts'
import type { InvitationDraft } from './invitation.ts'
import { colleagues, juergen, layla, partners, rosa, sebnem } from './organisation.ts'
import { writeCalendar } from './write-ics.ts'

// Clocks go back in Berlin on the 25th.
const now = new Date('2026-10-20T08:00:00Z')
const atGoogle = colleagues.filter(({ provider }) => provider === 'google')
const everybody = [...colleagues, ...partners].map(({ email }) => email)

interface World {
  clock: ManualClock
  google: SandboxGoogle
  googleCalendars: GoogleCalendars
  calendars: Calendars
}

const running: SandboxGoogle[] = []
afterEach(async () => {
  for (const google of running.splice(0)) await google[Symbol.asyncDispose]()
})

async function setUp(startedAt = now): Promise<World> {
  const clock = createManualClock(startedAt)
  const google = await startSandboxGoogle({ clock, people: atGoogle })
  running.push(google)
  const googleCalendars = createGoogleCalendars({ google, clock })
  return { clock, google, googleCalendars, calendars: createCalendars({ clock, written: googleCalendars.write }) }
}

/** What Google lists of everybody there, one line an occurrence. */
async function listed({ google, clock }: World, from: Date, to: Date): Promise<string[][]> {
  return Promise.all(
    atGoogle.map(async ({ email }) => {
      const { body } = await exchange(google, assertionFor(google, clock, { sub: email }))
      const query = { singleEvents: 'true', maxResults: '2500', timeMin: from.toISOString(), timeMax: to.toISOString() }
      const answer = await fetch(
        `${google.environment.GOOGLE_CALENDAR_API_URL}/calendars/primary/events?${new URLSearchParams(query)}`,
        { headers: { authorization: `Bearer ${body.access_token}` } },
      )
      const { items } = (await answer.json()) as { items: GoogleItem[] }
      return items
        .filter(({ start }) => start.date ?? timeOf(start.dateTime ?? '') >= from.toISOString())
        .map(lineOfItem)
        .sort()
    }),
  )
}

interface GoogleItem {
  iCalUID: string
  summary: string
  location?: string
  visibility?: string
  start: { date?: string; dateTime?: string }
  end: { date?: string; dateTime?: string }
  attendees?: { email: string; responseStatus: string }[]
}

function lineOfItem({ iCalUID, summary, location = '', visibility = '', start, end, attendees = [] }: GoogleItem) {
  const times = start.date ?? `${timeOf(start.dateTime ?? '')} to ${timeOf(end.dateTime ?? '')}`
  const answers = attendees.map(({ email, responseStatus }) => `${email} ${responseStatus}`).sort()
  return [times, iCalUID, summary, location, visibility, answers.join()].join(' | ')
}

/** The same of their files, as another reader understands them. */
function written({ calendars, clock }: World, from: Date, to: Date): string[][] {
  return atGoogle.map((owner) => {
    // The other reader is not asked to know Windows' names of zones.
    const feed = writeCalendar(owner, calendars.of(owner.email), clock.now()).replaceAll(WINDOWS_ZONE, 'Europe/Berlin')
    const read = parseFeed(feed, from, to).filter(({ isCancelled }) => !isCancelled)
    return read
      .map(({ uid, title, location, visibility, startsAt, endsAt, isAllDay, answers }) => {
        const times = isAllDay
          ? startsAt.toLocaleDateString('en-CA')
          : `${timeOf(startsAt.toISOString())} to ${timeOf(endsAt.toISOString())}`
        const said = Object.entries(answers).map(([email, answer]) => `${email} ${GOOGLE_ANSWERS[answer]}`)
        return [times, uid, title, location, visibility.toLowerCase(), said.sort().join()].join(' | ')
      })
      .sort()
  })
}

const WINDOWS_ZONE = 'W. Europe Standard Time'
const GOOGLE_ANSWERS: Record<string, string> = {
  'NEEDS-ACTION': 'needsAction',
  ACCEPTED: 'accepted',
  DECLINED: 'declined',
  TENTATIVE: 'tentative',
}

function timeOf(text: string): string {
  return new Date(text).toISOString()
}

const who = fc.constantFrom(...everybody)
const edits = fc.array(
  fc.record({
    what: fc.constantFrom('insert', 'insert', 'move', 'cancel', 'rewrite', 'accept', 'decline', 'delete'),
    which: fc.nat(),
    email: who,
    others: fc.uniqueArray(who, { maxLength: 4 }),
    isSeries: fc.boolean(),
    occurrence: fc.option(fc.nat({ max: 7 }), { nil: undefined }),
    byMs: fc.constantFrom(15 * MINUTE_MS, -2 * HOUR_MS, DAY_MS),
  }),
  { minLength: 15, maxLength: 40 },
)
type Edit = (typeof edits extends fc.Arbitrary<infer T> ? T : never)[number]

/** Does what the edit says, if its person may. */
function edit(calendars: Calendars, step: Edit): void {
  const { what, which, email, others, isSeries, occurrence, byMs } = step
  const all = [...new Map(everybody.flatMap((one) => calendars.of(one)).map((one) => [one.uid, one])).values()]
  const editor = calendars.edit(email)
  const startsAt = new Date(now.getTime() + (which % 10) * HOUR_MS)
  if (what === 'insert') {
    const draft: InvitationDraft = {
      title: `Meeting ${all.length}`,
      location: 'http://127.0.0.1:4400/rooms/planning',
      when: { startsAt, endsAt: new Date(startsAt.getTime() + HOUR_MS), timeZone: 'Europe/Berlin' },
      invitees: others.filter((one) => one !== email),
      ...(isSeries ? { series: { rule: 'FREQ=DAILY;COUNT=8', changes: [] } } : {}),
    }
    return void editor.insert(draft)
  }
  const invitation = all[which % all.length]
  if (!invitation || !('startsAt' in invitation.when)) return
  const { uid, when } = invitation
  const organizer = calendars.edit(invitation.organizer.email)
  const original =
    invitation.series && occurrence !== undefined
      ? Temporal.Instant.fromEpochMilliseconds(when.startsAt.getTime())
          .toZonedDateTimeISO(when.timeZone)
          .add({ days: occurrence }).epochMilliseconds
      : undefined
  const from = original ?? when.startsAt.getTime()
  const to = { startsAt: new Date(from + byMs), endsAt: new Date(from + byMs + 2 * HOUR_MS) }
  const at = original === undefined ? undefined : new Date(original)
  if (what === 'move') organizer.move(uid, to, at)
  else if (what === 'cancel') organizer.cancel(uid, at)
  else if (what === 'rewrite')
    organizer.rewrite(uid, { title: `Other ${which}`, location: isSeries ? '' : 'elsewhere' })
  else editor[what as 'accept' | 'decline' | 'delete'](uid)
}

describe('The pretend Google', () => {
  it('shows of any invitations, however they were changed, what the files show', async () => {
    const [from, to] = [new Date(now.getTime() - 30 * DAY_MS), new Date(now.getTime() + 30 * DAY_MS)]
    let compared = 0
    await fc.assert(
      fc.asyncProperty(edits, async (steps) => {
        const world = await setUp()
        for (const step of steps) {
          try {
            edit(world.calendars, step)
          } catch (error) {
            // Who may not is told so; Google has nothing to refuse then.
            if (error instanceof GoogleError) throw error
          }
        }
        const files = written(world, from, to)
        expect(await listed(world, from, to)).toEqual(files)
        compared += files.flat().length
      }),
      { numRuns: 25 },
    )
    expect(compared).toBeGreaterThan(200)
  })

  it('has the agenda, in which the coffee corners go on for at least an hour at any time', async () => {
    const world = await setUp(new Date('2026-11-22T12:00:20Z'))
    const { calendars, clock, googleCalendars } = world
    enterAgenda(calendars, { startedAt: clock.now(), origin: 'http://127.0.0.1:4400' })
    for (const hours of [0, 1, 5]) {
      clock.advance(hours * HOUR_MS)
      googleCalendars.writeAhead()
      const from = new Date(clock.now().getTime() - HOUR_MS)
      const to = new Date(clock.now().getTime() + 3 * DAY_MS)
      const lists = await listed(world, from, to)
      expect(lists).toEqual(written(world, from, to))
      const corners = new Set(lists.flat().filter((line) => line.includes('Coffee corner')))
      const soon = [...corners].filter((line) => Date.parse(line.slice(0, 24)) > clock.now().getTime())
      expect(soon.length).toBeGreaterThanOrEqual(12)
    }
  })

  it('changes nothing, and so tells nobody, while no series has to grow', async () => {
    const { calendars, clock, google, googleCalendars } = await setUp()
    enterAgenda(calendars, { startedAt: clock.now(), origin: 'http://127.0.0.1:4400' })
    const heads = () => atGoogle.map(({ email }) => google.as(email).calendar.head)
    clock.advance(30 * MINUTE_MS)
    googleCalendars.writeAhead()
    const before = heads()
    clock.advance(10 * MINUTE_MS)
    googleCalendars.writeAhead()
    expect(heads()).toEqual(before)
    clock.advance(HOUR_MS)
    googleCalendars.writeAhead()
    expect(heads()).not.toEqual(before)
  })

  it('gets the invitations of those who have their calendars elsewhere, and takes answers to them', async () => {
    const world = await setUp()
    const [startsAt, endsAt] = [now, new Date(now.getTime() + HOUR_MS)]
    const draft = { title: 'By file', when: { startsAt, endsAt, timeZone: 'UTC' } }
    const { uid } = world.calendars.edit(rosa.email).insert({ ...draft, invitees: [juergen.email, sebnem.email] })
    world.calendars.edit(juergen.email).decline(uid)
    const of = (email: string) => atGoogle.findIndex((person) => person.email === email)
    const lists = await listed(world, startsAt, endsAt)
    expect(lists[of(juergen.email)]).toEqual([expect.stringContaining(`${juergen.email} declined`)])
    expect(lists[of(layla.email)]).toEqual([])
  })
})
