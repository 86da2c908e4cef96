import { z } from 'zod'
import { PACKET_MS, WIDEBAND_PACKET_SAMPLES } from '../../../../../formats/opus/packet-length.ts'
import type { AudioEvent } from '../../runner.ts'

/** Of 16 bits. */
const PCM_BYTES_A_BLOCK = 2 * WIDEBAND_PACKET_SAMPLES

const count = z.number().int().nonnegative()
const reportSchema = z.object({
  frames: count,
  sounds: count,
  lost: count,
  connections: count,
  connected: count,
  packets: count,
  runs: z.array(
    z.object({
      voice: z.string().max(100).nullable(),
      owner: z.string().max(500).nullable(),
      from: count,
      sizes: z.array(count).min(1),
      hasPcm: z.boolean(),
    }),
  ),
})

/** Counts since the page began. */
export type CaptureCounts = Omit<z.infer<typeof reportSchema>, 'runs'>

export interface CaptureReport {
  counts: CaptureCounts
  sounds: AudioEvent[]
}

/** Reads what the capture sends out of the page. Undefined for anything else: other scripts of the page can send here too. */
export function readReport(text: string): CaptureReport | undefined {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.length < 4) return undefined
  const bodyAt = 4 + bytes.readUInt32LE(0)
  if (bodyAt > bytes.length) return undefined
  const parsed = reportSchema.safeParse(readJson(bytes.toString('utf8', 4, bodyAt)))
  if (!parsed.success) return undefined
  const { runs, ...counts } = parsed.data
  const sounds: AudioEvent[] = []
  let at = bodyAt
  const take = (length: number) => {
    at += length
    return bytes.subarray(at - length, at)
  }
  for (const { voice, owner, from, sizes, hasPcm } of runs) {
    const packets = sizes.map((size) => Uint8Array.from(take(size)))
    const pcm = hasPcm ? samplesOf(take(sizes.length * PCM_BYTES_A_BLOCK)) : null
    if (at > bytes.length) return undefined
    const times = { startedMs: from * PACKET_MS, durationMs: sizes.length * PACKET_MS }
    sounds.push({ type: 'audio', of: voice === null ? 'mix' : 'voice', nativeId: owner, voice, ...times, packets, pcm })
  }
  return { counts, sounds }
}

function samplesOf(bytes: Buffer): Int16Array {
  // A copy: 16-bit samples have to begin at an even place.
  return new Int16Array(Uint8Array.from(bytes).buffer)
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
