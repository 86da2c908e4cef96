import type { Calendar, Form } from './calendar.ts'
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
    if (calendar.entries.get(body.id)?.isRemovedHere && answer === 'declined') continue
    if (invited.has(calendar) && body.status !== 'cancelled') calendar.put(body)
    else takeAway(world, calendar, body)
  }
}

/** Leaves the trace of an event that is gone where it was, or no trace where its whole series is gone. */
export function takeAway(world: World, calendar: Calendar, body: EventBody): void {
  const entry = calendar.entries.get(body.id)
  const series = body.recurringEventId === undefined ? undefined : calendar.entries.get(body.recurringEventId)
  const isSeriesGone = series !== undefined && (series.form !== 'full' || series.body.status === 'cancelled')
  const form: Form = body.recurringEventId === undefined ? 'gone' : 'gone_instance'
  if (isSeriesGone && !world.doubts.deletedSeriesListsExceptions) calendar.forget(body.id)
  else if (entry ? entry.form !== form : series) calendar.put(body, form)
}

function calendarsOf(world: World, attendees: readonly Attendee[]): Map<Calendar, Attendee> {
  return new Map(
    attendees.flatMap((attendee): [Calendar, Attendee][] => {
      const calendar = world.find(attendee.email)
      return calendar?.kind === 'primary' ? [[calendar, attendee]] : []
    }),
  )
}
