/** Blocks of one voice, or of the mix, that are ready. */
interface Ready {
  index: number
  packet: Uint8Array
  pcm: Int16Array | null
}

interface Run {
  voice: string | null
  owner: string | null
  /** Number of the first block. */
  from: number
  /** Bytes of each packet. */
  sizes: number[]
  /** Whether samples follow the packets: of 16 bits, at 16 kHz. */
  hasPcm: boolean
}

/**
 * Collects what is ready and sends it as one text: base64 of a length (4 bytes, little-endian), that many bytes of JSON, and the runs' bytes
 * in the same order. A run is blocks of one voice without a gap between.
 */
export function createOutbox(send: (text: string) => void, ownerOf: (voice: string) => string | null) {
  const ready = new Map<string | null, Ready[]>()
  return {
    put(voice: string | null, block: Ready) {
      const blocks = ready.get(voice)
      if (blocks) blocks.push(block)
      else ready.set(voice, [block])
    },
    flush(more: Record<string, unknown>) {
      const runs: Run[] = []
      const pieces: Uint8Array[] = []
      for (const [voice, blocks] of ready) {
        for (const run of contiguousRuns(blocks)) {
          const [first] = run
          if (!first) continue
          const sizes = run.map(({ packet }) => packet.length)
          const owner = voice === null ? null : ownerOf(voice)
          runs.push({ voice, owner, from: first.index, sizes, hasPcm: first.pcm !== null })
          pieces.push(...run.map(({ packet }) => packet))
          for (const { pcm } of run) if (pcm) pieces.push(new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength))
        }
      }
      ready.clear()
      const header = new TextEncoder().encode(JSON.stringify({ ...more, runs }))
      const length = new Uint8Array(new Uint32Array([header.length]).buffer)
      send(base64Of(joinBytes([length, header, ...pieces])))
    },
  }
}

function contiguousRuns(blocks: Ready[]): Ready[][] {
  const runs: Ready[][] = []
  let previous = Number.NaN
  for (const block of blocks) {
    if (block.index === previous + 1) runs.at(-1)?.push(block)
    else runs.push([block])
    previous = block.index
  }
  return runs
}

function joinBytes(pieces: Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    joined.set(piece, at)
    at += piece.length
  }
  return joined
}

function base64Of(bytes: Uint8Array): string {
  const modern = bytes as Uint8Array & { toBase64?: () => string }
  if (modern.toBase64) return modern.toBase64()
  let text = ''
  for (let at = 0; at < bytes.length; at += 8_192) text += String.fromCharCode(...bytes.subarray(at, at + 8_192))
  return btoa(text)
}
