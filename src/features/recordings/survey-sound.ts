import { AppError, isAppError } from '../../base/errors.ts'
import { type Mp4Head, readMp4Head } from '../../formats/mp4/read-mp4-head.ts'
import { readOggOpus } from '../../formats/ogg/read-ogg-opus.ts'
import { isRegularPacket, SILENCE } from '../../formats/opus/opus-packet.ts'
import { PACKET_MS } from '../../formats/opus/packet-length.ts'
import type { BlobStore } from '../../platform/blobs/index.ts'
import type { Database } from '../../platform/db/index.ts'
import type { Logger } from '../../platform/observe/index.ts'
import type { Piece } from './plan-timeline.ts'
import type { AudioStep } from './recording.ts'
import { readSteps } from './step-store.ts'

/** Sound that a file can be made of, without the sound itself: its packets' lengths and where they are. */
export interface SoundPiece extends Piece {
  sizes: Uint16Array
  /** A step, or the place in the file that was finished before. */
  origin: { stepId: string } | { fileKey: string; offset: number }
}

export interface Survey {
  pieces: SoundPiece[]
  /** Samples to drop at the start of the file. */
  preSkip: number
  /** Every step that was looked at, the unreadable ones too. */
  stepIds: string[]
}

interface SurveyDeps {
  db: Database
  blobs: BlobStore
  log: Logger
}

/** Some 1 MB at a time. */
const STEPS_A_PAGE = 25
/** Half a second. Shorter silence inside a finished file is copied with the sound around it. */
const GAP_PACKETS = 500 / PACKET_MS

/** Looks through the file that was finished before, if any, and all stored steps of the mix. Two bytes are kept for each packet. */
export async function surveySound(
  deps: SurveyDeps,
  input: { meetingId: string; fileKey: string | null; signal?: AbortSignal | undefined },
): Promise<Survey> {
  const before = input.fileKey === null ? undefined : await surveyFile(deps.blobs, input.fileKey)
  const survey: Survey = { pieces: before?.pieces ?? [], preSkip: before?.preSkip ?? 0, stepIds: [] }
  let after: AudioStep | undefined
  do {
    input.signal?.throwIfAborted()
    const query = { meetingId: input.meetingId, participantId: null, limit: STEPS_A_PAGE }
    const page = await readSteps(deps.db, after ? { ...query, after } : query)
    for (const step of page) addStep(deps, survey, step)
    after = page.at(-1)
  } while (after)
  return survey
}

/** One step that cannot be read is silence, and costs no other. */
function addStep(deps: SurveyDeps, survey: Survey, step: AudioStep): void {
  survey.stepIds.push(step.id)
  const stream = readStep(step.opus)
  if (!stream) {
    deps.log.error('A stored step of sound cannot be read', { stepId: step.id, botId: step.botId })
    return
  }
  if (survey.pieces.length === 0) survey.preSkip = stream.preSkip
  survey.pieces.push({
    source: step.botId,
    startedMs: step.startedMs,
    packetCount: stream.packets.length,
    sizes: Uint16Array.from(stream.packets, (packet) => packet.length),
    origin: { stepId: step.id },
  })
}

/** The packets of a step; undefined where they are damaged or no packets of ours. */
export function readStep(opus: Uint8Array): { packets: Uint8Array[]; preSkip: number } | undefined {
  try {
    const stream = readOggOpus(opus)
    return stream.packets.every(isRegularPacket) ? stream : undefined
  } catch (error) {
    if (isAppError(error, 'ogg_damaged')) return undefined
    throw error
  }
}

/** A finished file as the stretches between its long silences, so that sound found later can still fill those. */
async function surveyFile(blobs: BlobStore, fileKey: string): Promise<{ pieces: SoundPiece[]; preSkip: number }> {
  const { sizes, preSkip, soundAt } = await readHead(blobs, fileKey)
  const pieces: SoundPiece[] = []
  for (const { from, to } of findStretches(sizes)) {
    const packets = sizes.subarray(from.packet, to)
    const origin = { fileKey, offset: soundAt + from.bytes }
    const startedMs = from.packet * PACKET_MS
    pieces.push({ source: fileKey, startedMs, packetCount: packets.length, sizes: packets, origin })
  }
  return { pieces, preSkip }
}

/** Throws `recording_damaged` for a file that this program did not write. */
async function readHead(blobs: BlobStore, fileKey: string): Promise<Mp4Head> {
  try {
    return await readMp4Head((start, end) => readAll(blobs.open(fileKey, { start, end })))
  } catch (error) {
    if (!isAppError(error, 'mp4_damaged')) throw error
    throw new AppError('recording_damaged', 'A stored recording is not a file that this program wrote.', {
      cause: error,
    })
  }
}

/** Runs of packets without long silence; the first one begins with the first packet, whose delay is skipped. */
function findStretches(sizes: Uint16Array): { from: { packet: number; bytes: number }; to: number }[] {
  const stretches: { from: { packet: number; bytes: number }; to: number }[] = []
  let from: { packet: number; bytes: number } | undefined = { packet: 0, bytes: 0 }
  let bytes = 0
  let quiet = 0
  for (const [packet, size] of sizes.entries()) {
    if (size !== SILENCE.length) {
      from ??= { packet, bytes }
      quiet = 0
    } else if (++quiet === GAP_PACKETS && from) {
      const to = packet + 1 - GAP_PACKETS
      if (to > from.packet) stretches.push({ from, to })
      from = undefined
    }
    bytes += size
  }
  // Silence at the very end is kept by its last packet, or the file would become shorter.
  const end = from ?? { packet: sizes.length - 1, bytes: bytes - SILENCE.length }
  if (sizes.length > 0) stretches.push({ from: end, to: sizes.length })
  return stretches
}

async function readAll(content: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of content) chunks.push(chunk)
  return Buffer.concat(chunks)
}
