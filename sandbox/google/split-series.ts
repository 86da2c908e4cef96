import { addDays } from '../../src/base/time.ts'
import type { Calendar } from './calendar.ts'
import { bodyOf, insertEvent, patchEvent } from './edit-events.ts'
import { badRequest } from './errors.ts'
import { type EventBody, type EventInput, isDay, type When } from './event.ts'
import { newEventId } from './make-event.ts'
import { expandSeries } from './series.ts'
import { instantOfWhen, stampOf, writeTime } from './when.ts'
import type { World } from './world.ts'

/**
 * Changes an occurrence and all that follow, as Google's own page does it: the series ends before, a new one begins there. What was
 * different in later occurrences is lost. Answers the new series.
 */
export function splitSeries(
  world: World,
  calendar: Calendar,
  id: string,
  originalStart: When,
  changes: Partial<EventInput> = {},
): EventBody {
  return world.change(() => {
    const series = bodyOf(world, calendar, id)
    const { recurrence = [] } = series
    const at = instantOfWhen(originalStart, calendar.timeZone)
    const context = { until: at, calendarZone: calendar.timeZone, gapTimes: world.doubts.gapTimes }
    if (!expandSeries(series, context).some((start) => stampOf(start) === stampOf(originalStart))) {
      throw badRequest(`${stampOf(originalStart)} is no occurrence of ${id}`)
    }
    const rules = recurrence.filter((line) => line.startsWith('RRULE'))
    const before = expandSeries({ start: series.start, recurrence: rules }, context).length - 1
    const newId =
      world.doubts.splitIds === 'new'
        ? newEventId()
        : `${id.replace(/_R\d.*$/, '')}_R${stampOf(originalStart).replace('Z', '')}`
    const { start: _, end: __, recurrence: given, ...others } = changes
    const length = instantOfWhen(series.end, calendar.timeZone) - instantOfWhen(series.start, calendar.timeZone)
    const end: When = isDay(originalStart)
      ? { date: addDays(originalStart.date, Math.round(length / 86_400_000)) }
      : { at: at + length, timeZone: isDay(series.end) ? undefined : series.end.timeZone }
    const input: EventInput = {
      ...series.content,
      attendees: series.attendees.map((attendee) => ({ ...attendee })),
      start: changes.start ?? writeTime(originalStart, calendar.timeZone),
      end: changes.end ?? writeTime(end, calendar.timeZone),
      recurrence: given ?? recurrence.map((line) => continueLine(line, before)),
      ...others,
      id: newId,
    }
    patchEvent(world, calendar, id, { recurrence: recurrence.map((line) => endLine(line, originalStart)) })
    return insertEvent(world, calendar, input, series.organizer)
  })
}

function endLine(line: string, before: When): string {
  if (!line.startsWith('RRULE')) return line
  const last = isDay(before) ? { date: addDays(before.date, -1) } : { ...before, at: before.at - 1_000 }
  const parts = line.split(';').filter((part) => !/^(COUNT|UNTIL)=/.test(part))
  return [...parts, `UNTIL=${stampOf(last)}`].join(';')
}

function continueLine(line: string, used: number): string {
  return line.replace(/COUNT=(\d+)/, (_, count) => `COUNT=${Math.max(1, Number(count) - used)}`)
}
