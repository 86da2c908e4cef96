import type { CalendarEditor } from '../../sandbox/google/calendar-editor.ts'
import type { EventInput } from '../../sandbox/google/event.ts'
import type { SandboxGoogle } from '../../sandbox/google/start-google.ts'
import type { Random } from './random.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

// Clocks change in Berlin and New York within the times of the test, and in Kolkata never.
const ZONES = ['Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Pacific/Auckland', 'UTC']
const RULES = [
  ['FREQ=DAILY'],
  ['FREQ=DAILY;INTERVAL=3;COUNT=9'],
  ['FREQ=WEEKLY'],
  ['FREQ=WEEKLY;BYDAY=MO,WE,FR'],
  ['FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;WKST=SU'],
  ['FREQ=MONTHLY;BYDAY=-1FR'],
  ['FREQ=MONTHLY;BYMONTHDAY=-1'],
  ['FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1'],
  ['FREQ=YEARLY'],
  ['FREQ=WEEKLY', 'FREQ=MONTHLY;BYMONTHDAY=15'],
]

/** Beyond this, more goes than comes. */
const MOST_EVENTS = 50

interface Actor {
  email: string
  calendar: CalendarEditor
}

/** People who change their calendars at random, as far as Google lets them. */
export interface RandomEdits {
  /** Makes one change; answers what it was. What Google refuses changes nothing. */
  make(now: Date): string
}

export function createRandomEdits(google: SandboxGoogle, people: readonly string[], random: Random): RandomEdits {
  const actors: Actor[] = [...people, 'hanna@example.org'].map((email) => ({ email, calendar: google.as(email) }))
  let made = 0
  /** States that events once had, of those that say how old they are. */
  const former: { calendar: CalendarEditor; state: ReturnType<CalendarEditor['state']> }[] = []

  const startNear = (now: Date): Date => {
    // From three days ago to a week behind the window's end, on the quarter hour.
    const quarters = Math.floor(now.getTime() / (HOUR_MS / 4))
    return new Date((quarters + random.below(38 * 96) - 3 * 96) * (HOUR_MS / 4))
  }
  const timesAt = (start: Date, zone: string): Pick<EventInput, 'start' | 'end'> => {
    const end = new Date(start.getTime() + (1 + random.below(8)) * (HOUR_MS / 4))
    return {
      start: { dateTime: start.toISOString(), timeZone: zone },
      end: { dateTime: end.toISOString(), timeZone: zone },
    }
  }
  const daysAt = (start: Date): Pick<EventInput, 'start' | 'end'> => {
    const day = (at: number) => new Date(at).toISOString().slice(0, 10)
    return {
      start: { date: day(start.getTime()) },
      end: { date: day(start.getTime() + (1 + random.below(2)) * DAY_MS) },
    }
  }
  const recurrenceFrom = (start: Date, isDay: boolean): string[] => {
    const stamp = (at: number) => new Date(at).toISOString().slice(0, 19).replace(/[-:]/g, '')
    const rules = random.pick(RULES).map((rule) => `RRULE:${rule}`)
    const until = start.getTime() + random.below(40) * DAY_MS
    const end = isDay ? stamp(until).slice(0, 8) : `${stamp(until)}Z`
    const [first = '', ...others] = rules
    const ended = random.chance(0.3) && !first.includes('COUNT') ? `${first};UNTIL=${end}` : first
    const extra = new Date(start.getTime() + (1 + random.below(20)) * DAY_MS)
    const date = isDay ? `RDATE;VALUE=DATE:${stamp(extra.getTime()).slice(0, 8)}` : `RDATE:${stamp(extra.getTime())}Z`
    return [ended, ...others, ...(random.chance(0.2) ? [date] : [])]
  }
  const guestsOf = (email: string) =>
    random
      .shuffle([...people, 'omar@example.org'].filter((one) => one !== email))
      .slice(0, random.below(people.length + 1))
      .map((one) => ({ email: one }))

  /** Something that stands in the calendar: a series, a single event, or an occurrence within it. */
  const pickId = (calendar: CalendarEditor): string | undefined => {
    const entries = [...calendar.calendar.entries.values()].filter(({ form, body }) => form === 'full' && !body.planted)
    return entries.length === 0 ? undefined : random.pick(entries).body.id
  }
  const pickOccurrence = (calendar: CalendarEditor, id: string, now: Date): string => {
    const ids = calendar.occurrences(id, new Date(now.getTime() + 35 * DAY_MS))
    // Mostly what is near: what is long over concerns nobody. A series may begin later than that.
    return ids.length === 0 ? id : random.pick(ids.slice(-20))
  }
  const changes = (times: Pick<EventInput, 'start' | 'end'>): Partial<EventInput> =>
    random.pick<Partial<EventInput>>([
      { summary: `Title ${made}` },
      { location: `https://meet.google.com/${random.pick(['aaa-bbbb-ccc', 'ddd-eeee-fff'])}` },
      times,
      times,
      { summary: `Moved ${made}`, ...times },
    ])
  const anyTimes = (now: Date) => timesAt(startNear(now), random.pick(ZONES))
  /** A series whose lines name days or times keeps the kind that it has; any other may become one of whole days, or a timed one. */
  const timesFor = ({ calendar }: CalendarEditor, id: string, now: Date) => {
    const { recurrence = [], start } = calendar.entries.get(id)?.body ?? {}
    const isDay = start !== undefined && 'date' in start
    const isBound = recurrence.some((line) => /UNTIL|DATE/.test(line))
    const becomesDay = isBound ? isDay : random.chance(isDay ? 0.5 : 0.1)
    return becomesDay ? daysAt(startNear(now)) : anyTimes(now)
  }

  const insert = ({ email, calendar }: Actor, now: Date): string => {
    const start = startNear(now)
    const isDay = random.chance(0.1)
    const isSeries = random.chance(0.5)
    return calendar.insert({
      // The same with the same seed.
      id: `random${made}`.replace(/[w-z]/g, 'v'),
      summary: `Title ${made}`,
      ...(random.chance(0.7)
        ? { hangoutLink: `https://meet.google.com/${random.pick(['xxx-yyyy-zzz', 'uuu-vvvv-www'])}` }
        : {}),
      ...(isDay ? daysAt(start) : timesAt(start, random.pick(ZONES))),
      ...(isSeries ? { recurrence: recurrenceFrom(start, isDay) } : {}),
      ...(random.chance(0.6) ? { attendees: guestsOf(email) } : {}),
    })
  }
  const split = ({ calendar }: Actor, id: string, now: Date): unknown => {
    const stamp = pickOccurrence(calendar, id, now).slice(id.length + 1)
    const [, year, month, day, hour, minute, second] = /^(....)(..)(..)(?:T(..)(..)(..)Z)?$/.exec(stamp) ?? []
    if (year === undefined) return undefined
    const date = `${year}-${month}-${day}`
    const at = hour === undefined ? date : new Date(`${date}T${hour}:${minute}:${second}Z`)
    if (random.chance(0.5) || hour === undefined) return calendar.split(id, at, { summary: `Split ${made}` })
    return calendar.split(id, at, timesAt(new Date(new Date(at).getTime() + HOUR_MS), 'UTC'))
  }

  /** What can be done to something that is there. */
  const deeds: Record<string, (actor: Actor, id: string, now: Date) => unknown> = {
    patch: ({ calendar }, id, now) => calendar.patch(id, changes(timesFor(calendar, id, now))),
    patchOne: ({ calendar }, id, now) => calendar.patch(pickOccurrence(calendar, id, now), changes(anyTimes(now))),
    moveOne: ({ calendar }, id, now) => calendar.patch(pickOccurrence(calendar, id, now), anyTimes(now)),
    cancelOne: ({ calendar }, id, now) => calendar.delete(pickOccurrence(calendar, id, now)),
    restoreOne: ({ calendar }, id, now) => calendar.patch(pickOccurrence(calendar, id, now), { status: 'confirmed' }),
    remove: ({ calendar }, id) => calendar.delete(id),
    repeat: ({ calendar }, id) => {
      const { body } = calendar.calendar.entries.get(id) ?? {}
      if (!body || body.recurringEventId !== undefined || 'date' in body.start) return
      calendar.patch(id, { recurrence: recurrenceFrom(new Date(body.start.at), false) })
    },
    invite: ({ email, calendar }, id) => calendar.patch(id, { attendees: guestsOf(email) }),
    inviteOne: ({ email, calendar }, id, now) =>
      calendar.patch(pickOccurrence(calendar, id, now), { attendees: guestsOf(email) }),
    answer: ({ calendar }, id) => calendar.respond(id, random.pick(['accepted', 'declined', 'tentative'])),
    answerOne: ({ calendar }, id, now) =>
      calendar.respond(pickOccurrence(calendar, id, now), random.pick(['accepted', 'declined'])),
    handOver: ({ email, calendar }, id) => calendar.move(id, random.pick(people.filter((one) => one !== email))),
    split: (actor, id, now) => split(actor, id, now),
  }

  return {
    make(now) {
      made += 1
      const actor = random.pick(actors)
      const isFull = actor.calendar.calendar.entries.size > MOST_EVENTS
      const id = random.chance(isFull ? 0 : 0.3) ? undefined : pickId(actor.calendar)
      if (id === undefined) return `${actor.email} inserts ${insert(actor, now)}`
      if (random.chance(0.1)) former.push({ calendar: actor.calendar, state: actor.calendar.state(id) })
      if (former.length > 0 && random.chance(0.05)) {
        const { calendar, state } = random.pick(former)
        calendar.repeat(state)
        return `${calendar.calendar.id} is told once more of a former ${state.body.id}`
      }
      const name = isFull && random.chance(0.3) ? 'remove' : random.pick(Object.keys(deeds))
      try {
        deeds[name]?.(actor, id, now)
        return `${actor.email} ${name} ${id}`
      } catch (error) {
        if (!(error instanceof Error) || error.name !== 'GoogleError') throw error
        return `${actor.email} ${name} ${id}: ${error.message}`
      }
    },
  }
}
