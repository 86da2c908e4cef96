import { OPUS_RATE_HZ } from '../../../../formats/opus/packet-length.ts'
import { BLOCK_MS, BLOCK_SAMPLES } from './block.ts'

export interface BlockEncoder<T> {
  /** `kept` is handed back with the packet of this block. */
  push(block: Float32Array, kept: T): void
  /** Encodes what was gathered; its packets come a little later. */
  encode(): void
  /** Resolves when every packet is out. */
  finish(): Promise<void>
  close(): void
}

/** Of 10. */
const COMPLEXITY = 1
/** Blocks are gathered up to this many: handing them over one by one costs the page as much as encoding them does. */
const BATCH_BLOCKS = 25

/**
 * Encodes blocks to Opus packets, exactly one each and in order, whatever lies between them in time. An encoder that fails is replaced; what
 * it had not given out is lost and counted.
 */
export function createBlockEncoder<T>(options: {
  bitrate: number
  onPacket: (packet: Uint8Array<ArrayBuffer>, kept: T) => void
  onLost: (count: number) => void
}): BlockEncoder<T> {
  const gathered = new Float32Array(BATCH_BLOCKS * BLOCK_SAMPLES)
  let gatheredBlocks = 0
  let waiting: T[] = []
  let count = 0
  let encoder = open()

  function open(): AudioEncoder {
    const created = new AudioEncoder({
      output(chunk) {
        const kept = waiting.shift()
        // Finishing gives out one packet more than there were blocks: the encoder's own delay.
        if (kept === undefined) return
        const packet = new Uint8Array(chunk.byteLength)
        chunk.copyTo(packet)
        options.onPacket(packet, kept)
      },
      error() {
        options.onLost(waiting.length)
        waiting = []
        gatheredBlocks = 0
        count = 0
        encoder = open()
      },
    })
    // Each step of complexity costs; for speech at these rates the lowest are hardly told from the middle ones.
    const opus = { frameDuration: BLOCK_MS * 1_000, application: 'voip', complexity: COMPLEXITY, format: 'opus' }
    const config = { codec: 'opus', sampleRate: OPUS_RATE_HZ, numberOfChannels: 1, bitrate: options.bitrate, opus }
    created.configure(config as AudioEncoderConfig)
    return created
  }

  function encode(): void {
    if (gatheredBlocks === 0 || encoder.state !== 'configured') return
    const audio = new AudioData({
      format: 'f32-planar',
      sampleRate: OPUS_RATE_HZ,
      numberOfFrames: gatheredBlocks * BLOCK_SAMPLES,
      numberOfChannels: 1,
      timestamp: count * BLOCK_MS * 1_000,
      data: gathered.subarray(0, gatheredBlocks * BLOCK_SAMPLES),
    })
    count += gatheredBlocks
    gatheredBlocks = 0
    encoder.encode(audio)
    audio.close()
  }

  return {
    push(block, kept) {
      if (encoder.state !== 'configured') return options.onLost(1)
      gathered.set(block, gatheredBlocks * BLOCK_SAMPLES)
      waiting.push(kept)
      if (++gatheredBlocks === BATCH_BLOCKS) encode()
    },
    encode,
    finish() {
      encode()
      return encoder.state === 'configured' ? encoder.flush().catch(() => {}) : Promise.resolve()
    },
    close() {
      if (encoder.state !== 'closed') encoder.close()
    },
  }
}
