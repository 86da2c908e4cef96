import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../src/base/clock.ts'
import type { CalendarEditor } from './google/calendar-editor.ts'
import type { EventInput } from './google/event.ts'
import type { SandboxGoogle } from './google/start-google.ts'
import { eventTimes, googleEvent } from './google-event.ts'
import { type Invitation, isWholeDays, type OccurrenceChange, type Timed } from './invitation.ts'

/** Writes invitations into the pretend Google, by what its people can do there. */
export interface GoogleCalendars {
  /** Brings the invitation's event in step; whoever watches a calendar that changes with it is told. */
  write(invitation: Invitation): void
  /** Lets the series grow that are written some hours ahead. */
  writeAhead(): void
}

interface Written {
  invitation: Invitation
  event: EventInput
}

export function createGoogleCalendars({ google, clock }: { google: SandboxGoogle; clock: Clock }): GoogleCalendars {
  const written = new Map<string, Written>()
  const write = (invitation: Invitation) => {
    const before = written.get(invitation.uid)
    // Google makes no event that cannot be read, and nothing comes after a cancellation.
    if (invitation.isDamaged || before?.invitation.isCancelled) return
    const event = googleEvent(invitation, clock.now())
    written.set(invitation.uid, { invitation, event })
    const organizer = google.as(invitation.organizer.email)
    const id = before ? patch(organizer, before.event, event) : organizer.insert(event)
    writeOccurrences(organizer, id, before?.invitation, invitation)
    for (const email of invitation.deletedBy) {
      const isNew = before !== undefined && !before.invitation.deletedBy.has(email)
      if (isNew && email !== invitation.organizer.email && google.directory.find(email)) google.as(email).delete(id)
    }
    if (invitation.isCancelled) organizer.delete(id)
  }
  return {
    write,
    writeAhead() {
      for (const { invitation } of [...written.values()]) {
        if (invitation.series?.writtenAheadMs !== undefined) write(invitation)
      }
    },
  }
}

/** Says what differs, and nothing where nothing does: each change of an event is told to all who watch it. */
function patch(organizer: CalendarEditor, before: EventInput, event: EventInput): string {
  const names = new Set([...Object.keys(before), ...Object.keys(event)])
  const changed = [...names].filter((name) => !isDeepStrictEqual(before[name], event[name]))
  const changes = Object.fromEntries(changed.map((name) => [name, event[name] ?? null])) as Partial<EventInput>
  const { id = '' } = event
  if (changed.length > 0) organizer.patch(id, changes)
  return id
}

function writeOccurrences(
  organizer: CalendarEditor,
  id: string,
  before: Invitation | undefined,
  { when, series }: Invitation,
): void {
  if (!series || isWholeDays(when)) return
  const [was, is] = [before?.series?.changes ?? [], series.changes]
  for (const change of is) {
    if (was.some((one) => isDeepStrictEqual(one, change))) continue
    const occurrence = organizer.occurrence(id, change.originalStartsAt)
    if (change.to === 'cancelled') organizer.delete(occurrence)
    else organizer.patch(occurrence, { status: 'confirmed', ...eventTimes(change.to, when) })
  }
  for (const change of was) {
    const isForgotten = !is.some((one) => one.originalStartsAt.getTime() === change.originalStartsAt.getTime())
    if (isForgotten) makeRegular(organizer, id, change, when)
  }
}

/** A series that was moved forgets what was different, also where it has an occurrence at the same time again. */
function makeRegular(
  organizer: CalendarEditor,
  id: string,
  { originalStartsAt: startsAt }: OccurrenceChange,
  when: Timed,
): void {
  const occurrence = organizer.occurrence(id, startsAt)
  if (!organizer.occurrences(id, startsAt).includes(occurrence)) return
  const endsAt = new Date(startsAt.getTime() + when.endsAt.getTime() - when.startsAt.getTime())
  organizer.patch(occurrence, { status: 'confirmed', ...eventTimes({ startsAt, endsAt }, when) })
}
