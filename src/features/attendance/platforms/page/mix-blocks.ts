import { BLOCK_SAMPLES } from './block.ts'

/** A voice that is later than this is not waited for. */
const PATIENCE_BLOCKS = 50
/** What every voice is given to arrive. */
const LATENCY_BLOCKS = 10

/** Adds all voices up. Gives out every block from the first, also where nobody spoke, as soon as all voices are past it or have had their time. */
export function createMixer(onBlock: (index: number, block: Float32Array) => void) {
  const sums = new Map<number, Float32Array>()
  const reached = new Map<string, number>()
  let next = 0

  function isReady(index: number, now: number): boolean {
    if (index > now - LATENCY_BLOCKS) return false
    if (index <= now - PATIENCE_BLOCKS) return true
    for (const at of reached.values()) if (at < index) return false
    return true
  }

  function give(index: number) {
    const sum = sums.get(index)
    sums.delete(index)
    onBlock(index, sum ? limitBlock(sum) : new Float32Array(BLOCK_SAMPLES))
  }

  return {
    add(voice: string, index: number, block: Float32Array) {
      reached.set(voice, index)
      if (index < next) return
      const sum = sums.get(index)
      if (!sum) sums.set(index, block.slice())
      else for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (block[i] as number)
    },
    forget: (voice: string) => void reached.delete(voice),
    /** Gives out what is ready at block `now`. */
    advance(now: number) {
      for (; isReady(next, now); next++) give(next)
    },
    /** Gives out everything before block `now`, complete or not. */
    finish(now: number) {
      for (; next < now; next++) give(next)
    },
  }
}

/** Several loud voices together must not break off at full scale, which crackles: above half of it the curve bends. */
function limitBlock(block: Float32Array): Float32Array {
  for (let i = 0; i < block.length; i++) {
    const sample = block[i] as number
    const size = Math.abs(sample)
    if (size > 0.5) block[i] = Math.sign(sample) * (0.5 + 0.5 * Math.tanh((size - 0.5) * 2))
  }
  return block
}
