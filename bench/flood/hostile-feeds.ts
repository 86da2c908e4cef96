const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

/** Feeds that ask for as much as they can. `round` makes each reading of one another, so that all of it has to be done again. */
export const hostileFeeds: Readonly<Record<string, (round: number) => string>> = {
  'each second, 200 events': (round) =>
    feed(many(200, (i) => event(`s${i}`, `SUMMARY:${round}`, startAt(0), 'RRULE:FREQ=SECONDLY', room('s')))),
  'each hour, 200 rooms': (round) =>
    feed(many(200, (i) => event(`h${i}`, `SUMMARY:${round}`, startAt(0), 'RRULE:FREQ=HOURLY', room(`h${i}`)))),
  '20,000 at one minute': (round) =>
    feed(
      many(20_000, (i) =>
        event(`m${i}`, `SUMMARY:${round}`, startAt(0), room('m'), 'ATTENDEE:mailto:everybody@example.com'),
      ),
    ),
  '19,000 dates, 10 events': (round) =>
    feed(many(10, (i) => event(`d${i}`, `SUMMARY:${round}`, startAt(0), ...dates(19_000), room(`d${i}`)))),
  'nested 60,000 deep': (round) => {
    const names = Array.from({ length: 60_000 }, (_, i) => `X-${i}`)
    const opened = names.map((name) => `BEGIN:${name}`)
    const closed = names.reverse().map((name) => `END:${name}`)
    return feed(event('n', `SUMMARY:${round}`, startAt(0), ...opened, ...closed, room('n')))
  },
  'folded 3,000,000 times': (round) =>
    feed(event('f', `SUMMARY:${round}`, startAt(0), room('f'), `DESCRIPTION:${'\r\n y'.repeat(3_000_000)}`)),
}

function feed(events: string): string {
  return `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//example.com//flood//EN\r\n${events}END:VCALENDAR\r\n`
}

/** An event of half an hour. */
export function event(uid: string, ...lines: readonly string[]): string {
  return `BEGIN:VEVENT\r\nUID:${uid}@example.com\r\nDURATION:PT30M\r\n${lines.join('\r\n')}\r\nEND:VEVENT\r\n`
}

export function icsFeedOf(events: readonly string[]): string {
  return feed(events.join(''))
}

export function room(name: string): string {
  return `LOCATION:https://meet.jit.si/${name}`
}

/** So many minutes after nine tomorrow. */
export function startAt(minutes: number): string {
  return `DTSTART:${stamp(tomorrow() + 9 * HOUR_MS + minutes * MINUTE_MS)}`
}

function dates(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `RDATE:${stamp(tomorrow() + i * 90_000)}`)
}

function tomorrow(): number {
  return Math.ceil(Date.now() / DAY_MS) * DAY_MS
}

function stamp(at: number): string {
  return new Date(at).toISOString().replace(/[-:]|\.\d+/g, '')
}

function many(count: number, make: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => make(i)).join('')
}
