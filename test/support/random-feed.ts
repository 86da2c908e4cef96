import type { Random } from './random.ts'

const NAMED = [
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kolkata',
  'Australia/Sydney',
  'Europe/London',
  'America/Santiago',
]
const DAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']
const TITLES = [
  'Planning',
  'Grüße\\, alle zusammen',
  'Ein ganz langer Titel mit Umlauten: äöüß äöüß äöüß äöüß',
  '会議の計画、その一',
  'A\\; B \\\\ C',
  'Zeile\\neins',
]

/** Zones that only the feed defines: one that behaves as a known one, one that no place has, and one whose clock is never changed. */
const DEFINED: Readonly<Record<string, string[]>> = {
  'Office time': definition('Office time', 60),
  'Ship time': definition('Ship time', 210),
  'Hill time': [
    'BEGIN:VTIMEZONE',
    'TZID:Hill time',
    'BEGIN:STANDARD',
    'DTSTART:19700101T000000',
    'TZOFFSETFROM:+0545',
    'TZOFFSETTO:+0545',
    'END:STANDARD',
    'END:VTIMEZONE',
  ],
}

function definition(name: string, winterMinutes: number): string[] {
  const offset = (minutes: number) => `+${two(Math.floor(minutes / 60))}${two(minutes % 60)}`
  const part = (kind: string, start: string, month: number, before: number, after: number) => [
    `BEGIN:${kind}`,
    `DTSTART:${start}`,
    `RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=${month}`,
    `TZOFFSETFROM:${offset(before)}`,
    `TZOFFSETTO:${offset(after)}`,
    `END:${kind}`,
  ]
  return [
    'BEGIN:VTIMEZONE',
    `TZID:${name}`,
    ...part('STANDARD', '19701025T030000', 10, winterMinutes + 60, winterMinutes),
    ...part('DAYLIGHT', '19700329T020000', 3, winterMinutes, winterMinutes + 60),
    'END:VTIMEZONE',
  ]
}

/** A calendar of some events, whole and by the standard, as bytes: series with exceptions, dates in and out, whole days, zones of its own. */
export function randomFeed(random: Random): Uint8Array {
  const events = Array.from({ length: random.between(1, 5) }, (_, i) => randomEvents(random, `${i}@example.com`))
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//example.com//random//EN',
    'X-WR-TIMEZONE:Europe/Berlin',
    ...Object.values(DEFINED).flat(),
    ...events.flat(),
    'END:VCALENDAR',
    '',
  ]
  return foldAll(lines, random.chance(0.5))
}

function randomEvents(random: Random, uid: string): string[] {
  const isAllDay = random.chance(0.2)
  const zone = random.pick([...NAMED, ...Object.keys(DEFINED)])
  // Far from the hours at which clocks are changed, of which there are two opinions (decision 0006).
  const minutes = random.between(6 * 60, 20 * 60)
  const start = Date.UTC(2026, 9, 1) + random.between(-400, 120) * 86_400_000 + (isAllDay ? 0 : minutes * 60_000)
  const lasts = isAllDay ? random.between(1, 3) * 86_400_000 : random.between(5, 180) * 60_000
  const at = (name: string, wall: number) =>
    isAllDay ? `${name};VALUE=DATE:${stamp(wall).slice(0, 8)}` : `${name};TZID=${quoted(zone)}:${stamp(wall)}`
  const event = (...lines: string[]) => [
    'BEGIN:VEVENT',
    `UID:${uid}`,
    'DTSTAMP:20261001T000000Z',
    ...lines,
    'END:VEVENT',
  ]
  const times = (wall: number) => [at('DTSTART', wall), at('DTEND', wall + lasts)]
  const title = () => `SUMMARY:${random.pick(TITLES)}`
  if (random.chance(0.2)) return event(...times(start), title())

  const rule = randomRule(random, isAllDay)
  const someDay = () => start + random.between(0, 30) * (rule.includes('WEEKLY') ? 7 : 1) * 86_400_000
  const extra = [
    ...(random.chance(0.4) ? [at('EXDATE', someDay())] : []),
    ...(random.chance(0.3) ? [at('RDATE', someDay() + 86_400_000)] : []),
  ]
  const master = event(...times(start), `RRULE:${rule}`, ...extra, title())
  if (random.chance(0.5)) return master
  const original = random.chance(0.5) ? start : someDay()
  const moved = original + random.between(-2, 2) * 86_400_000
  const exception = random.chance(0.3)
    ? event(at('RECURRENCE-ID', original), ...times(original), title(), 'STATUS:CANCELLED')
    : event(at('RECURRENCE-ID', original), ...times(moved), title())
  return random.chance(0.5) ? [...master, ...exception] : [...exception, ...master]
}

function randomRule(random: Random, isAllDay: boolean): string {
  const freq = random.pick(['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'])
  const days = () => random.shuffle(DAYS).slice(0, random.between(1, 3)).join(',')
  const by: Record<string, () => string[]> = {
    DAILY: () => (random.chance(0.3) ? [`BYDAY=${days()}`] : []),
    WEEKLY: () => (random.chance(0.7) ? [`BYDAY=${days()}`, ...(random.chance(0.3) ? ['WKST=SU'] : [])] : []),
    MONTHLY: () =>
      random.pick([
        [],
        [`BYDAY=${random.pick([1, 2, 3, -1])}${random.pick(DAYS)}`],
        [`BYMONTHDAY=${random.pick(['1,15', '-1', '31', '28,29'])}`],
        ['BYDAY=MO,TU,WE,TH,FR', `BYSETPOS=${random.pick(['1', '-1', '2,-2'])}`],
      ]),
    YEARLY: () =>
      random.pick([
        [],
        [`BYMONTH=${random.pick(['1,11', '3', '12'])}`, `BYDAY=${random.pick([1, -1])}${random.pick(DAYS)}`],
      ]),
  }
  const until = stamp(Date.UTC(2026, 10, 1) + random.between(-30, 200) * 86_400_000)
  const end = random.pick([
    [],
    [`COUNT=${random.between(1, 60)}`],
    [`UNTIL=${isAllDay ? until.slice(0, 8) : `${until}Z`}`],
  ])
  return [`FREQ=${freq}`, `INTERVAL=${random.pick([1, 1, 2, 3])}`, ...(by[freq]?.() ?? []), ...end].join(';')
}

/** Lines of 75 bytes at most, as the standard wants them; some programs cut through characters. */
function foldAll(lines: readonly string[], cutsCharacters: boolean): Uint8Array {
  const folded = lines.map((line) => {
    const bytes = Buffer.from(line)
    const parts: Buffer[] = []
    for (let from = 0; from < bytes.length || from === 0; ) {
      let to = Math.min(bytes.length, from + 74)
      while (!cutsCharacters && to < bytes.length && ((bytes[to] ?? 0) & 0xc0) === 0x80) to -= 1
      parts.push(bytes.subarray(from, to))
      from = Math.max(to, 1)
    }
    return Buffer.concat(parts.flatMap((part, i) => (i === 0 ? [part] : [Buffer.from('\r\n '), part])))
  })
  return Buffer.concat(folded.flatMap((line, i) => (i === 0 ? [line] : [Buffer.from('\r\n'), line])))
}

function quoted(zone: string): string {
  return zone.includes(' ') ? `"${zone}"` : zone
}

function stamp(wall: number): string {
  return new Date(wall).toISOString().slice(0, 19).replace(/[-:]/g, '')
}

function two(n: number): string {
  return String(n).padStart(2, '0')
}
