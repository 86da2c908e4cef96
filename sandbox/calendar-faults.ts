import { FAULTS } from './faults.ts'
import type { SandboxGoogle } from './google/start-google.ts'
import { createGoogleFaults, GOOGLE_FAULTS, isGoogleFault } from './google-faults.ts'
import { type Colleague, colleagues } from './organisation.ts'

/** What is wrong with people's calendars, to order. */
export interface CalendarFaults {
  of(person: Colleague): string | null
  /** Only a calendar's own provider can have a fault: throws for another's, and for who has no calendar. */
  set(email: string, name: string | null): void
}

/** The faults that a person's calendar can have, in the order in which pages list them. */
export function faultsFor({ provider }: Colleague): readonly string[] {
  return provider === 'google' ? GOOGLE_FAULTS : FAULTS
}

export function createCalendarFaults(google: SandboxGoogle): CalendarFaults {
  const orderAtGoogle = createGoogleFaults(google)
  const ordered = new Map<string, { name: string; takeAway: () => void }>()
  return {
    of: ({ email }) => ordered.get(email)?.name ?? null,
    set(email, name) {
      const person = colleagues.find((one) => one.email === email)
      if (!person) throw new Error(`Nobody has a calendar ${email}`)
      if (name !== null && !faultsFor(person).includes(name)) {
        throw new Error(`The calendar of ${email} cannot have the fault ${name}`)
      }
      ordered.get(email)?.takeAway()
      ordered.delete(email)
      if (name === null) return
      const isAtGoogle = person.provider === 'google' && isGoogleFault(name)
      // What is wrong with a file is looked up when it is asked for.
      ordered.set(email, { name, takeAway: isAtGoogle ? orderAtGoogle(email, name) : () => {} })
    },
  }
}
