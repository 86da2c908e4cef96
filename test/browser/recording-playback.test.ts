import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import {
  appendAudioStep,
  finishRecording,
  openRecording,
  readRecording,
  startPart,
} from '../../src/features/recordings/index.ts'
import { seedMeeting } from '../../src/features/recordings/testdata/recorded-meeting.ts'
import { answerRange } from '../../src/formats/byte-range/answer-range.ts'
import { type BlobStore, createDiskBlobs } from '../../src/platform/blobs/index.ts'
import type { RunningBrowser } from '../../src/platform/browser/index.ts'
import { inTransaction } from '../../src/platform/db/index.ts'
import { createLogger } from '../../src/platform/observe/index.ts'
import { launchTestBrowser } from '../support/browser.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { createLogCapture } from '../support/log-capture.ts'

/** What is heard from which second on; the second bot comes after a gap. */
const TONES = [
  { atS: 0, hz: 400, bot: 0 },
  { atS: 10, hz: 800, bot: 0 },
  { atS: 20, hz: 1_200, bot: 0 },
  { atS: 45, hz: 600, bot: 1 },
  { atS: 55, hz: 1_000, bot: 1 },
]
const END_S = 65

describe('A finished recording in a browser', () => {
  let database: TestDatabase
  let folder: string
  let blobs: BlobStore
  let running: RunningBrowser
  let browser: Browser
  let page: Page
  let server: Server
  let meetingId: string
  const asked: string[] = []

  beforeAll(async () => {
    database = await createTestDatabase()
    folder = await mkdtemp(path.join(os.tmpdir(), 'rapporteur-media-'))
    blobs = createDiskBlobs(folder)
    server = createServer((request, response) => void serve(request, response)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    running = await launchTestBrowser(['--autoplay-policy=no-user-gesture-required'])
    browser = running.browser
    page = await browser.newPage()
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    meetingId = await recordTones()
  })
  afterAll(async () => {
    await running?.[Symbol.asyncDispose]()
    server?.closeAllConnections()
    await database?.[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  test('is as long as the meeting was, gap included, and knows it before it plays', async () => {
    const durationS = await page.evaluate(loadSound)
    expect(Math.abs(durationS - END_S)).toBeLessThanOrEqual(0.05)
    expect((await readRecording(database.db, meetingId))?.durationMs).toBeCloseTo(durationS * 1_000, -1)
  })

  test.each([
    [60, 1_000],
    [5, 400],
    [50, 600],
    [25, 1_200],
    [12, 800],
    [46, 600],
  ])('sounds right from second %d: %d Hz', async (atS, hz) => {
    expect(Math.abs((await page.evaluate(listenAt, atS)) - hz)).toBeLessThanOrEqual(15)
  })

  test('changes from one tone to the next where it should, to 20 ms, and is silent in between', async () => {
    const changes = await page.evaluate(findChanges)
    const expected = [...TONES.slice(1, 3).map(({ atS }) => atS), 30, 45, 55]
    expect(changes.map((at) => Math.round(at))).toEqual(expected)
    for (const [i, at] of changes.entries()) expect(Math.abs(at - (expected[i] ?? 0))).toBeLessThanOrEqual(0.02)
  })

  test('was fetched in ranges', () => {
    expect(asked.length).toBeGreaterThan(0)
    expect(asked.every((range) => range.startsWith('bytes='))).toBe(true)
  })

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url !== '/sound') {
      response.setHeader('content-type', 'text/html').end('<!doctype html><title>Sound</title><audio></audio>')
      return
    }
    const file = await openRecording({ db: database.db, blobs }, meetingId)
    if (!file) throw new Error('no recording')
    const { range, 'if-range': ifRange } = request.headers
    if (request.headers['sec-fetch-dest'] === 'audio') asked.push(range ?? 'no range')
    const answer = answerRange({
      method: request.method ?? 'GET',
      range,
      ifRange: String(ifRange ?? '') || undefined,
      ...file,
    })
    response.writeHead(answer.status, answer.headers)
    // A player that jumps drops the answer it no longer wants.
    if (answer.body) await pipeline(Readable.from(file.read(answer.body)), response).catch(() => {})
    else response.end()
  }

  async function recordTones(): Promise<string> {
    const { db } = database
    const seeded = await seedMeeting(db, 2)
    const beganAt = systemClock.now()
    for (const bot of [0, 1]) {
      const tones = TONES.filter((tone) => tone.bot === bot)
      const startedMs = (tones[0]?.atS ?? 0) * 1_000
      const encoded = await page.evaluate(
        encodeTones,
        tones.map(({ hz }) => hz),
      )
      const packets = encoded.map((packet) => Uint8Array.from(packet))
      const botId = seeded.botIds[bot] as string
      await inTransaction(db, async (trx) => {
        const startedAt = new Date(beganAt.getTime() + startedMs)
        await startPart(trx, { meetingId: seeded.meetingId, botId, startedAt, now: beganAt })
        for (let first = 0; first < packets.length; first += 400) {
          await appendAudioStep(trx, {
            meetingId: seeded.meetingId,
            botId,
            participantId: null,
            startedMs: startedMs + first * 20,
            packets: packets.slice(first, first + 400),
            preSkip: first === 0 ? 312 : 0,
          })
        }
      })
    }
    const log = createLogger({ level: 'warn', destination: createLogCapture() })
    await finishRecording({ db, blobs, clock: systemClock, log }, { meetingId: seeded.meetingId })
    return seeded.meetingId
  }
})

// What follows runs in the page.

/** Ten seconds of each tone as Opus packets of 20 ms, by the browser's own encoder. */
async function encodeTones(tones: number[]): Promise<number[][]> {
  const packets: number[][] = []
  const encoder = new AudioEncoder({
    output: (chunk) => {
      const bytes = new Uint8Array(chunk.byteLength)
      chunk.copyTo(bytes)
      packets.push([...bytes])
    },
    error: (error) => {
      throw error
    },
  })
  encoder.configure({ codec: 'opus', sampleRate: 48_000, numberOfChannels: 1, bitrate: 24_000 })
  for (const [index, hz] of tones.entries()) {
    for (let block = 0; block < 100; block++) {
      const data = Float32Array.from({ length: 4_800 }, (_, i) => {
        const at = (block * 4_800 + i) / 48_000
        return 0.5 * Math.sin(2 * Math.PI * hz * at)
      })
      const timestamp = (index * 100 + block) * 100_000
      encoder.encode(
        new AudioData({
          format: 'f32',
          sampleRate: 48_000,
          numberOfChannels: 1,
          numberOfFrames: 4_800,
          timestamp,
          data,
        }),
      )
    }
  }
  await encoder.flush()
  return packets.slice(0, tones.length * 500)
}

async function loadSound(): Promise<number> {
  const audio = document.querySelector('audio') as HTMLAudioElement
  audio.preload = 'metadata'
  await new Promise((resolve, reject) => {
    audio.onloadedmetadata = resolve
    audio.onerror = () => reject(new Error(audio.error?.message))
    audio.src = '/sound'
  })
  return audio.duration
}

/** Jumps, plays, and answers the loudest frequency once something is heard. */
async function listenAt(atS: number): Promise<number> {
  const audio = document.querySelector('audio') as HTMLAudioElement
  const shared = window as unknown as { analyser?: AnalyserNode }
  if (!shared.analyser) {
    const context = new AudioContext({ sampleRate: 48_000 })
    shared.analyser = new AnalyserNode(context, { fftSize: 4_096, smoothingTimeConstant: 0 })
    context.createMediaElementSource(audio).connect(shared.analyser).connect(context.destination)
    await context.resume()
  }
  const { analyser } = shared
  audio.pause()
  await new Promise((resolve) => {
    audio.onseeked = resolve
    audio.currentTime = atS
  })
  await audio.play()
  const levels = new Float32Array(analyser.frequencyBinCount)
  // What was heard before the jump may still be in the window: it has passed when as much has been played.
  for (;;) {
    await new Promise((resolve) => requestAnimationFrame(resolve))
    analyser.getFloatFrequencyData(levels)
    const loudest = levels.indexOf(Math.max(...levels))
    if (audio.currentTime > atS + 0.3 && (levels[loudest] ?? -200) > -40) {
      audio.pause()
      return (loudest * 48_000) / analyser.fftSize
    }
  }
}

/** Decodes the whole and answers the seconds at which the pitch changes, silence being one too. */
async function findChanges(): Promise<number[]> {
  const bytes = await (await fetch('/sound')).arrayBuffer()
  const sound = (await new OfflineAudioContext(1, 48_000, 48_000).decodeAudioData(bytes)).getChannelData(0)
  const windowLength = 480
  const pitches: number[] = []
  // Crossings of zero in 10 ms, twice the pitch over a hundred; silence has none.
  for (let start = 0; start + windowLength <= sound.length; start += windowLength) {
    let crossings = 0
    let loudest = 0
    for (let i = start + 1; i < start + windowLength; i++) {
      const [before, here] = [sound[i - 1] as number, sound[i] as number]
      loudest = Math.max(loudest, Math.abs(here))
      if (before < 0 !== here < 0) crossings++
    }
    pitches.push(loudest < 0.05 ? 0 : crossings)
  }
  const isSteady = (at: number) => [1, 2, 3, 4].every((i) => Math.abs((pitches[at] ?? 0) - (pitches[at + i] ?? 0)) <= 2)
  const changes: number[] = []
  let current = pitches[4] ?? 0
  for (let at = 5; at + 5 < pitches.length; at++) {
    if (!isSteady(at) || Math.abs((pitches[at] ?? 0) - current) <= 2) continue
    changes.push(at / 100)
    current = pitches[at] ?? 0
  }
  return changes
}
