import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { decodeFeed } from '../../src/features/calendars/providers/ics/decode-feed.ts'
import { expandIcsItem } from '../../src/features/calendars/providers/ics/expand-item.ts'
import { readIcsFeed } from '../../src/features/calendars/providers/ics/read-feed.ts'
import { createRandom } from '../support/random.ts'
import { randomFeed } from '../support/random-feed.ts'
import { seedOfRun } from '../support/seed-of-run.ts'

/**
 * Our reading of calendars against another one, where Python has icalendar and python-dateutil:
 * COMPARE_FEEDS=500 npx vitest run test/integration/feeds-compared.test.ts (TEST_SEED for another seed, PYTHON for another Python).
 */
const rounds = Number(process.env.COMPARE_FEEDS ?? 0)
const seed = seedOfRun(1)
const zone = 'Europe/Berlin'
const window = { from: new Date('2026-11-01T00:00:00Z'), to: new Date('2027-05-01T00:00:00Z') }

test.runIf(rounds > 0)(
  'random calendars hold the same occurrences for us and for icalendar with dateutil',
  async ({ skip }) => {
    console.log(`${rounds} feeds of seed ${seed}`)
    const random = createRandom(seed)
    const feeds = Array.from({ length: rounds }, () => randomFeed(random))
    const theirs = expandElsewhere(feeds)
    if (typeof theirs === 'string') {
      console.log(theirs)
      return skip(theirs)
    }
    let occurrences = 0
    for (const [i, feed] of feeds.entries()) {
      const ours = await expandHere(feed)
      expect(ours, `feed ${i} of seed ${seed}:\n${Buffer.from(feed).toString()}`).toEqual(theirs[i])
      occurrences += ours.length
    }
    console.log(`${occurrences} occurrences are the same`)
  },
)

test('random calendars are read without a problem', async () => {
  const random = createRandom(seed)
  for (let i = 0; i < 20; i += 1) {
    const feed = await readIcsFeed(decodeFeed(randomFeed(random)), { now: window.from })
    expect(feed.problems).toEqual([])
    expect(feed.items.length).toBeGreaterThan(0)
  }
})

async function expandHere(bytes: Uint8Array): Promise<string[]> {
  const feed = await readIcsFeed(decodeFeed(bytes), { now: window.from })
  const options = { window, ownerEmail: 'ana@example.com', fallbackTimeZone: feed.timeZone ?? zone }
  const events = feed.items.flatMap((item) => expandIcsItem(item.content, options).events)
  const second = (at: Date) => at.toISOString().replace('.000', '')
  return events
    .filter((event) => !event.isCancelled)
    .map(({ uid, startsAt, endsAt, title }) => `${uid} ${second(startsAt)} ${second(endsAt)} ${title}`)
    .sort()
}

/** A sentence where Python or a module of it is not there. */
function expandElsewhere(feeds: readonly Uint8Array[]): string[][] | string {
  const input = JSON.stringify({ ...window, zone, feeds: feeds.map((feed) => Buffer.from(feed).toString('base64')) })
  const script = fileURLToPath(new URL('../support/expand-feeds.py', import.meta.url))
  try {
    const output = execFileSync(process.env.PYTHON ?? 'python3', [script], { input, encoding: 'utf8', maxBuffer: 1e9 })
    const answer: string[][] | { missing: string } = JSON.parse(output)
    return Array.isArray(answer) ? answer.map((rows) => rows.sort()) : `skipped: Python has no module ${answer.missing}`
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'skipped: there is no Python'
    throw error
  }
}
