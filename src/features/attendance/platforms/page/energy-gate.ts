interface GateOptions {
  /** Loudness (root mean square) from which a block counts as sound. */
  openAt: number
  /** Blocks before the first loud one that are let through too: words begin softly. */
  prerollBlocks: number
  /** Quiet blocks after the last loud one that are let through: pauses between words. */
  hangoverBlocks: number
}

interface GatedBlock {
  index: number
  block: Float32Array
}

/** Lets blocks through while there is sound, and keeps back what is silent. Blocks come in order; a gap in their numbers empties the preroll. */
export function createEnergyGate({ openAt, prerollBlocks, hangoverBlocks }: GateOptions) {
  let waiting: GatedBlock[] = []
  let openFor = 0
  return (gated: GatedBlock, loudness: number): GatedBlock[] => {
    const last = waiting.at(-1)
    if (last && last.index + 1 !== gated.index) waiting = []
    if (loudness >= openAt) openFor = hangoverBlocks + 1
    if (openFor > 0) {
      openFor--
      const passed = [...waiting, gated]
      waiting = []
      return passed
    }
    waiting.push(gated)
    if (waiting.length > prerollBlocks) waiting.shift()
    return []
  }
}
