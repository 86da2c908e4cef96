import { OpusDecoder } from 'opus-decoder'
import { WIDEBAND_PACKET_SAMPLES } from '../../../formats/opus/packet-length.ts'
import { SAMPLE_RATE } from './provider.ts'

/** Decodes one voice's packets in the order in which they were spoken, so that each is heard with those before it. */
interface PacketDecoder extends Disposable {
  /** 16 kHz mono, `PACKET_MS` for each packet; silence for one that is damaged. */
  decode(packets: readonly Uint8Array[]): Float32Array
}

export async function openPacketDecoder(): Promise<PacketDecoder> {
  const decoder = new OpusDecoder({ sampleRate: SAMPLE_RATE, channels: 1 })
  await decoder.ready
  return {
    decode(packets) {
      const samples = new Float32Array(packets.length * WIDEBAND_PACKET_SAMPLES)
      for (const [i, packet] of packets.entries()) {
        const { channelData } = decoder.decodeFrame(packet)
        samples.set(
          (channelData[0] ?? new Float32Array(0)).subarray(0, WIDEBAND_PACKET_SAMPLES),
          i * WIDEBAND_PACKET_SAMPLES,
        )
      }
      return samples
    },
    [Symbol.dispose]: () => decoder.free(),
  }
}
