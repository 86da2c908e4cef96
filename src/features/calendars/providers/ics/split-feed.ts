import { AppError } from '../../../../base/errors.ts'
import { excerptOf } from './check-calendar.ts'
import { propertyNameOf } from './property.ts'

/** What is told while a feed goes by. */
export interface FeedVisitor {
  calendarBegins(): void
  /** A property of the calendar itself. */
  calendarLine(name: string, line: string): void
  /** A whole VEVENT with the properties on its own level, or one that something else cut short. */
  event(lines: readonly string[], isWhole: boolean): void
  /** A whole VTIMEZONE with all that is in it. */
  zone(lines: readonly string[]): void
  /** A line that is no part of a calendar: any behind the end of one, and a server's error message between its components. */
  strayLine(line: string, where: 'within' | 'behind'): void
}

/** A VTIMEZONE of two centuries has fewer lines; a VEVENT as well. */
const MAX_LINES = 20_000
/** An alarm within an event, or a part of a zone, is the third; what is nested deeper than any maker does is only counted. */
const MAX_DEPTH = 10
/** These never stand within another component. */
const ON_TOP = /^V(CALENDAR|EVENT|TIMEZONE|TODO|JOURNAL|FREEBUSY)$/

/** How servers' own messages begin where they run into what was being written. */
const ERROR =
  /^\s*<[a-z!/]|^\s*(?:php )?(?:fatal|parse|uncaught|internal|server)? ?(?:error|warning|notice|deprecated|exception)\b|^traceback \(|stack trace|gateway time-?out|service unavailable/i

/**
 * Splits a feed, given line by line, into its components. `finish` throws `ics_truncated` if something was still open, and `ics_empty` if
 * a calendar says nothing at all, which is not the same as one without events.
 */
export function createSplitter(visitor: FeedVisitor): { take(line: string): void; finish(): void } {
  const open: string[] = []
  /** How many are open below the deepest that is told apart. */
  let deeper = 0
  let lines: string[] = []
  /** The last line but properties, with which a cut feed may end. */
  let stray = ''
  let saysSomething = false

  const closeEvent = (isWhole: boolean) => {
    visitor.event(lines, isWhole)
    lines = []
  }
  const begin = (name: string) => {
    if (name === 'VCALENDAR') {
      if (open.length > 0) throw truncated(stray)
      visitor.calendarBegins()
    } else saysSomething ||= open.length > 0
    if (open.length === 0 && name !== 'VCALENDAR') return
    // One that is still open has been cut.
    if (open.length > 1 && ON_TOP.test(name)) {
      if (isIn('VEVENT')) closeEvent(false)
      open.length = 1
      deeper = 0
    }
    if (open.length === MAX_DEPTH) {
      deeper += 1
      return
    }
    if (isIn('VTIMEZONE')) keep(`BEGIN:${name}`)
    open.push(name)
    if (open.length === 2) lines = []
  }
  const end = (name: string, rest: string) => {
    if (deeper > 0 && !ON_TOP.test(name)) {
      deeper -= 1
      if (rest !== '') takeStray(rest)
      return
    }
    deeper = 0
    const at = open.lastIndexOf(name)
    if (at === -1) return
    if (at === 0 && isIn('VEVENT')) closeEvent(false)
    if (at === 1 && name === 'VEVENT') closeEvent(true)
    if (at === 1 && name === 'VTIMEZONE') visitor.zone(lines)
    if (at > 1 && isIn('VTIMEZONE')) keep(`END:${name}`)
    open.length = at
    if (rest !== '') takeStray(rest)
  }
  const takeStray = (line: string) => {
    if (open.length === 0) visitor.strayLine(line, 'behind')
    else if (ERROR.test(line)) {
      stray = line
      if (open.length === 1) visitor.strayLine(line, 'within')
    }
  }
  const isIn = (name: string) => open[1] === name
  const keep = (line: string) => {
    if (lines.length < MAX_LINES) lines.push(line)
  }

  return {
    take(line) {
      const name = propertyNameOf(line)
      if (name === 'BEGIN' || name === 'END') {
        const [, component = '', rest = ''] = /:\s*([A-Za-z0-9-]*)\s*(.*)$/s.exec(line) ?? []
        if (name === 'BEGIN') begin(component.toUpperCase())
        else end(component.toUpperCase(), rest)
        return
      }
      if (name === '' || open.length === 0 || (open.length === 1 && ERROR.test(line))) return takeStray(line)
      stray = ''
      saysSomething = true
      if (open.length === 1) visitor.calendarLine(name, line)
      else if (open.length === 2 || isIn('VTIMEZONE')) keep(line)
    },
    finish() {
      if (open.length > 0) throw truncated(stray)
      if (!saysSomething) throw empty()
    },
  }
}

function truncated(stray: string): AppError {
  const message =
    stray === ''
      ? 'The calendar file ends in the middle (END:VCALENDAR is missing), so it was not used. It is read again at the next look; if this stays so, export or publish the calendar anew.'
      : `The calendar file breaks off in what seems to be an error message of its server (${excerptOf(stray)}), so it was not used. It is read again at the next look; if this stays so, tell whoever runs that server.`
  return new AppError('ics_truncated', message, { retry: 'later' })
}

function empty(): AppError {
  return new AppError(
    'ics_empty',
    'The calendar file says nothing: there is not one line between its beginning and its end, so it was not used and what was known stays. It is read again at the next look; if this stays so, export or publish the calendar anew.',
    { retry: 'later' },
  )
}
