import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { HOUR_MS } from '../../src/base/time.ts'
import {
  appendAudioStep,
  finishRecording,
  openRecording,
  readRecording,
  startPart,
} from '../../src/features/recordings/index.ts'
import { numberedPackets, seedMeeting } from '../../src/features/recordings/testdata/recorded-meeting.ts'
import { type BlobStore, createDiskBlobs } from '../../src/platform/blobs/index.ts'
import { inTransaction } from '../../src/platform/db/index.ts'
import { createLogger } from '../../src/platform/observe/index.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { createLogCapture } from '../support/log-capture.ts'
import { createManualClock } from '../support/manual-clock.ts'

const clock = createManualClock('2026-11-23T10:00:00Z')
const log = createLogger({ level: 'warn', destination: createLogCapture() })

let database: TestDatabase
let folder: string

beforeAll(async () => {
  database = await createTestDatabase()
  folder = await mkdtemp(path.join(os.tmpdir(), 'rapporteur-media-'))
})
afterAll(async () => {
  await database[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

test('four hours become one file without more of it in memory at a time than its index or one step', async () => {
  const { db } = database
  const { meetingId, botIds } = await seedMeeting(db)
  const botId = botIds[0] as string
  const packets = numberedPackets(500, 0, 60)
  await inTransaction(db, async (trx) => {
    await startPart(trx, { meetingId, botId, startedAt: clock.now(), now: clock.now() })
    await appendAudioStep(trx, { meetingId, botId, participantId: null, startedMs: 0, packets, preSkip: 312 })
  })
  // The other steps have the same sound; only their times differ.
  await sql`
    insert into audio_step (meeting_id, bot_id, started_ms, duration_ms, opus)
    select meeting_id, bot_id, at, duration_ms, opus
    from audio_step, generate_series(10000, ${4 * HOUR_MS - 10_000}::int, 10000) as at`.execute(db)

  let largestChunk = 0
  const disk = createDiskBlobs(folder)
  const measured = async function* (content: AsyncIterable<Uint8Array>) {
    let index = true
    for await (const chunk of content) {
      if (!index) largestChunk = Math.max(largestChunk, chunk.length)
      index = false
      yield chunk
    }
  }
  const blobs: BlobStore = { ...disk, put: (key, content) => disk.put(key, measured(content)) }
  expect(await finishRecording({ db, blobs, clock, log }, { meetingId })).toBe('complete')

  const recording = await readRecording(db, meetingId)
  expect(recording?.durationMs).toBe(4 * HOUR_MS - 6)
  expect(largestChunk).toBe(500 * 60)
  // Beside the sound: four bytes of index for each packet and some for each second.
  expect(recording?.sizeBytes).toBeLessThan(720_000 * (60 + 4) + 14_400 * 4 + 1_000)
  const file = await openRecording({ db, blobs }, meetingId)
  const tail: Uint8Array[] = []
  const sizeBytes = file?.sizeBytes ?? 0
  for await (const chunk of file?.read({ start: sizeBytes - 60, end: sizeBytes }) ?? []) tail.push(chunk)
  expect(Buffer.concat(tail)).toEqual(packets.at(-1))
})
