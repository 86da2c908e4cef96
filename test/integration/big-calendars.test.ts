import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { timed } from '../../sandbox/google/calendar-editor.ts'
import { connectByAddress, type SyncResult } from '../../src/features/calendars/index.ts'
import { createTestApp } from '../support/app.ts'
import { ana, createGoogleWorld } from '../support/google-world.ts'
import { icsFeed } from '../support/ics.ts'
import { findBrokenInvariants } from '../support/plan-world.ts'

const run = promisify(execFile)
const script = fileURLToPath(new URL('../support/sync-calendar.fixture.ts', import.meta.url))
const EVENTS = 50_000
const START = Date.parse('2022-01-03T09:00:00Z')
const HOUR_MS = 3_600_000
/** An hour each over four and a half years before, and half a year behind, the window. */
const startOf = (i: number) => new Date(START + i * 0.9 * HOUR_MS)
const isInWindow = (i: number) => {
  const at = startOf(i).getTime()
  return at + HOUR_MS / 2 > Date.parse('2026-11-22T08:00:00Z') && at < Date.parse('2026-12-21T08:00:00Z')
}
const inWindow = Array.from({ length: EVENTS }, (_, i) => i).filter(isInWindow).length
// What is kept of them all would be more than the heap has.
const words = 'Agenda, minutes of the last time and what everybody promised to bring. '.repeat(40)

interface Ask {
  heapMb: number
  sync: { settings: Record<string, string>; databaseUrl: string; dataDir: string; calendarId: string }
}

/** Syncs in a process with so much heap. */
async function syncApart({ heapMb, sync }: Ask): Promise<SyncResult> {
  const env = { ...process.env, SYNC: JSON.stringify({ ...sync, now: '2026-11-23T08:00:00Z' }) }
  const { stdout } = await run(process.execPath, [`--max-old-space-size=${heapMb}`, script], { env })
  return JSON.parse(stdout)
}

// Facts, row 63.
test('a Google calendar of 50,000 events and 140 MB is read and planned in 112 MB of heap', async () => {
  await using world = await createGoogleWorld()
  const calendar = world.google.as(ana)
  for (let i = 0; i < EVENTS; i++) {
    calendar.insert({ summary: `Meeting ${i}`, description: words, ...timed(startOf(i), 30, 'Europe/Berlin') })
  }
  const calendarId = await world.connect(ana)
  const { databaseUrl, dataDir } = world
  const { settings } = world
  const result = await syncApart({ heapMb: 112, sync: { settings, databaseUrl, dataDir, calendarId } })
  expect(result).toMatchObject({ outcome: 'changed', changes: inWindow })
  const { countAll } = world.app.db.fn
  expect(await world.app.db.selectFrom('calendarItem').select(countAll().as('count')).execute()).toEqual([
    { count: String(EVENTS) },
  ])
  expect(await findBrokenInvariants(world.app.db)).toEqual([])
}, 300_000)

test('a feed of 50,000 events and 10 MB is read and planned in 256 MB of heap', async () => {
  await using world = await createTestApp()
  const stamp = (at: Date) => `${at.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`
  const events = Array.from({ length: EVENTS }, (_, i) => [
    ...[`UID:${i}@example.com`, `SUMMARY:Meeting ${i}`, `DTSTART:${stamp(startOf(i))}`, 'DURATION:PT30M'],
    'LOCATION:https://meet.google.com/abc-defg-hij',
  ])
  const address = path.join(world.dataDir, 'ana.ics')
  await writeFile(address, icsFeed(...events))
  const { id: calendarId } = await connectByAddress(world.app, { provider: 'ics', address, owner: ana })
  const { databaseUrl, dataDir } = world
  const result = await syncApart({ heapMb: 256, sync: { settings: {}, databaseUrl, dataDir, calendarId } })
  expect(result).toMatchObject({ outcome: 'changed', changes: inWindow })
  expect(await findBrokenInvariants(world.app.db)).toEqual([])
}, 300_000)
