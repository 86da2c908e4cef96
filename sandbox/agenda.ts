import { meetingsElsewhere } from './agenda/elsewhere.ts'
import { meetingsLater } from './agenda/later.ts'
import { meetingsNotAttended } from './agenda/not-attended.ts'
import type { AgendaEntry, Occasion } from './agenda/occasion.ts'
import { meetingsSoon } from './agenda/soon.ts'
import type { Calendars } from './calendars.ts'
import { utcStamp } from './ics-times.ts'

/** The meetings with which a sandbox begins: something soon, and one for every decision that the plan knows. */
function planAgenda(occasion: Occasion): AgendaEntry[] {
  return [
    ...meetingsSoon(occasion),
    ...meetingsLater(occasion),
    ...meetingsElsewhere(occasion),
    ...meetingsNotAttended(occasion),
  ]
}

/**
 * The UID of an entry. It names the beginning too: a sandbox that is started again invites to new meetings, and does not move
 * those that were attended.
 */
export function agendaUid({ startedAt }: Occasion, name: string): string {
  return `${name}-${utcStamp(startedAt).toLowerCase()}@example.com`
}

/** Enters the agenda into the calendars. */
export function enterAgenda(calendars: Calendars, occasion: Occasion): void {
  for (const { name, organizer, draft } of planAgenda(occasion)) {
    calendars.edit(organizer.email).insert({ ...draft, uid: agendaUid(occasion, name) })
  }
}
