import { timed } from '../../sandbox/google/calendar-editor.ts'
import { type SeedEvent, startSandboxGoogle } from '../../sandbox/google/start-google.ts'
import { systemClock } from '../../src/base/clock.ts'
import { DAY_MS, MINUTE_MS } from '../../src/base/time.ts'
import type { ChangeMade, GoogleOrder, Ordered } from './orders.ts'
import { createRandom } from './random.ts'

// The pretend Google in a process of its own, so that what it costs is not counted as the product's.

const [peopleText = '10', singlesText = '10', seriesText = '5', seedText = '1'] = process.argv.slice(2)
const [people, singles, series] = [Number(peopleText), Number(singlesText), Number(seriesText)]
const random = createRandom(Number(seedText))
const tomorrow = Math.ceil((Date.now() + 3_600_000) / DAY_MS) * DAY_MS

const google = await startSandboxGoogle({
  clock: systemClock,
  people: Array.from({ length: people }, (_, person) => ({ email: emailOf(person), isAdmin: person === 0 })),
  seed: (email) => seedOf(Number(/\d+/.exec(email)?.[0] ?? 0)),
})
process.send?.({ environment: google.environment, people: Array.from({ length: people }, (_, i) => emailOf(i)) })
process.on('message', (order: GoogleOrder) => process.send?.({ id: order.id, answer: answer(order) }))
process.on('disconnect', () => process.exit())

function answer(order: GoogleOrder): Ordered {
  if (order.what === 'usage') {
    const total = google.usage.total()
    return {
      calls: total.calls - google.usage.of('token').calls,
      tokens: google.usage.of('token').calls,
      bytes: total.bytesOut,
    }
  }
  if (order.what === 'reset') google.usage.reset()
  if (order.what === 'change') return change()
  return {}
}

function emailOf(person: number): string {
  return `person${person}@example.com`
}

/** Unlike everybody else's, as the UID made from it has to be. */
function idOf(person: number, kind: 'single' | 'series', index: number): string {
  return `p${person}${kind}${index}`
}

function* seedOf(person: number): Generator<SeedEvent> {
  const described = (summary: string) => ({
    summary,
    description: 'Agenda, notes and what was decided last time stand in the shared document. '.repeat(6),
    hangoutLink: `https://meet.google.com/${code(person)}`,
    attendees: Array.from({ length: 4 }, (_, i) => ({ email: `guest${i}@example.org` })),
  })
  for (let i = 0; i < singles; i++) {
    const at = tomorrow + (i % 26) * DAY_MS + (8 * 60 + 20 * Math.floor(i / 26)) * MINUTE_MS
    yield { id: idOf(person, 'single', i), ...described(`Meeting ${i}`), ...timed(new Date(at), 15, 'Europe/Vienna') }
  }
  for (let i = 0; i < series; i++) {
    const at = tomorrow - 200 * DAY_MS + (i % 5) * DAY_MS + (14 * 60 + 20 * Math.floor(i / 5)) * MINUTE_MS
    const recurrence = ['RRULE:FREQ=WEEKLY']
    yield {
      id: idOf(person, 'series', i),
      ...described(`Weekly ${i}`),
      recurrence,
      ...timed(new Date(at), 15, 'Europe/Vienna'),
    }
  }
}

/** One random change in one random calendar, as people make them. */
function change(): ChangeMade {
  const person = random(people)
  const email = emailOf(person)
  const calendar = google.as(email)
  const single = idOf(person, 'single', random(singles))
  const weekly = idOf(person, 'series', random(series))
  const at = tomorrow + random(26) * DAY_MS + random(600) * MINUTE_MS
  const kind = random(6)
  const title = `Changed ${random(1_000_000)}`
  if (kind === 0) calendar.insert({ ...timed(new Date(at), 30, 'Europe/Vienna'), summary: title })
  else if (kind === 1) calendar.patch(weekly, { summary: title })
  else if (kind === 2) calendar.patch(occurrence(calendar, weekly), timed(new Date(at), 30, 'Europe/Vienna'))
  else if (kind === 3) calendar.patch(single, { summary: title })
  else calendar.patch(single, timed(new Date(at), 30, 'Europe/Vienna'))
  return { email }
}

function occurrence(calendar: ReturnType<typeof google.as>, id: string): string {
  const { start } = calendar.read(id) as { start: { dateTime: string } }
  const weeks = 29 + random(3)
  const first = Date.parse(start.dateTime)
  // By the wall clock, as the series goes.
  const wall = new Date(first + weeks * 7 * DAY_MS)
  const drift = offsetMs(wall) - offsetMs(new Date(first))
  return calendar.occurrence(id, new Date(wall.getTime() - drift))
}

function offsetMs(at: Date): number {
  const text = new Intl.DateTimeFormat('sv-SE', {
    timeZone: 'Europe/Vienna',
    dateStyle: 'short',
    timeStyle: 'medium',
  }).format(at)
  return Date.parse(`${text.replace(' ', 'T')}Z`) - Math.floor(at.getTime() / 1000) * 1000
}

function code(person: number): string {
  const letters = person
    .toString(26)
    .padStart(10, '0')
    .replace(/\d/g, (digit) => String.fromCharCode(107 + Number(digit)))
  return `${letters.slice(0, 3)}-${letters.slice(3, 7)}-${letters.slice(7)}`
}
