/** MPEG-1 layer III, 32 kbit/s, 44.1 kHz, one channel: 104 bytes a frame, of 1,152 samples each. */
const HEADER = [0xff, 0xfb, 0x10, 0xc4]
const FRAME_BYTES = 104
const FRAME_MS = 1_152 / 44.1

/** An MP3 file of silence, for recordings whose sound does not matter. */
export function silentMp3(durationMs: number): Buffer {
  const count = Math.max(1, Math.round(durationMs / FRAME_MS))
  const file = Buffer.alloc(count * FRAME_BYTES)
  for (let i = 0; i < count; i++) file.set(HEADER, i * FRAME_BYTES)
  return file
}
