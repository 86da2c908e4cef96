import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  appendAudioStep,
  dropSteps,
  endPart,
  readParts,
  readRecording,
  readSteps,
  startPart,
} from '../../src/features/recordings/index.ts'
import type { NewStep } from '../../src/features/recordings/step-store.ts'
import { numberedPackets, seedMeeting } from '../../src/features/recordings/testdata/recorded-meeting.ts'
import { readOggOpus } from '../../src/formats/ogg/read-ogg-opus.ts'
import { writeOggOpus } from '../../src/formats/ogg/write-ogg-opus.ts'
import { type Database, inTransaction } from '../../src/platform/db/index.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

const STARTED_AT = new Date('2026-11-23T09:00:00Z')

let database: TestDatabase
let db: Database

beforeAll(async () => {
  database = await createTestDatabase()
  db = database.db
})
afterAll(() => database[Symbol.asyncDispose]())

test('the first part begins the recording, and the second one counts from there', async () => {
  const { meetingId, botIds } = await seedMeeting(db, 3)
  const start = (botId: string | undefined, at: string) =>
    inTransaction(db, (trx) =>
      startPart(trx, { meetingId, botId: botId as string, startedAt: new Date(at), now: STARTED_AT }),
    )
  expect(await start(botIds[0], '2026-11-23T09:00:00Z')).toMatchObject({ startedMs: 0 })
  expect(await start(botIds[1], '2026-11-23T09:01:30.500Z')).toMatchObject({ startedMs: 90_500 })
  expect(await start(botIds[1], '2026-11-23T09:05:00Z')).toMatchObject({ startedMs: 90_500 })
  expect(await start(botIds[2], '2026-11-23T08:59:59Z')).toMatchObject({ startedMs: 0 })
  expect(await readRecording(db, meetingId)).toMatchObject({ state: 'recording', startedAt: STARTED_AT })
  await inTransaction(db, (trx) => endPart(trx, { botId: botIds[0] as string, endedMs: 60_000.4 }))
  await inTransaction(db, (trx) => endPart(trx, { botId: botIds[1] as string }))
  const ends = new Map((await readParts(db, meetingId)).map(({ botId, endedMs }) => [botId, endedMs]))
  expect(botIds.map((id) => ends.get(id))).toEqual([60_000, 90_500, null])
})

test('a step is stored once, is read in pages in order of time, and goes when it is dropped', async () => {
  const { meetingId, botIds } = await seedMeeting(db)
  for (const startedMs of [20_000, 0, 10_000, 0]) await append({ meetingId, botId: botIds[0] as string, startedMs })
  const first = await readSteps(db, { meetingId, participantId: null, limit: 2 })
  const after = first.at(-1)
  if (!after) throw new Error('no step')
  const second = await readSteps(db, { meetingId, participantId: null, limit: 2, after })
  expect([first, second].map((page) => page.map(({ startedMs }) => startedMs))).toEqual([[0, 10_000], [20_000]])
  const [step] = first
  expect(readOggOpus(step?.opus as Uint8Array)).toMatchObject({ preSkip: 312, durationMs: 1_000 - 6.5 })
  expect(step?.durationMs).toBe(1_000)
  expect(step?.opus).toEqual(Buffer.from(writeOggOpus(numberedPackets(50), { preSkip: 312 })))
  for (let i = 0; i < 2; i++) {
    await inTransaction(db, (trx) =>
      dropSteps(
        trx,
        first.map(({ id }) => id),
      ),
    )
  }
  expect(await readSteps(db, { meetingId, participantId: null, limit: 10 })).toHaveLength(1)
})

test.each<[string, Partial<NewStep>]>([
  ['no packet', { packets: [] }],
  ['more than 10 s', { packets: numberedPackets(501) }],
  ['packets of 60 ms', { packets: [Uint8Array.of(0x18, 1, 2)] }],
  ['a time before the beginning', { startedMs: -1 }],
  ['a time of another day', { startedMs: 86_400_001 }],
  ['a time that is none', { startedMs: Number.NaN }],
])('a step with %s is refused', async (_, wrong) => {
  const { meetingId, botIds } = await seedMeeting(db)
  await expect(append({ meetingId, botId: botIds[0] as string, startedMs: 0, ...wrong })).rejects.toThrow('A step')
})

function append(step: Partial<NewStep> & Pick<NewStep, 'meetingId' | 'botId' | 'startedMs'>): Promise<void> {
  const whole = { participantId: null, packets: numberedPackets(50), preSkip: 312, ...step }
  return inTransaction(db, (trx) => appendAudioStep(trx, whole))
}
