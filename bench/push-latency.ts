import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import { z } from 'zod'
import { timed as timedEvent } from '../sandbox/google/calendar-editor.ts'
import { MINUTE_MS, SECOND_MS } from '../src/base/time.ts'
import { CALENDAR_SCOPES } from '../src/features/calendars/index.ts'
import { atMost, type Bench, type Figure, median, quantile, reported, timed } from './figure.ts'
import { MOVED_ID, openPushWorld, type PushWorld } from './push-latency/open-world.ts'

const RATES = [1, 50, 200]
/** Tried downwards where 200 a second is too much. */
const LOWER_RATES = [150, 100, 75]
const LIMIT_MS = SECOND_MS
const LOOK_EVERY_MS = 15

export const pushLatencyBench: Bench = {
  name: 'push-latency',
  about:
    'A change in a calendar, to the plan that knows of it, at 1, 50 and 200 notices a second, web and worker apart',
  async run({ full, note }) {
    const seconds = full ? 60 : 6
    await using world = await openPushWorld(seconds * Math.max(...RATES), note)
    const figures = [...(await yardsticks(world))]
    let holds = 0
    for (const rate of RATES) {
      note(`  ${rate} a second for ${seconds} s`)
      const run = await notifyAtRate(world, rate, seconds)
      figures.push(...figuresOf(rate, run))
      if (isHeld(run)) holds = rate
    }
    for (const rate of holds === RATES.at(-1) ? [] : LOWER_RATES) {
      note(`  ${rate} a second for ${seconds} s`)
      const run = await notifyAtRate(world, rate, seconds)
      if (!isHeld(run)) continue
      holds = rate
      break
    }
    return [...figures, reported('the most a second with p99 within 1 s', holds, '/s')]
  },
}

interface Run {
  latenciesMs: number[]
  /** Changes that had not reached the plan half a minute after the last of them. */
  missing: number
}

function isHeld({ latenciesMs, missing }: Run): boolean {
  return missing === 0 && quantile(latenciesMs, 0.99) <= LIMIT_MS
}

function figuresOf(rate: number, { latenciesMs, missing }: Run): Figure[] {
  return [
    reported(`${rate} a second: p50`, median(latenciesMs), 'ms'),
    atMost(`${rate} a second: p99`, quantile(latenciesMs, 0.99), 'ms', LIMIT_MS),
    atMost(`${rate} a second: not in the plan`, missing, '', 0),
  ]
}

let round = 0

/** Moves the meeting of one calendar after another, and looks at the plan until it has followed. Each calendar is changed once. */
async function notifyAtRate(world: PushWorld, rate: number, seconds: number): Promise<Run> {
  round += 1
  const startsAt = new Date(world.startsAt.getTime() + round * 15 * MINUTE_MS)
  const waiting = new Map<string, number>()
  const latenciesMs: number[] = []
  const total = rate * seconds
  const begunAt = performance.now()
  let sent = 0
  let isSending = true
  const look = async () => {
    while (isSending || waiting.size > 0) {
      for (const title of await readMoved(world, startsAt, [...waiting.keys()])) {
        latenciesMs.push(performance.now() - (waiting.get(title) ?? 0))
        waiting.delete(title)
      }
      if (!isSending && performance.now() - begunAt > (seconds + 30) * SECOND_MS) return
      await pause(LOOK_EVERY_MS)
    }
  }
  const looking = look()
  while (sent < total) {
    const due = Math.min(total, Math.floor(((performance.now() - begunAt) / SECOND_MS) * rate) + 1)
    for (; sent < due; sent++) {
      const email = world.people[sent % world.people.length] as string
      waiting.set(email, performance.now())
      world.google.as(email).patch(MOVED_ID, timedEvent(startsAt, 30, 'UTC'))
    }
    await pause(Math.min(5, 500 / rate))
  }
  isSending = false
  await looking
  return { latenciesMs, missing: waiting.size }
}

/** Those of the meetings that are at their new time; a title is its calendar's owner. */
async function readMoved({ app }: PushWorld, startsAt: Date, titles: readonly string[]): Promise<string[]> {
  if (titles.length === 0) return []
  const { rows } = await sql<{ title: string }>`
    select title from meeting where starts_at = ${startsAt} and title = any(${titles}::text[])`.execute(app.db)
  return rows.map(({ title }) => title)
}

/** What one look at Google and one commit cost when nothing else happens. */
async function yardsticks({ app, people }: PushWorld): Promise<Figure[]> {
  const calls: number[] = []
  const commits: number[] = []
  for (let n = 0; n < 30; n++) {
    const as = {
      kind: 'service_account',
      subject: people[n % people.length] as string,
      scopes: CALENDAR_SCOPES,
    } as const
    const call = { as, api: 'calendar', path: '/calendars/primary/events', query: { maxResults: 1 } } as const
    const { ms } = await timed(() => app.google.call({ ...call, schema: z.unknown(), priority: 'push' }))
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
