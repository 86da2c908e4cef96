import type { Clock } from '../../base/clock.ts'
import { isAppError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { readOggOpus } from '../../formats/ogg/read-ogg-opus.ts'
import { writeOggOpus } from '../../formats/ogg/write-ogg-opus.ts'
import { PACKET_MS, WIDEBAND_PACKET_SAMPLES } from '../../formats/opus/packet-length.ts'
import { type Database, inTransaction } from '../../platform/db/index.ts'
import { type Queue, sendJobs } from '../../platform/jobs/index.ts'
import type { Logger } from '../../platform/observe/index.ts'
import { type AudioStep, dropSteps, endPartsOfLostBots, readSteps } from '../recordings/index.ts'
import { transcribeUtteranceJob } from './jobs.ts'
import { settleTranscript } from './settle-transcript.ts'
import { openPacketDecoder } from './speech/decode-packets.ts'
import type { SileroModel } from './speech/silero.ts'
import { VoiceRecorder } from './speech/voice-recorder.ts'
import { listStoredVoices, lockVoice, type StoredVoice } from './stored-voice-store.ts'
import { appendUtterance, finishUtterance } from './utterance-store.ts'

interface RecoverDeps {
  db: Database
  queue: Queue
  clock: Clock
  log: Pick<Logger, 'error'>
  /** Tells voices from noise; undefined where the model is missing. */
  openVoices(): Promise<SileroModel | undefined>
}

/** Some 1 MB at a time. */
const STEPS_A_PAGE = 25

/**
 * Cuts what is stored of a meeting's voices and was not cut when their worker was lost into utterances, and has them transcribed; then the
 * steps go. All of it comes from the database, so any machine may do it. May be interrupted anywhere, run twice and at once: each
 * utterance is stored under the voice's lock, and whoever comes next goes on where the last one ends.
 */
export async function recoverSpeech(
  deps: RecoverDeps,
  { meetingId, signal }: { meetingId: string; signal?: AbortSignal },
): Promise<void> {
  const now = deps.clock.now()
  await inTransaction(deps.db, (trx) => endPartsOfLostBots(trx, meetingId, now))
  for (const voice of await listStoredVoices(deps.db, meetingId, now)) await recoverVoice(deps, voice, signal)
  await settleTranscript(deps, meetingId)
}

async function recoverVoice(deps: RecoverDeps, found: StoredVoice, signal?: AbortSignal): Promise<void> {
  let voice = found
  const store = async (piece: StoredPiece) => {
    voice = await storePiece(deps, voice, piece)
  }
  const detector = (await deps.openVoices())?.createDetector()
  const recorder = new VoiceRecorder({
    ...(detector === undefined ? {} : { detector }),
    onSpeech: ({ startMs, durationMs, packets }) =>
      store({ startedMs: startMs, durationMs, opus: writeOggOpus(packets), isReadable: true }),
  })
  using decoder = await openPacketDecoder()
  const stepIds: string[] = []
  for await (const step of stepsOf(deps.db, found)) {
    signal?.throwIfAborted()
    stepIds.push(step.id)
    if (step.startedMs + step.durationMs <= found.cutUntilMs) continue
    const packets = readPackets(step)
    if (packets === undefined) {
      deps.log.error('A stored step of a voice cannot be read', { stepId: step.id })
      await recorder.end()
      await store({ ...step, isReadable: false })
      continue
    }
    const samples = decoder.decode(packets)
    // What was cut before has only warmed the decoder up.
    const skipped = Math.max(0, Math.ceil((found.cutUntilMs - step.startedMs) / PACKET_MS))
    await recorder.push({
      startedMs: step.startedMs + skipped * PACKET_MS,
      packets: packets.slice(skipped),
      pcm: samples.subarray(skipped * WIDEBAND_PACKET_SAMPLES),
    })
  }
  await recorder.end()
  await inTransaction(deps.db, async (trx) => {
    await lockVoice(trx, voice)
    await dropSteps(trx, stepIds)
  })
}

interface StoredPiece {
  startedMs: number
  durationMs: number
  opus: Uint8Array
  isReadable: boolean
}

/** Stores one utterance of a voice that is still cut only as far as we know; answers how far it is cut now. */
async function storePiece(deps: RecoverDeps, voice: StoredVoice, piece: StoredPiece): Promise<StoredVoice> {
  const { meetingId, participantId } = voice
  const id = newId()
  const [startedMs, durationMs] = [Math.round(piece.startedMs), Math.round(piece.durationMs)]
  const now = deps.clock.now()
  await inTransaction(deps.db, async (trx) => {
    await lockVoice(trx, voice)
    const opus = Buffer.from(piece.opus)
    await appendUtterance(trx, { id, meetingId, participantId, startedMs, durationMs, opus }, now)
    if (piece.isReadable)
      await sendJobs(deps.queue, trx, [{ job: transcribeUtteranceJob, payload: { utteranceId: id } }])
    else await finishUtterance(trx, id, { state: 'failed' }, now)
  })
  return { ...voice, cutUntilMs: Math.max(voice.cutUntilMs, startedMs + durationMs) }
}

async function* stepsOf(db: Database, { meetingId, participantId }: StoredVoice): AsyncGenerator<AudioStep> {
  let after: AudioStep | undefined
  do {
    const page = await readSteps(db, { meetingId, participantId, limit: STEPS_A_PAGE, ...(after ? { after } : {}) })
    yield* page
    after = page.at(-1)
  } while (after)
}

function readPackets(step: AudioStep): Uint8Array[] | undefined {
  try {
    const { packets, channels } = readOggOpus(step.opus)
    return channels === 1 && packets.length * PACKET_MS === step.durationMs ? packets : undefined
  } catch (error) {
    if (isAppError(error, 'ogg_damaged')) return undefined
    throw error
  }
}
