import type { Calendar, Entry, Form } from './calendar.ts'
import type { Attendee, EventBody } from './event.ts'
import type { World } from './world.ts'

/** Brings an event of the organiser's into the calendars of the invited, and out of those that are not invited any more. */
export function shareEvent(
  world: World,
  organizer: Calendar,
  body: EventBody,
  invitedBefore: readonly Attendee[] = [],
): void {
  const invited = calendarsOf(world, body.attendees)
  for (const calendar of new Set([...invited.keys(), ...calendarsOf(world, invitedBefore).keys()])) {
    if (calendar === organizer) continue
    const answer = invited.get(calendar)?.responseStatus
    if (answer === 'declined' && isRemovedHere(calendar, body)) continue
    if (invited.has(calendar) && body.status !== 'cancelled') calendar.put(body)
    else takeAway(world, calendar, body)
  }
}

/** Leaves the trace of an event that is gone; none where its series went after it, whose trace says enough. */
export function takeAway(world: World, calendar: Calendar, body: EventBody): void {
  const entry = calendar.entries.get(body.id)
  const series = body.recurringEventId === undefined ? undefined : calendar.entries.get(body.recurringEventId)
  const wentWithSeries = isGone(series) && (entry?.revision ?? 0) < (series?.revision ?? 0)
  const form: Form = body.recurringEventId === undefined ? 'gone' : 'gone_instance'
  if (wentWithSeries && !world.doubts.deletedSeriesListsExceptions) calendar.forget(body.id)
  else if (entry ? entry.form !== form : series) calendar.put(body, form)
}

function isGone(entry: Entry | undefined): boolean {
  return entry !== undefined && (entry.form !== 'full' || entry.body.status === 'cancelled')
}

/** Whether the calendar's owner took it away, or the series it belongs to. */
function isRemovedHere({ entries }: Calendar, { id, recurringEventId }: EventBody): boolean {
  const entry = entries.get(id) ?? entries.get(recurringEventId ?? '')
  return entry?.isRemovedHere === true
}

function calendarsOf(world: World, attendees: readonly Attendee[]): Map<Calendar, Attendee> {
  return new Map(
    attendees.flatMap((attendee): [Calendar, Attendee][] => {
      const calendar = world.find(attendee.email)
      return calendar?.kind === 'primary' ? [[calendar, attendee]] : []
    }),
  )
}
