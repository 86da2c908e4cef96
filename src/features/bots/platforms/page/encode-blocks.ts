import { BLOCK_MS, BLOCK_SAMPLES } from './block.ts'

export interface BlockEncoder<T> {
  /** `kept` is handed back with the packet of this block. */
  push(block: Float32Array, kept: T): void
  /** Resolves when every packet is out. */
  finish(): Promise<void>
  close(): void
}

/**
 * Encodes blocks to Opus packets, exactly one each and in order, whatever lies between them in time. An encoder that fails is replaced; what
 * it had not given out is lost and counted.
 */
export function createBlockEncoder<T>(options: {
  bitrate: number
  onPacket: (packet: Uint8Array<ArrayBuffer>, kept: T) => void
  onLost: (count: number) => void
}): BlockEncoder<T> {
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
        count = 0
        encoder = open()
      },
    })
    const opus = { frameDuration: BLOCK_MS * 1_000, application: 'voip', complexity: 5, format: 'opus' }
    const config = { codec: 'opus', sampleRate: 48_000, numberOfChannels: 1, bitrate: options.bitrate, opus }
    created.configure(config as AudioEncoderConfig)
    return created
  }

  return {
    push(block, kept) {
      if (encoder.state !== 'configured') return options.onLost(1)
      waiting.push(kept)
      const audio = new AudioData({
        format: 'f32-planar',
        sampleRate: 48_000,
        numberOfFrames: BLOCK_SAMPLES,
        numberOfChannels: 1,
        timestamp: count++ * BLOCK_MS * 1_000,
        data: block as Float32Array<ArrayBuffer>,
      })
      encoder.encode(audio)
      audio.close()
    },
    finish: () => (encoder.state === 'configured' ? encoder.flush().catch(() => {}) : Promise.resolve()),
    close() {
      if (encoder.state !== 'closed') encoder.close()
    },
  }
}
