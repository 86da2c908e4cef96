import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import { z } from 'zod'
import { timed as timedEvent } from '../sandbox/google/calendar-editor.ts'
import { MINUTE_MS, SECOND_MS } from '../src/base/time.ts'
import { googleApiOf } from '../test/support/providers.ts'
import { atMost, type Bench, type Figure, median, quantile, reported, timed } from './figure.ts'
import { movedIdOf, openPushWorld, type PushWorld } from './push-latency/open-world.ts'

const RATES = [1, 50, 200]
/** Tried downwards where 200 a second is too much. */
const LOWER_RATES = [150, 100, 75]
const LOWER_SECONDS = 15
const SECONDS = 60
/** Each calendar is changed again only after this long. */
const APART_SECONDS = 12
const LIMIT_MS = SECOND_MS
const LOOK_EVERY_MS = 15
/** Whatever the queue or a lost notice holds up by design is through by then. */
const GIVES_UP_MS = 150 * SECOND_MS

export const pushLatencyBench: Bench = {
  name: 'push-latency',
  about:
    'A change in a calendar, to the plan that knows of it, at 1, 50 and 200 notices a second, web and worker apart',
  async run({ full, note }) {
    const apart = full ? SECONDS : APART_SECONDS
    await using world = await openPushWorld(apart * Math.max(...RATES), note)
    const figures = [...(await yardsticks(world))]
    let holds = 0
    for (const rate of RATES) {
      note(`  ${rate} a second for ${SECONDS} s`)
      const run = await notifyAtRate(world, rate, SECONDS)
      figures.push(...figuresOf(rate, run))
      if (isHeld(run)) holds = rate
    }
    for (const rate of holds === RATES.at(-1) ? [] : LOWER_RATES) {
      note(`  ${rate} a second for ${LOWER_SECONDS} s`)
      const run = await notifyAtRate(world, rate, LOWER_SECONDS)
      if (!isHeld(run)) continue
      holds = rate
      break
    }
    return [...figures, reported('the most a second with p99 within 1 s', holds, '/s')]
  },
}

interface Run {
  latenciesMs: number[]
  /** Changes that were followed by another of the same meeting before they were in the plan: never seen, and not lost. */
  overtaken: number
  /** Changes that had not reached the plan two and a half minutes after the last of them. */
  missing: number
}

function isHeld({ latenciesMs, overtaken, missing }: Run): boolean {
  return overtaken + missing === 0 && quantile(latenciesMs, 0.99) <= LIMIT_MS
}

function figuresOf(rate: number, { latenciesMs, overtaken, missing }: Run): Figure[] {
  return [
    reported(`${rate} a second: p50`, median(latenciesMs), 'ms'),
    atMost(`${rate} a second: p99`, quantile(latenciesMs, 0.99), 'ms', LIMIT_MS),
    reported(`${rate} a second: the latest`, Math.max(...latenciesMs), 'ms'),
    reported(`${rate} a second: overtaken by the next`, overtaken, ''),
    atMost(`${rate} a second: never in the plan`, missing, '', 0),
  ]
}

let round = 0

/** Moves the meeting of one calendar after another to a time that it never had, and looks at the plan until it has followed. */
async function notifyAtRate(world: PushWorld, rate: number, seconds: number): Promise<Run> {
  const waiting = new Map<string, { sinceMs: number; startsAt: Date }>()
  const latenciesMs: number[] = []
  let overtaken = 0
  const total = rate * seconds
  const begunAt = performance.now()
  let sent = 0
  let isSending = true
  const look = async () => {
    while (isSending || waiting.size > 0) {
      for (const { title, startsAt } of await readMoved(world, waiting)) {
        const change = waiting.get(title)
        if (change?.startsAt.getTime() !== startsAt.getTime()) continue
        latenciesMs.push(performance.now() - change.sinceMs)
        waiting.delete(title)
      }
      if (!isSending && performance.now() - begunAt > seconds * SECOND_MS + GIVES_UP_MS) return
      await pause(LOOK_EVERY_MS)
    }
  }
  const looking = look()
  while (sent < total) {
    const due = Math.min(total, Math.floor(((performance.now() - begunAt) / SECOND_MS) * rate) + 1)
    for (; sent < due; sent++) {
      if (sent % world.people.length === 0) round += 1
      const startsAt = new Date(world.startsAt.getTime() + round * 5 * MINUTE_MS)
      const email = world.people[sent % world.people.length] as string
      if (waiting.has(email)) overtaken++
      waiting.set(email, { sinceMs: performance.now(), startsAt })
      world.google.as(email).patch(movedIdOf(email), timedEvent(startsAt, 30, 'UTC'))
    }
    await pause(Math.min(5, 500 / rate))
  }
  isSending = false
  await looking
  return { latenciesMs, overtaken, missing: waiting.size }
}

/** Those of the meetings that are at their new time; a title is its calendar's owner. */
async function readMoved(
  { app }: PushWorld,
  waiting: ReadonlyMap<string, { startsAt: Date }>,
): Promise<{ title: string; startsAt: Date }[]> {
  if (waiting.size === 0) return []
  const titles = [...waiting.keys()]
  const times = [...waiting.values()].map(({ startsAt }) => startsAt.toISOString())
  const { rows } = await sql<{ title: string; startsAt: Date }>`
    select m.title, m.starts_at from unnest(${titles}::text[], ${times}::timestamptz[]) as w (title, starts_at)
      join meeting m using (title, starts_at)`.execute(app.db)
  return rows
}

/** What one look at Google and one commit cost when nothing else happens. */
async function yardsticks({ app, people }: PushWorld): Promise<Figure[]> {
  const google = googleApiOf(app)
  const calls: number[] = []
  const commits: number[] = []
  for (let n = 0; n < 30; n++) {
    const as = {
      kind: 'service_account',
      subject: people[n % people.length] as string,
      scopes: ['https://www.googleapis.com/auth/calendar.readonly'],
    } as const
    const call = { as, api: 'calendar', path: '/calendars/primary/events', query: { maxResults: 1 } } as const
    const { ms } = await timed(() => google.call({ ...call, schema: z.unknown(), priority: 'push' }))
    calls.push(ms)
    const commit = await timed(() =>
      sql`update calendar set revision = revision where owner_email = ${people[n] ?? ''}`.execute(app.db),
    )
    commits.push(commit.ms)
  }
  return [
    reported('yardstick: one call to the pretend Google, median', median(calls), 'ms'),
    reported('yardstick: one-row update, median', median(commits), 'ms'),
  ]
}
