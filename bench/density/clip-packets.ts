import { readFileSync } from 'node:fs'
import path from 'node:path'
import { clipsFolder } from '../../sandbox/voices/clips.ts'
import { readOggOpus } from '../../src/formats/ogg/read-ogg-opus.ts'

/** What libopus sends in place of a packet in which nobody speaks: the table of contents of a packet, and no sound. */
export const SILENCE = Uint8Array.of(0x48)

const known = new Map<string, readonly Uint8Array[]>()

/** A clip of the sandbox as the Opus packets it was made of. */
export function packetsOf(clip: string): readonly Uint8Array[] {
  const packets = known.get(clip) ?? readOggOpus(readFileSync(path.join(clipsFolder, `${clip}.opus`))).packets
  known.set(clip, packets)
  return packets
}
