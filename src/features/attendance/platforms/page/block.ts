import { PACKET_MS, PACKET_SAMPLES } from '../../../../formats/opus/packet-length.ts'

/** A block becomes one packet; its samples are those of 48 kHz, one channel. */
export const BLOCK_SAMPLES = PACKET_SAMPLES
export const BLOCK_MS = PACKET_MS

/** Root of the mean square, 0 to 1. */
export function loudnessOf(block: Float32Array): number {
  let sum = 0
  for (let i = 0; i < block.length; i++) {
    const sample = block[i] as number
    sum += sample * sample
  }
  return Math.sqrt(sum / block.length)
}
