import { BLOCK_MS, BLOCK_SAMPLES } from './block.ts'

/** Not in the compiler's library: Chromium only. */
interface TrackProcessorGlobal {
  MediaStreamTrackProcessor: new (init: {
    track: MediaStreamTrack
    maxBufferSize?: number
  }) => { readable: ReadableStream<AudioData> }
}

/** Two seconds: a page that was busy for less loses nothing. */
const BUFFERED_FRAMES = 200
/** From here on, what lies between two frames is a gap and not a rounding. */
const GAP_MS = 60
const SAMPLES_PER_MS = 48

export interface TrackReader {
  stop(): void
}

/**
 * Reads a remote audio track as blocks of 20 ms with their numbers, on the grid that all tracks share. Chromium fills a remote track only while something plays
 * it, so a silent element does. A gap in the sound is a gap in the numbers.
 */
export function readTrack(
  track: MediaStreamTrack,
  options: {
    /** Milliseconds since the recording began; not a number before. */
    elapsedMs: () => number
    onBlock: (index: number, block: Float32Array) => void
    onEnd: () => void
  },
): TrackReader {
  const player = new Audio()
  player.muted = true
  player.srcObject = new MediaStream([track])
  void player.play().catch(() => {})
  const { MediaStreamTrackProcessor } = globalThis as unknown as TrackProcessorGlobal
  const reader = new MediaStreamTrackProcessor({ track, maxBufferSize: BUFFERED_FRAMES }).readable.getReader()
  const framer = createFramer(options.onBlock)

  async function read(): Promise<void> {
    for (;;) {
      const { done, value } = await reader.read()
      if (done || !value) return
      // Whoever reads late reads what was heard earlier; the frame's own time says how much.
      framer.push(monoSamplesOf(value), value.timestamp / 1_000, options.elapsedMs())
      value.close()
    }
  }

  const stop = () => {
    player.srcObject = null
    void reader.cancel().catch(() => {})
  }
  void read()
    .catch(() => {})
    .finally(() => {
      stop()
      options.onEnd()
    })
  return { stop }
}

function monoSamplesOf(audio: AudioData): Float32Array {
  const mono = new Float32Array(audio.numberOfFrames)
  audio.copyTo(mono, { planeIndex: 0, format: 'f32-planar' })
  if (audio.numberOfChannels === 1) return mono
  const other = new Float32Array(audio.numberOfFrames)
  audio.copyTo(other, { planeIndex: 1, format: 'f32-planar' })
  for (let i = 0; i < mono.length; i++) mono[i] = ((mono[i] as number) + (other[i] as number)) / 2
  return mono
}

/** Cuts frames of any length into blocks on the grid. */
export function createFramer(onBlock: (index: number, block: Float32Array) => void) {
  let block = new Float32Array(BLOCK_SAMPLES)
  let filled = 0
  let index = -1
  let expectedMs = Number.NaN
  let offsetMs = Number.NaN

  function begin(atMs: number) {
    index = Math.max(index + 1, Math.round(atMs / BLOCK_MS))
    filled = 0
  }

  return {
    push(samples: Float32Array, timestampMs: number, arrivedMs: number) {
      if (Number.isNaN(arrivedMs)) return
      const lengthMs = samples.length / SAMPLES_PER_MS
      // The least delay ever seen is the one without a queue before it.
      const offset = arrivedMs - timestampMs - lengthMs
      if (Number.isNaN(offsetMs) || offset < offsetMs) offsetMs = offset
      const isGap = !(Math.abs(timestampMs - expectedMs) < GAP_MS)
      expectedMs = timestampMs + lengthMs
      if (timestampMs + offsetMs < 0) return
      if (isGap || index < 0) begin(timestampMs + offsetMs)
      for (let from = 0; from < samples.length; ) {
        const part = samples.subarray(from, from + BLOCK_SAMPLES - filled)
        block.set(part, filled)
        filled += part.length
        from += part.length
        if (filled < BLOCK_SAMPLES) return
        onBlock(index, block)
        block = new Float32Array(BLOCK_SAMPLES)
        filled = 0
        index++
      }
    },
  }
}
