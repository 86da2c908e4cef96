import { SAMPLE_RATE } from '../provider.ts'

const HEADER_BYTES = 44

/** A WAV file of 16-bit samples, which every transcription server reads. */
export function encodeWav(audio: Float32Array): Uint8Array<ArrayBuffer> {
  const dataBytes = audio.length * 2
  const view = new DataView(new ArrayBuffer(HEADER_BYTES + dataBytes))
  const name = (at: number, text: string) => {
    for (let i = 0; i < 4; i++) view.setUint8(at + i, text.charCodeAt(i))
  }
  name(0, 'RIFF')
  view.setUint32(4, HEADER_BYTES - 8 + dataBytes, true)
  name(8, 'WAVE')
  name(12, 'fmt ')
  view.setUint32(16, 16, true)
  view.setUint16(20, 1, true)
  view.setUint16(22, 1, true)
  view.setUint32(24, SAMPLE_RATE, true)
  view.setUint32(28, SAMPLE_RATE * 2, true)
  view.setUint16(32, 2, true)
  view.setUint16(34, 16, true)
  name(36, 'data')
  view.setUint32(40, dataBytes, true)
  for (let i = 0; i < audio.length; i++) {
    const sample = Math.min(1, Math.max(-1, audio[i] as number))
    view.setInt16(HEADER_BYTES + i * 2, Math.round(sample * 0x7fff), true)
  }
  return new Uint8Array(view.buffer)
}
