import { OPUS_RATE_HZ, WIDEBAND_RATE_HZ } from '../../../../formats/opus/packet-length.ts'

const TAPS = 63
const FACTOR = OPUS_RATE_HZ / WIDEBAND_RATE_HZ
// Below half of 16 kHz, so that what cannot be told at that rate does not come back as hissing in the voice.
const CUTOFF_HZ = 7_200

/** Weights of a low-pass: a sinc under a Blackman window, their sum 1. */
export function lowPassWeights(): Float32Array {
  const weights = new Float32Array(TAPS)
  const middle = (TAPS - 1) / 2
  let sum = 0
  for (let i = 0; i < TAPS; i++) {
    const x = (2 * Math.PI * CUTOFF_HZ * (i - middle)) / OPUS_RATE_HZ
    const phase = (2 * Math.PI * i) / (TAPS - 1)
    const window = 0.42 - 0.5 * Math.cos(phase) + 0.08 * Math.cos(2 * phase)
    weights[i] = (i === middle ? 1 : Math.sin(x) / x) * window
    sum += weights[i] as number
  }
  return weights.map((weight) => weight / sum)
}

/** Makes 48 kHz blocks, whose length three divides, into 16 kHz ones of 16 bits. Blocks of one voice in order; `reset` where it begins anew. */
export function createDecimator() {
  const weights = lowPassWeights()
  const history = new Float32Array(TAPS - 1)
  return {
    reset: () => history.fill(0),
    push(block: Float32Array): Int16Array {
      const joined = new Float32Array(history.length + block.length)
      joined.set(history)
      joined.set(block, history.length)
      history.set(joined.subarray(joined.length - history.length))
      const result = new Int16Array(block.length / FACTOR)
      for (let i = 0; i < result.length; i++) {
        let sum = 0
        const start = i * FACTOR
        for (let k = 0; k < TAPS; k++) sum += (joined[start + k] as number) * (weights[k] as number)
        result[i] = Math.max(-32_768, Math.min(32_767, Math.round(sum * 32_767)))
      }
      return result
    },
  }
}
