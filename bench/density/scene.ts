import { setTimeout as wait } from 'node:timers/promises'
import { takeTurns } from '../../sandbox/room/people/take-turns.ts'
import { findClip } from '../../sandbox/voices/clips.ts'
import type { App } from '../../src/app.ts'
import { describeError } from '../../src/base/errors.ts'
import { listBots } from '../../src/features/bots/index.ts'
import { askForBot } from '../../src/features/meetings/index.ts'
import { openRecording, readRecording } from '../../src/features/recordings/index.ts'
import { readTranscript, type Transcript } from '../../src/features/transcripts/index.ts'
import { countWordErrors } from '../../test/support/word-error-rate.ts'
import { until, whileItMoves } from '../patience.ts'
import { compareWithSent } from './heard-speech.ts'
import type { Part } from './messages.ts'
import { startLightPeople } from './people.ts'
import { type Costs, costsBetween, postmasterOf, readCosts } from './process-costs.ts'
import type { Stage } from './stage.ts'
import { startBenchWorker } from './worker.ts'

const START_PATIENCE_MS = 90_000
/** From the beginning of the talk to what is measured, and from what is measured to its end. */
const SETTLE_MS = 5_000

export interface SceneInput {
  bots: number
  botsPerHost: number
  /** How long is measured while people talk. */
  measuredMs: number
}

/** What a scene showed. Times of CPU are what processes used, and depend little on who else uses the machine. */
export interface SceneFigures extends SceneInput {
  /** Used while people talked, memory at the end of it. */
  costs: Costs
  /** Used from the order to the last bot in its room. */
  startCosts: Costs
  startMs: number
  /** Bots that recorded to the end without a second attempt. */
  recorded: number
  spokenMs: number
  missingMs: number
  packetsSent: number
  packetsLost: number
  wordErrorRate: number
  /** From the people's leaving until the last transcript was complete. */
  textLagMs: number
  /** Milliseconds by which the people were late, at most. */
  peopleLateMs: number
}

interface RoomOfScene {
  meetingId: string
  name: string
  parts: Part[]
}

let count = 0

/** Bots in rooms of their own, two people each who take turns, from the order to the last word of text. */
export async function playScene(stage: Stage, input: SceneInput): Promise<SceneFigures> {
  const { app, sandbox } = stage
  const { bots, botsPerHost, measuredMs } = input
  const settings = { BOTS_PER_HOST: String(botsPerHost), BOTS_MAX: String(bots), LOG_LEVEL: 'error' }
  await using worker = await startBenchWorker(stage, settings)
  await using people = startLightPeople()
  const roots = { worker: worker.pid, people: people.pid, database: await postmasterOf(app.db) }
  const talkMs = SETTLE_MS + measuredMs

  const beforeStart = readCosts(roots)
  const orderedAtMs = performance.now()
  const rooms: RoomOfScene[] = []
  for (let i = 0; i < bots; i++) rooms.push(await sendBot(stage, `density-${++count}`, i, talkMs))
  await untilRecording(app, rooms)
  const startMs = performance.now() - orderedAtMs
  const startCosts = costsBetween(beforeStart, readCosts(roots))

  const parts = rooms.flatMap((room) => room.parts)
  await people.join(sandbox.origin, parts)
  const beganAt = await people.begin()
  await wait(SETTLE_MS)
  const before = readCosts(roots)
  await wait(measuredMs)
  const costs = costsBetween(before, readCosts(roots))
  // Sentences that have begun are ended.
  await wait(LONGEST_CLIP_MS)
  const leftAtMs = Date.now()
  const left = await people.leave()
  const transcripts = await untilText(app, rooms)

  const heard = await hearRooms(app, rooms, transcripts, beganAt)
  const settledAtMs = Math.max(...transcripts.map(({ finishedAt }) => finishedAt?.getTime() ?? Date.now()))
  return {
    ...input,
    costs,
    startCosts,
    startMs,
    ...heard,
    packetsSent: left.sent.packets,
    packetsLost: left.sent.packetsLost,
    textLagMs: settledAtMs - leftAtMs,
    peopleLateMs: left.latestMs,
  }
}

const SPEAKERS = [
  { name: 'Ana Lima', clips: ['slt-opening', 'slt-question', 'slt-closing'] },
  { name: 'Ben Roth', clips: ['rms-agreement', 'rms-delivery', 'rms-promise'] },
]
const LONGEST_CLIP_MS =
  Math.max(...SPEAKERS.flatMap(({ clips }) => clips.map((clip) => findClip(clip).durationMs))) + 500

async function sendBot({ app, sandbox }: Stage, name: string, index: number, talkMs: number): Promise<RoomOfScene> {
  const url = `${sandbox.origin}/rooms/${name}`
  const meeting = await askForBot(
    { ...app.reconcile, db: app.db },
    { room: { platform: 'sandbox', roomId: url, url }, by: 'bench' },
  )
  // Rooms do not say the same at the same time.
  const speakers = index % 2 === 0 ? SPEAKERS : SPEAKERS.toReversed()
  const cast = takeTurns({ speakers, startsAtMs: (index * 370) % 3_000, endsAtMs: talkMs })
  const parts = cast.map(({ name: person, says = [] }) => ({ room: name, name: person, says }))
  return { meetingId: meeting.id, name, parts }
}

async function untilRecording(app: App, rooms: readonly RoomOfScene[]): Promise<void> {
  const ids = rooms.map(({ meetingId }) => meetingId)
  const isRecorded = async () => {
    const parts = await app.db.selectFrom('part').select('botId').where('meetingId', 'in', ids).execute()
    return parts.length >= rooms.length
  }
  await until('all bots record', isRecorded, START_PATIENCE_MS).catch(async (error: unknown) => {
    throw new Error(`${describeError(error)} (${await tellBots(app, rooms)})`, { cause: error })
  })
}

/** Until there is nothing more to come: the bots have left, their recordings are finished, and all speech is text. */
async function untilText(app: App, rooms: readonly RoomOfScene[]): Promise<Transcript[]> {
  let transcripts: Transcript[] = []
  await whileItMoves(async () => {
    const read = await Promise.all(rooms.map(({ meetingId }) => readTranscript(app.db, meetingId)))
    transcripts = read.filter((one) => one !== undefined)
    const isOver = read.every((one) => one?.finishedAt && !UNFINISHED.includes(one.recording?.state ?? ''))
    const texts = transcripts.map(
      ({ utterances, recording }) =>
        `${utterances.filter(({ state }) => state !== 'heard').length} of ${utterances.length} texts, recording ${recording?.state}`,
    )
    return { isOver, told: `${await tellBots(app, rooms)}; ${texts.join(', ')}` }
  })
  return transcripts
}

const UNFINISHED: readonly string[] = ['recording', 'finishing']

async function tellBots({ db }: App, rooms: readonly RoomOfScene[]): Promise<string> {
  const bots = await listBots(
    db,
    rooms.map(({ meetingId }) => meetingId),
  )
  return bots.map(({ state, end }) => [state, end].filter(Boolean).join(' ')).join(', ')
}

/** Compares what is stored with what was said. */
async function hearRooms(app: App, rooms: readonly RoomOfScene[], transcripts: readonly Transcript[], beganAt: Date) {
  const sum = { recorded: 0, spokenMs: 0, missingMs: 0, errors: 0, words: 0 }
  for (const [i, { meetingId, parts }] of rooms.entries()) {
    const recording = await openRecording(app, meetingId)
    const facts = await readRecording(app.db, meetingId)
    const says = parts.flatMap((part) => part.says)
    if (recording && facts) {
      const heard = await compareWithSent(recording, facts.startedAt, { beganAt, says })
      sum.spokenMs += heard.spokenMs
      sum.missingMs += heard.missingMs
      if (transcripts[i]?.parts.length === 1) sum.recorded++
    }
    const inOrder = says.toSorted((a, b) => a.atMs - b.atMs)
    const said = inOrder.map(({ clip }) => findClip(clip).text).join(' ')
    const text = transcripts[i]?.utterances.map((one) => one.text).join(' ') ?? ''
    const { errors, words } = countWordErrors(said, text)
    sum.errors += errors
    sum.words += words
  }
  const { errors, words, ...rest } = sum
  return { ...rest, wordErrorRate: errors / words }
}
