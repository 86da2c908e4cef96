import { sql } from 'kysely'
import { connectByAddress, type SourceEvent, syncCalendar } from '../src/features/calendars/index.ts'
import { atMost, type Bench, type BenchContext, type Figure, median, quantile, reported, timed } from './figure.ts'
import { type BenchOrganisation, createBenchOrganisation } from './organisation.ts'

const TEAM = 5
const DAILY_DAYS = 5
const TEAM_MEETINGS = 15
const SAMPLE = 50
const CHANGES = 200
const DAY_MS = 86_400_000
const MINUTE_MS = 60_000

export const planBench: Bench = {
  name: 'plan',
  about: '100,000 events of 5,000 people, one of them a daily meeting of all: does the cost follow the change?',
  async run(context) {
    await using organisation = await createBenchOrganisation()
    const people = context.full ? 10_000 : 5_000
    const tomorrow = Math.ceil((Date.now() + 3_600_000) / DAY_MS) * DAY_MS
    fillCalendars(organisation, people, tomorrow)
    const ids = await connectAll(organisation, people)
    const small = await syncSome(organisation, ids.slice(0, SAMPLE))
    const firstChanges = await changeSome(organisation, ids.slice(0, SAMPLE), 'team')
    await syncRest(organisation, ids.slice(SAMPLE, people - SAMPLE), context)
    const large = await syncSome(organisation, ids.slice(people - SAMPLE))
    const lastChanges = await changeSome(organisation, ids, 'team')
    const declines = await changeSome(organisation, ids, 'daily')
    return await figures(organisation, { small, large, firstChanges, lastChanges, declines })
  },
}

interface Samples {
  small: number[]
  large: number[]
  firstChanges: number[]
  lastChanges: number[]
  declines: number[]
}

async function figures(organisation: BenchOrganisation, samples: Samples): Promise<Figure[]> {
  const commits = await measureCommits(organisation)
  const [first, last] = [median(samples.small), median(samples.large)]
  const [before, after] = [median(samples.firstChanges), median(samples.lastChanges)]
  return [
    reported('yardstick: one-row transaction, median', median(commits), 'ms'),
    reported('first 50 calendars, first sync, median', first, 'ms'),
    reported('last 50 calendars, first sync, median', last, 'ms'),
    atMost('last calendar ÷ first calendar', last / first, '×', 2),
    reported('one changed event among 1,000, median', before, 'ms'),
    reported('one changed event among all, median', after, 'ms'),
    reported('one changed event among all, p99', quantile(samples.lastChanges, 0.99), 'ms'),
    atMost('changed event: all ÷ 1,000', after / before, '×', 2),
    reported('one person declines the daily meeting, median', median(samples.declines), 'ms'),
    atMost('daily meeting ÷ team meeting', median(samples.declines) / after, '×', 2),
    reported('a changed event in yardsticks', after / median(commits), '×'),
  ]
}

function fillCalendars({ events }: BenchOrganisation, people: number, from: number): void {
  for (let person = 0; person < people; person++) {
    const own: SourceEvent[] = []
    for (let day = 0; day < DAILY_DAYS; day++) {
      own.push(createEvent(`daily-${day}`, 'all-hands', from + day * DAY_MS + 9 * 60 * MINUTE_MS, 'boss@example.com'))
    }
    const team = Math.floor(person / TEAM)
    for (let n = 0; n < TEAM_MEETINGS; n++) {
      const at = from + (n % 10) * DAY_MS + (10 + Math.floor(n / 10)) * 60 * MINUTE_MS
      own.push(createEvent(`team-${team}-${n}`, `team-${team}`, at, emailOf(team * TEAM)))
    }
    events.set(addressOf(person), own)
  }
}

function createEvent(uid: string, room: string, at: number, organizer: string): SourceEvent {
  return {
    uid,
    occurrenceKey: '',
    startsAt: new Date(at),
    endsAt: new Date(at + 30 * MINUTE_MS),
    isAllDay: false,
    timeZone: 'UTC',
    title: 'Meeting',
    organizerEmail: organizer,
    organizerName: null,
    attendees: Array.from({ length: 10 }, (_, i) => ({
      email: emailOf(i),
      name: null,
      response: 'accepted',
      kind: 'person',
    })),
    ownResponse: 'accepted',
    isCancelled: false,
    visibility: 'default',
    kind: 'default',
    linkTexts: { conferenceUrls: [`https://meet.jit.si/${room}`], location: '', description: '', title: 'Meeting' },
  }
}

async function connectAll({ app }: BenchOrganisation, people: number): Promise<string[]> {
  const ids: string[] = []
  for (let person = 0; person < people; person++) {
    ids.push((await connectByAddress(app, { provider: 'ics', address: addressOf(person), owner: emailOf(person) })).id)
  }
  return ids
}

async function syncSome({ app }: BenchOrganisation, ids: readonly string[]): Promise<number[]> {
  const times: number[] = []
  for (const calendarId of ids) times.push((await timed(() => syncCalendar(app.sync, { calendarId }))).ms)
  return times
}

async function syncRest({ app }: BenchOrganisation, ids: readonly string[], context: BenchContext): Promise<void> {
  const waiting = ids.entries()
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (const [n, calendarId] of waiting) {
        await syncCalendar(app.sync, { calendarId })
        if (n % 1_000 === 0) context.note(`${n} of ${ids.length} calendars`)
      }
    }),
  )
  await sql`analyze`.execute(app.db)
}

/** Changes one event of random people and syncs each. `team`: it moves by a minute; `daily`: the person declines the daily meeting. */
async function changeSome(
  organisation: BenchOrganisation,
  ids: readonly string[],
  what: 'team' | 'daily',
): Promise<number[]> {
  const { app, events } = organisation
  const times: number[] = []
  for (let n = 0; n < CHANGES; n++) {
    const person = (n * 7_919) % ids.length
    const address = addressOf(person)
    events.set(
      address,
      (events.get(address) ?? []).map((event, i) => changeOne(event, i, what, n)),
    )
    const { ms, result } = await timed(() => syncCalendar(app.sync, { calendarId: ids[person] as string }))
    if (result.changes !== 1) throw new Error(`Expected one changed event, not ${result.changes}`)
    times.push(ms)
  }
  return times
}

function changeOne(event: SourceEvent, index: number, what: 'team' | 'daily', n: number): SourceEvent {
  if (what === 'team' && index === DAILY_DAYS + (n % TEAM_MEETINGS)) {
    return { ...event, startsAt: new Date(event.startsAt.getTime() + MINUTE_MS) }
  }
  if (what === 'daily' && index === 2) {
    return { ...event, ownResponse: event.ownResponse === 'declined' ? 'accepted' : 'declined' }
  }
  return event
}

async function measureCommits({ app }: BenchOrganisation): Promise<number[]> {
  const times: number[] = []
  const write = () =>
    app.db.transaction().execute((trx) =>
      trx
        .insertInto('setting')
        .values({ key: 'bench', value: '1' })
        .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: '2' }))
        .execute(),
    )
  for (let n = 0; n < 100; n++) times.push((await timed(write)).ms)
  return times
}

const emailOf = (person: number) => `person${person}@example.com`
const addressOf = (person: number) => `/calendars/${person}.ics`
