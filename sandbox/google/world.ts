import type { Clock } from '../../src/base/clock.ts'
import { type Calendar, createCalendar } from './calendar.ts'
import type { Directory, GooglePerson } from './directory.ts'
import type { Doubts } from './doubts.ts'
import { addressOf } from './event.ts'

/** All calendars, also those of people elsewhere who invite, which nobody can read. */
export interface World {
  readonly clock: Clock
  readonly doubts: Doubts
  readonly directory: Directory
  /** The calendar that is read by this address: somebody's primary one, or one by itself. */
  find(address: string): Calendar | undefined
  /** The calendar in which somebody's own events are; made where it is missing. */
  calendarOf(address: string): Calendar
  /** Makes a calendar that is nobody's primary one. */
  add(about: { id: string; name: string; timeZone: string }): Calendar
  /** Later than every instant it answered before, and not before the clock. */
  tick(): number
  /** Tells once of each calendar that the function changed, after it. */
  change<T>(make: () => T): T
  /** From now on the calendar is kept, whether or not somebody changes it. */
  keep(calendar: Calendar): Calendar
}

interface WorldOptions {
  clock: Clock
  doubts: Doubts
  directory: Directory
  onChange: (calendar: Calendar) => void
  /** Enters what stands in a person's calendar at first, the same each time: a calendar that nobody changes may be made anew. */
  fill: (world: World, calendar: Calendar) => void
}

/** So many calendars that are as they were filled are kept at hand. */
const KEPT_UNCHANGED = 64

/** Calendars in memory, each made when it is first asked for. */
export function createWorld({ clock, doubts, directory, onChange, fill }: WorldOptions): World {
  // A person's calendar under the person's id: who is renamed keeps it.
  const calendars = new Map<string, Calendar>()
  const startedAt = clock.now().getTime()
  const changed = new Set<Calendar>()
  let depth = 0
  let last = 0

  // Filled and not changed since, the longest unused first.
  const unchanged = new Map<string, Calendar>()

  const make = (key: string, kind: Calendar['kind'], about: { id: string; name: string; timeZone: string }) => {
    const calendar = createCalendar({ ...about, key, kind, updatedAt: startedAt }, (one) => {
      changed.add(one)
      unchanged.delete(one.key)
    })
    calendars.set(key, calendar)
    return calendar
  }
  const fillNew = (calendar: Calendar) => {
    fill(world, calendar)
    changed.delete(calendar)
    unchanged.set(calendar.key, calendar)
    if (unchanged.size <= KEPT_UNCHANGED) return
    const [oldest = ''] = unchanged.keys()
    unchanged.delete(oldest)
    calendars.delete(oldest)
  }
  const open = (person: GooglePerson): Calendar => {
    const { id: key, primaryEmail: id, timeZone, aliases } = person
    const known = calendars.get(key)
    const calendar = known ?? make(key, 'primary', { id, name: id, timeZone })
    if (calendar.id !== id || calendar.addresses.size !== aliases.length + 1) {
      calendar.id = id
      calendar.addresses = new Set([id, ...aliases])
    }
    if (!known) fillNew(calendar)
    else if (unchanged.delete(key)) unchanged.set(key, calendar)
    return calendar
  }
  const world: World = {
    clock,
    doubts,
    directory,
    find(address) {
      const person = directory.find(address)
      if (person) return open(person)
      const known = calendars.get(addressOf(address))
      return known?.kind === 'outside' ? undefined : known
    },
    calendarOf(address) {
      const id = addressOf(address)
      return world.find(id) ?? calendars.get(id) ?? make(id, 'outside', { id, name: id, timeZone: 'UTC' })
    },
    keep(calendar) {
      unchanged.delete(calendar.key)
      return calendar
    },
    add: (about) => make(addressOf(about.id), 'secondary', about),
    tick() {
      last = Math.max(clock.now().getTime(), last + 1)
      return last
    },
    change(run) {
      depth += 1
      try {
        return run()
      } finally {
        depth -= 1
        if (depth === 0) {
          const all = [...changed]
          changed.clear()
          for (const calendar of all) onChange(calendar)
        }
      }
    },
  }
  return world
}
