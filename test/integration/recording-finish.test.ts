import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { KyselyPlugin } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FinishDeps } from '../../src/features/recordings/finish-recording.ts'
import {
  appendAudioStep,
  endPart,
  finishRecording,
  finishRecordingJob,
  openRecording,
  readParts,
  readRecording,
  readSteps,
  startPart,
} from '../../src/features/recordings/index.ts'
import { numberedPackets, seedMeeting } from '../../src/features/recordings/testdata/recorded-meeting.ts'
import { readMp4Head } from '../../src/formats/mp4/read-mp4-head.ts'
import { SILENCE } from '../../src/formats/opus/opus-packet.ts'
import { type BlobStore, createDiskBlobs } from '../../src/platform/blobs/index.ts'
import { type Database, inTransaction } from '../../src/platform/db/index.ts'
import { createLogger } from '../../src/platform/observe/index.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { createLogCapture } from '../support/log-capture.ts'
import { createManualClock } from '../support/manual-clock.ts'

const STARTED_AT = new Date('2026-11-23T09:00:00Z')
const clock = createManualClock('2026-11-23T10:00:00Z')
const logs = createLogCapture()
const log = createLogger({ level: 'debug', destination: logs })

let database: TestDatabase
let db: Database
let folder: string
let blobs: BlobStore
let deps: FinishDeps

beforeAll(async () => {
  database = await createTestDatabase()
  db = database.db
  folder = await mkdtemp(path.join(os.tmpdir(), 'rapporteur-media-'))
  blobs = createDiskBlobs(folder)
  deps = { db, blobs, clock, log }
})
afterAll(async () => {
  await database[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

describe('A finished recording', () => {
  test('has every packet at its time, silence between the parts, and no steps left', async () => {
    const { meetingId, botIds } = await seedMeeting(db, 2)
    const [first, second] = botIds as [string, string]
    await begin(meetingId, first, 0)
    await add(meetingId, first, 0, 0, 500)
    await add(meetingId, first, 10_000, 500, 250)
    await end(first)
    await begin(meetingId, second, 20_000)
    await add(meetingId, second, 20_000, 1_000, 100)
    await end(second, 22_000)

    expect(await finishRecording(deps, { meetingId })).toBe('complete')

    expect(await numbersIn(meetingId)).toEqual([...range(0, 750), ...silence(250), ...range(1_000, 1_100)])
    const recording = await readRecording(db, meetingId)
    expect(recording).toMatchObject({ state: 'complete', endedAt: new Date('2026-11-23T09:00:22Z') })
    expect(recording?.durationMs).toBe(21_994)
    expect(await stepsOf(meetingId)).toEqual([])
    const file = await openRecording(deps, meetingId)
    expect(file?.sizeBytes).toBe(recording?.sizeBytes)
  })

  test('is the same however often and by how many it is made', async () => {
    const { meetingId } = finishRecordingJob.payload.parse(await record([[0, 0, 500]]))
    await Promise.all([finishRecording(deps, { meetingId }), finishRecording(deps, { meetingId })])
    const before = await readRecording(db, meetingId)
    expect(await finishRecording(deps, { meetingId })).toBe('complete')
    expect(await readRecording(db, meetingId)).toEqual(before)
    expect(await numbersIn(meetingId)).toEqual(range(0, 500))
    expect(await blobs.list(`recordings/${meetingId}`)).toEqual([before?.fileKey])
  })

  test('is opened again by a later bot, whose sound is added behind what was there', async () => {
    const { meetingId, botIds } = await record([[0, 0, 100]], 2)
    await finishRecording(deps, { meetingId })
    const old = await readRecording(db, meetingId)
    const later = botIds[1] as string
    await begin(meetingId, later, 5_000)
    expect((await readRecording(db, meetingId))?.state).toBe('recording')
    expect((await openRecording(deps, meetingId))?.sizeBytes).toBe(old?.sizeBytes)
    await add(meetingId, later, 5_000, 700, 50)
    await end(later)

    expect(await finishRecording(deps, { meetingId })).toBe('complete')

    expect(await numbersIn(meetingId)).toEqual([...range(0, 100), ...silence(150), ...range(700, 750)])
    expect(await blobs.list(`recordings/${meetingId}`)).toHaveLength(1)
  })

  test('takes in a step that was stored late, where there was silence', async () => {
    const { meetingId, botIds } = await record([
      [0, 0, 100],
      [10_000, 500, 100],
    ])
    await finishRecording(deps, { meetingId })
    await add(meetingId, botIds[0] as string, 4_000, 200, 50)
    await finishRecording(deps, { meetingId })
    expect(await numbersIn(meetingId)).toEqual([
      ...range(0, 100),
      ...silence(100),
      ...range(200, 250),
      ...silence(250),
      ...range(500, 600),
    ])
  })

  test('stays open while another bot has begun, and keeps the steps of persons', async () => {
    const { meetingId, botIds } = await record([[0, 0, 100]], 2)
    const participantId = await addPerson(meetingId, botIds[0] as string)
    await inTransaction(db, (trx) =>
      appendAudioStep(trx, {
        meetingId,
        botId: botIds[0] as string,
        participantId,
        startedMs: 0,
        packets: numberedPackets(10),
        preSkip: 312,
      }),
    )
    const busy: FinishDeps = {
      ...deps,
      blobs: {
        ...blobs,
        put: async (key, content) => {
          const size = await blobs.put(key, content)
          await begin(meetingId, botIds[1] as string, 3_000)
          return size
        },
      },
    }
    expect(await finishRecording(busy, { meetingId })).toBe('recording')
    expect(await numbersIn(meetingId)).toEqual(range(0, 100))
    expect(await readSteps(db, { meetingId, participantId, limit: 10 })).toHaveLength(1)
  })

  test('without any sound is none, of a meeting nobody recorded nothing, and with unreadable sound alone failed', async () => {
    const silent = await seedMeeting(db)
    expect(await finishRecording(deps, { meetingId: silent.meetingId })).toBeUndefined()
    await begin(silent.meetingId, silent.botIds[0] as string, 0)
    expect(await finishRecording(deps, { meetingId: silent.meetingId })).toBe('none')
    expect(await openRecording(deps, silent.meetingId)).toBeUndefined()

    const broken = await record([[0, 0, 100]])
    await db
      .updateTable('audioStep')
      .set({ opus: Buffer.from('x') })
      .where('meetingId', '=', broken.meetingId)
      .execute()
    expect(await finishRecording(deps, { meetingId: broken.meetingId })).toBe('failed')
    expect(await stepsOf(broken.meetingId)).toHaveLength(1)
  })

  test('has silence in place of a step that cannot be read, and says so', async () => {
    const { meetingId } = await record([
      [0, 0, 500],
      [10_000, 500, 500],
      [20_000, 1_000, 10],
    ])
    const [, middle] = await stepsOf(meetingId)
    await db
      .updateTable('audioStep')
      .set({ opus: Buffer.from('x') })
      .where('id', '=', middle?.id as string)
      .execute()
    await finishRecording(deps, { meetingId })
    expect(await numbersIn(meetingId)).toEqual([...range(0, 500), ...silence(500), ...range(1_000, 1_010)])
    expect(logs.text()).toContain('A stored step of sound cannot be read')
  })

  test('ends parts that were left open with their last step', async () => {
    const { meetingId, botIds } = await seedMeeting(db)
    await begin(meetingId, botIds[0] as string, 0)
    await add(meetingId, botIds[0] as string, 0, 0, 200)
    await finishRecording(deps, { meetingId })
    expect(await readParts(db, meetingId)).toMatchObject([{ startedMs: 0, endedMs: 4_000 }])
  })
})

describe('Interrupted at any point', () => {
  test('finishing is done again and leaves one right file and nothing beside it', async () => {
    const total = await interruptAt(Number.POSITIVE_INFINITY)
    expect(total).toBeGreaterThan(30)
    for (let point = 1; point <= total; point++) await interruptAt(point)
  })

  test('a stop of the worker ends it between two steps, and nothing is lost', async () => {
    const { meetingId } = await record([[0, 0, 500]])
    const stopped = AbortSignal.abort(new Error('the worker stops'))
    await expect(finishRecording(deps, { meetingId, signal: stopped })).rejects.toThrow('the worker stops')
    expect(await stepsOf(meetingId)).toHaveLength(1)
    expect(await finishRecording(deps, { meetingId })).toBe('complete')
  })
})

/** Finishes a reopened recording with a failure at one point, then as it should be; answers how many points were passed. */
async function interruptAt(failingPoint: number): Promise<number> {
  const { meetingId, botIds } = await record([[0, 0, 100]], 2)
  await finishRecording(deps, { meetingId })
  await begin(meetingId, botIds[1] as string, 3_000)
  for (let i = 0; i < 3; i++) await add(meetingId, botIds[1] as string, 3_000 + i * 2_000, 200 + i * 100, 100)
  await end(botIds[1] as string)

  let point = 0
  const pass = () => {
    if (++point === failingPoint) throw new Error(`interrupted at ${point}`)
  }
  const failing = finishRecording(failAt(pass), { meetingId })
  if (Number.isFinite(failingPoint)) await expect(failing).rejects.toThrow('interrupted at')
  else await failing
  const between = await openRecording(deps, meetingId)
  expect(between?.sizeBytes, `readable after ${failingPoint}`).toBeGreaterThan(0)

  expect(await finishRecording(deps, { meetingId })).toBe('complete')
  expect(await numbersIn(meetingId), `after ${failingPoint}`).toEqual([
    ...range(0, 100),
    ...silence(50),
    ...range(200, 500),
  ])
  const recording = await readRecording(db, meetingId)
  expect(recording).toMatchObject({ state: 'complete', durationMs: 8_994 })
  expect(await blobs.list(`recordings/${meetingId}`)).toEqual([recording?.fileKey])
  expect(await stepsOf(meetingId)).toEqual([])
  return point
}

/** Before and after each statement, each thing asked of the blobs, and each chunk that is read or written. */
function failAt(pass: () => void): FinishDeps {
  const plugin: KyselyPlugin = {
    transformQuery: ({ node }) => {
      pass()
      return node
    },
    transformResult: async ({ result }) => {
      pass()
      return result
    },
  }
  const around = async <T>(work: () => Promise<T>) => {
    pass()
    const result = await work()
    pass()
    return result
  }
  const watched = async function* (content: AsyncIterable<Uint8Array>) {
    for await (const chunk of content) {
      pass()
      yield chunk
    }
    pass()
  }
  const store: BlobStore = {
    put: (key, content) => around(() => blobs.put(key, watched(content))),
    open: (key, part) => watched(blobs.open(key, part)),
    size: (key) => around(() => blobs.size(key)),
    delete: (key) => around(() => blobs.delete(key)),
    list: (prefix) => around(() => blobs.list(prefix)),
    removeLeftDrafts: () => around(() => blobs.removeLeftDrafts()),
  }
  return { ...deps, db: db.withPlugin(plugin), blobs: store }
}

async function record(steps: readonly [startedMs: number, first: number, count: number][], botCount = 1) {
  const seeded = await seedMeeting(db, botCount)
  const botId = seeded.botIds[0] as string
  await begin(seeded.meetingId, botId, 0)
  for (const [startedMs, first, count] of steps) await add(seeded.meetingId, botId, startedMs, first, count)
  await end(botId)
  return seeded
}

function begin(meetingId: string, botId: string, atMs: number) {
  const startedAt = new Date(STARTED_AT.getTime() + atMs)
  return inTransaction(db, (trx) => startPart(trx, { meetingId, botId, startedAt, now: clock.now() }))
}

function add(meetingId: string, botId: string, startedMs: number, first: number, count: number) {
  const step = { meetingId, botId, participantId: null, startedMs, preSkip: startedMs === 0 ? 312 : 0 }
  return inTransaction(db, (trx) => appendAudioStep(trx, { ...step, packets: numberedPackets(count, first) }))
}

function end(botId: string, endedMs?: number) {
  return inTransaction(db, (trx) => endPart(trx, { botId, ...(endedMs === undefined ? {} : { endedMs }) }))
}

async function addPerson(meetingId: string, botId: string): Promise<string> {
  const id = meetingId
  await db
    .insertInto('participant')
    .values({ id, meetingId, botId, nativeId: 'ana', name: 'Ana', joinedAt: STARTED_AT, leftAt: null })
    .execute()
  return id
}

function stepsOf(meetingId: string) {
  return readSteps(db, { meetingId, participantId: null, limit: 1_000 })
}

/** The packets of a finished file by their numbers; -1 is silence. */
async function numbersIn(meetingId: string): Promise<number[]> {
  const file = await openRecording(deps, meetingId)
  if (!file) throw new Error('no file')
  const chunks: Uint8Array[] = []
  for await (const chunk of file.read({ start: 0, end: file.sizeBytes })) chunks.push(chunk)
  const bytes = Buffer.concat(chunks)
  const { sizes, soundAt } = await readMp4Head(async (start, end) => bytes.subarray(start, end))
  let at = soundAt
  const numbers = [...sizes].map((size) => {
    const packet = bytes.subarray(at, at + size)
    at += size
    return packet.equals(SILENCE) ? -1 : packet.readUInt32BE(size - 4)
  })
  expect(at).toBe(bytes.length)
  return numbers
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i)
}

function silence(count: number): number[] {
  return new Array<number>(count).fill(-1)
}
