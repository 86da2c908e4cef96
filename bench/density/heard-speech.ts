import type { OpenRecording } from '../../src/features/recordings/index.ts'
import { decodeOggOpus } from '../../src/features/transcripts/index.ts'
import { readMp4Head } from '../../src/formats/mp4/read-mp4-head.ts'
import { writeOggOpus } from '../../src/formats/ogg/write-ogg-opus.ts'
import { PACKET_MS, WIDEBAND_PACKET_SAMPLES } from '../../src/formats/opus/packet-length.ts'
import { packetsOf } from './clip-packets.ts'
import type { Saying } from './speaker.ts'

/** From a packet being sent to its sound: the network, the listener's buffer, and what it grows by when the machine is busy. */
const LATEST_BLOCKS = 60
const EARLIEST_BLOCKS = -5
/** A listener stretches and squeezes sound by so much within a sentence. */
const LOOSE_BLOCKS = 3
const LOUD = 0.02
/** What is softer than this share of what was sent was not heard. */
const HEARD_SHARE = 0.2

/** How much of what was sent is in a recording. */
interface Heard {
  /** Speech that was sent, pauses between words left out. */
  spokenMs: number
  missingMs: number
  durationMs: number
}

/** Compares the loudness of a finished recording with that of the clips sent into its room, packet by packet. */
export async function compareWithSent(
  recording: OpenRecording,
  startedAt: Date,
  sent: { beganAt: Date; says: readonly Saying[] },
): Promise<Heard> {
  const recorded = loudnessOf(await decode(recording))
  const heard: Heard = { spokenMs: 0, missingMs: 0, durationMs: recording.durationMs }
  for (const { clip, atMs } of sent.says) {
    const from = Math.round((sent.beganAt.getTime() - startedAt.getTime() + atMs) / PACKET_MS)
    const { spoken, missing } = countMissing(await loudnessOfClip(clip), recorded, from)
    heard.spokenMs += spoken * PACKET_MS
    heard.missingMs += missing * PACKET_MS
  }
  return heard
}

/** How many blocks of a clip are speech, and how many of these are not in a recording into which it was said at block `from`, or a little later. */
export function countMissing(
  said: Float32Array,
  recorded: Float32Array,
  from: number,
): { spoken: number; missing: number } {
  const begin = from + likeliestDelay(said, recorded, from)
  let [spoken, missing] = [0, 0]
  for (const [i, loudness] of said.entries()) {
    if (loudness < LOUD) continue
    spoken++
    const around = recorded.subarray(Math.max(0, begin + i - LOOSE_BLOCKS), Math.max(0, begin + i + LOOSE_BLOCKS + 1))
    if (Math.max(0, ...around) < loudness * HEARD_SHARE) missing++
  }
  return { spoken, missing }
}

async function decode(recording: OpenRecording): Promise<Float32Array> {
  const read = async (start: number, end: number) => {
    const pieces: Uint8Array[] = []
    for await (const piece of recording.read({ start, end })) pieces.push(piece)
    return Buffer.concat(pieces)
  }
  const { sizes, preSkip, soundAt } = await readMp4Head(read)
  const sound = await read(soundAt, recording.sizeBytes)
  const packets: Uint8Array[] = []
  let at = 0
  for (const size of sizes) {
    packets.push(sound.subarray(at, at + size))
    at += size
  }
  return decodeOggOpus(writeOggOpus(packets, { preSkip }))
}

const clipLoudness = new Map<string, Promise<Float32Array>>()

function loudnessOfClip(clip: string): Promise<Float32Array> {
  const known = clipLoudness.get(clip) ?? decodeOggOpus(writeOggOpus([...packetsOf(clip)])).then(loudnessOf)
  clipLoudness.set(clip, known)
  return known
}

/** Root of the mean square of each block. */
function loudnessOf(samples: Float32Array): Float32Array {
  return Float32Array.from({ length: Math.floor(samples.length / WIDEBAND_PACKET_SAMPLES) }, (_, block) => {
    let sum = 0
    for (let i = block * WIDEBAND_PACKET_SAMPLES; i < (block + 1) * WIDEBAND_PACKET_SAMPLES; i++)
      sum += (samples[i] as number) ** 2
    return Math.sqrt(sum / WIDEBAND_PACKET_SAMPLES)
  })
}

/** By how many blocks what was recorded is later than what was said, so that both are loud at the same places. */
function likeliestDelay(said: Float32Array, recorded: Float32Array, from: number): number {
  let best = { delay: 0, likeness: Number.NEGATIVE_INFINITY }
  for (let delay = EARLIEST_BLOCKS; delay <= LATEST_BLOCKS; delay++) {
    let likeness = 0
    for (const [i, loudness] of said.entries()) likeness += loudness * (recorded[from + delay + i] ?? 0)
    if (likeness > best.likeness) best = { delay, likeness }
  }
  return best.delay
}
