import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { clipsFolder } from '../../sandbox/voices/clips.ts'
import type { SittingWriter } from '../../src/features/attendance/writing/sitting-writer.ts'
import { decodeOggOpus } from '../../src/features/transcripts/index.ts'
import { readOggOpus } from '../../src/formats/ogg/read-ogg-opus.ts'
import { SILENCE } from '../../src/formats/opus/opus-packet.ts'
import { PACKET_MS, WIDEBAND_PACKET_SAMPLES } from '../../src/formats/opus/packet-length.ts'

/** As a bot sends them. */
const PACKETS_A_PIECE = 50

/** What one voice says, as a bot hears it: packets, and the same sound decoded. */
export interface Speech {
  packets: Uint8Array[]
  pcm: Int16Array
}

/** Sentences of the sandbox's people one after the other; a number is a pause of so many milliseconds. */
export async function speak(...said: readonly (string | number)[]): Promise<Speech> {
  const pieces = await Promise.all(said.map((one) => (typeof one === 'number' ? silence(one) : readClip(one))))
  const pcm = new Int16Array(pieces.reduce((sum, piece) => sum + piece.pcm.length, 0))
  let at = 0
  for (const piece of pieces) {
    pcm.set(piece.pcm, at)
    at += piece.pcm.length
  }
  return { packets: pieces.flatMap((piece) => piece.packets), pcm }
}

/** Tells a writer what a voice says from a time on, second by second, with the mix beside it. */
export async function tell(writer: SittingWriter, voice: string, speech: Speech, startedMs = 0): Promise<void> {
  for (let i = 0; i < speech.packets.length; i += PACKETS_A_PIECE) {
    const packets = speech.packets.slice(i, i + PACKETS_A_PIECE)
    const pcm = speech.pcm.slice(i * WIDEBAND_PACKET_SAMPLES, (i + packets.length) * WIDEBAND_PACKET_SAMPLES)
    const sound = {
      type: 'audio' as const,
      startedMs: startedMs + i * PACKET_MS,
      durationMs: packets.length * PACKET_MS,
      packets,
    }
    await writer.apply({ ...sound, of: 'voice', voice, nativeId: voice, pcm })
    await writer.apply({ ...sound, of: 'mix', voice: null, nativeId: null, pcm: null })
  }
}

async function readClip(name: string): Promise<Speech> {
  const bytes = await readFile(path.join(clipsFolder, `${name}.opus`))
  const { packets } = readOggOpus(bytes)
  const audio = await decodeOggOpus(bytes)
  const pcm = new Int16Array(packets.length * WIDEBAND_PACKET_SAMPLES)
  for (const [i, sample] of audio.entries()) if (i < pcm.length) pcm[i] = Math.round(sample * 32_767)
  return { packets, pcm }
}

function silence(ms: number): Speech {
  const count = Math.round(ms / PACKET_MS)
  return {
    packets: Array.from({ length: count }, () => SILENCE),
    pcm: new Int16Array(count * WIDEBAND_PACKET_SAMPLES),
  }
}
