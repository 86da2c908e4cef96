const HEADER_BYTES = 44

/** A WAV file of one channel with 16-bit samples, of sound from -1 to 1; what is louder is cut to that. */
export function encodeWav(audio: Float32Array, rateHz: number): Uint8Array<ArrayBuffer> {
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
  view.setUint32(24, rateHz, true)
  view.setUint32(28, rateHz * 2, true)
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
