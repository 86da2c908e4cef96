/** Samples of 20 ms at 48 kHz, one channel. */
export const BLOCK_SAMPLES = 960
export const BLOCK_MS = 20

/** Root of the mean square, 0 to 1. */
export function loudnessOf(block: Float32Array): number {
  let sum = 0
  for (let i = 0; i < block.length; i++) {
    const sample = block[i] as number
    sum += sample * sample
  }
  return Math.sqrt(sum / block.length)
}
