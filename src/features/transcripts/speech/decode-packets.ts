import { OpusDecoder } from 'opus-decoder'
import { SAMPLE_RATE } from './provider.ts'

/** At 16 kHz, of 20 ms. */
const SAMPLES_A_PACKET = SAMPLE_RATE / 50

/** Decodes one voice's packets in the order in which they were spoken, so that each is heard with those before it. */
interface PacketDecoder extends Disposable {
  /** 16 kHz mono, 20 ms for each packet; silence for one that is damaged. */
  decode(packets: readonly Uint8Array[]): Float32Array
}

export async function openPacketDecoder(): Promise<PacketDecoder> {
  const decoder = new OpusDecoder({ sampleRate: SAMPLE_RATE, channels: 1 })
  await decoder.ready
  return {
    decode(packets) {
      const samples = new Float32Array(packets.length * SAMPLES_A_PACKET)
      for (const [i, packet] of packets.entries()) {
        const { channelData } = decoder.decodeFrame(packet)
        samples.set((channelData[0] ?? new Float32Array(0)).subarray(0, SAMPLES_A_PACKET), i * SAMPLES_A_PACKET)
      }
      return samples
    },
    [Symbol.dispose]: () => decoder.free(),
  }
}
