import { Temporal } from 'temporal-polyfill'
import { addDays } from '../src/base/time.ts'
import { type Invitation, isWholeDays, type Timed, type WholeDays, writtenUntil } from './invitation.ts'

/** DTSTART and DTEND of an invitation; the last day is not included there. */
export function timeLines(when: Timed | WholeDays): string[] {
  if (isWholeDays(when)) {
    return [`DTSTART;VALUE=DATE:${compact(when.firstOn)}`, `DTEND;VALUE=DATE:${compact(addDays(when.lastOn, 1))}`]
  }
  return [momentLine('DTSTART', when.startsAt, when), momentLine('DTEND', when.endsAt, when)]
}

/**
 * A property that names an instant in the zone of its invitation. When clocks go back, two hours have one name and readers disagree
 * on which is meant, so those are written in UTC.
 */
export function momentLine(name: string, at: Date, { timeZone, zoneName }: Timed): string {
  const local = Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timeZone).toPlainDateTime()
  const [earlier, later] = (['earlier', 'later'] as const).map(
    (disambiguation) => local.toZonedDateTime(timeZone, { disambiguation }).epochMilliseconds,
  )
  if (timeZone === 'UTC' || earlier !== later) return `${name}:${utcStamp(at)}`
  return `${name};TZID=${zoneName ?? timeZone}:${compact(local.toString({ smallestUnit: 'second' }))}`
}

/** RRULE of a series as of now, with an end where only the next hours are written; empty for what is no series. */
export function ruleLines(invitation: Invitation, now: Date): string[] {
  const { series } = invitation
  const until = writtenUntil(invitation, now)
  return series ? [`RRULE:${series.rule}${until ? `;UNTIL=${utcStamp(until)}` : ''}`] : []
}

/** `20261122T210300Z`. */
export function utcStamp(at: Date): string {
  return `${compact(at.toISOString().slice(0, 19))}Z`
}

/** The form without hyphens and colons. */
export function compact(text: string): string {
  return text.replace(/[-:]/g, '')
}
