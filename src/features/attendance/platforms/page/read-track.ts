import { OPUS_RATE_HZ } from '../../../../formats/opus/packet-length.ts'
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
const SAMPLES_PER_MS = OPUS_RATE_HZ / 1_000

/** Frames are read in bunches: to be woken for each costs the page more than all that is done with it. */
const REST_MS = 100
/** A frame that waited for less than this is the last of its bunch. */
const FRESH_MS = 30
const FORGET_MS = 0.01
/** A track that sends nothing is not waited for. */
const CATCH_UP_MS = 200

export interface TrackReader {
  /** Resolves when everything that was heard so far has been read. */
  catchUp(): Promise<void>
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
  const monoSamplesOf = createMonoReader()
  const isLastOfBunch = createBunchJudge()

  let wake = () => {}
  let caughtUp = Promise.withResolvers<void>()

  function rest(): Promise<void> {
    caughtUp.resolve()
    caughtUp = Promise.withResolvers()
    return new Promise((resolve) => {
      wake = resolve
      setTimeout(resolve, REST_MS)
    })
  }

  async function read(): Promise<void> {
    for (;;) {
      const { done, value } = await reader.read()
      if (done || !value) return
      const [timestampMs, elapsedMs] = [value.timestamp / 1_000, options.elapsedMs()]
      // Whoever reads late reads what was heard earlier; the frame's own time says how much.
      framer.push(monoSamplesOf(value), timestampMs, elapsedMs)
      value.close()
      if (isLastOfBunch(elapsedMs - timestampMs)) await rest()
    }
  }

  void read()
    .catch(() => {})
    .finally(() => {
      player.srcObject = null
      void reader.cancel().catch(() => {})
      caughtUp.resolve()
      options.onEnd()
    })
  return {
    catchUp() {
      wake()
      return Promise.race([caughtUp.promise, new Promise<void>((resolve) => setTimeout(resolve, CATCH_UP_MS))])
    },
  }
}

/** Reads frames as one channel, into memory that the next frame is read into as well. */
function createMonoReader() {
  let [mono, other] = [new Float32Array(0), new Float32Array(0)]
  return (audio: AudioData): Float32Array => {
    const length = audio.numberOfFrames
    if (mono.length !== length) mono = new Float32Array(length)
    audio.copyTo(mono, { planeIndex: 0, format: 'f32-planar' })
    if (audio.numberOfChannels === 1) return mono
    if (other.length !== length) other = new Float32Array(length)
    audio.copyTo(other, { planeIndex: 1, format: 'f32-planar' })
    for (let i = 0; i < length; i++) mono[i] = ((mono[i] as number) + (other[i] as number)) / 2
    return mono
  }
}

/** Tells by how long after its own time each frame is read whether it is the last of its bunch: it hardly waited. */
export function createBunchJudge(): (delayMs: number) => boolean {
  let leastDelayMs = Number.POSITIVE_INFINITY
  return (delayMs) => {
    // Not a number before the recording, whose first frame has to be a fresh one: until then each is read as it comes.
    if (Number.isNaN(delayMs)) return false
    // The least delay is forgotten slowly, since no two clocks run alike.
    leastDelayMs = Math.min(leastDelayMs + FORGET_MS, delayMs)
    return delayMs - leastDelayMs < FRESH_MS
  }
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
