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
}

interface WorldOptions {
  clock: Clock
  doubts: Doubts
  directory: Directory
  onChange: (calendar: Calendar) => void
  /** Enters what stands in a person's calendar at first. Called when it is first needed. */
  fill: (world: World, calendar: Calendar) => void
}

/** Calendars in memory, each made when it is first asked for. */
export function createWorld({ clock, doubts, directory, onChange, fill }: WorldOptions): World {
  // A person's calendar under the person's id: who is renamed keeps it.
  const calendars = new Map<string, Calendar>()
  const startedAt = clock.now().getTime()
  const changed = new Set<Calendar>()
  let depth = 0
  let last = 0

  const make = (key: string, kind: Calendar['kind'], about: { id: string; name: string; timeZone: string }) => {
    const calendar = createCalendar({ ...about, kind, updatedAt: startedAt }, (one) => void changed.add(one))
    calendars.set(key, calendar)
    return calendar
  }
  const open = (person: GooglePerson): Calendar => {
    const known = calendars.get(person.id)
    const { primaryEmail: id, timeZone } = person
    const calendar = known ?? make(person.id, 'primary', { id, name: id, timeZone })
    if (calendar.id !== id || calendar.addresses.size !== person.aliases.length + 1) {
      calendar.id = id
      calendar.addresses = new Set([id, ...person.aliases])
    }
    if (!known) {
      fill(world, calendar)
      changed.delete(calendar)
    }
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
