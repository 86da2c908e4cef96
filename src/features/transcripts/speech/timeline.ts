import { SAMPLE_RATE } from './provider.ts'
import { FRAME_SAMPLES } from './voice-activity.ts'

const SAMPLES_PER_MS = SAMPLE_RATE / 1000
// Capture tells times in milliseconds and a little late or early; only what is further off is a gap.
const JITTER_MS = 80
const LONGEST_OVERLAP_MS = 1_000
/** A stretch without any audio that is longer separates utterances; shorter ones are filled with silence. */
const LONGEST_FILLED_GAP_MS = 700

export type Stretch = { kind: 'frame'; samples: Float32Array; startMs: number } | { kind: 'break' }

/** Makes frames of equal length out of pieces of any length that each know when they began. Nothing that is put in is lost. */
interface Timeline {
  push(samples: Float32Array, startMs: number): Stretch[]
  /** Says that nothing more comes from before `untilMs`. */
  advance(untilMs: number): Stretch[]
  /** What is left, as a whole frame, and a break. */
  end(): Stretch[]
}

export function createTimeline(): Timeline {
  let rest = new Float32Array(0)
  /** When `rest` began; undefined after a break. */
  let restStartMs: number | undefined

  const nextMs = () => (restStartMs ?? 0) + rest.length / SAMPLES_PER_MS

  const take = (samples: Float32Array): Stretch[] => {
    const all = join(rest, samples)
    const stretches: Stretch[] = []
    let at = 0
    for (; at + FRAME_SAMPLES <= all.length; at += FRAME_SAMPLES) {
      const startMs = (restStartMs ?? 0) + at / SAMPLES_PER_MS
      stretches.push({ kind: 'frame', samples: all.slice(at, at + FRAME_SAMPLES), startMs })
    }
    restStartMs = (restStartMs ?? 0) + at / SAMPLES_PER_MS
    rest = all.slice(at)
    return stretches
  }

  const breakOff = (): Stretch[] => {
    if (restStartMs === undefined) return []
    const last = rest.length > 0 ? take(new Float32Array(FRAME_SAMPLES - rest.length)) : []
    restStartMs = undefined
    return [...last, { kind: 'break' }]
  }

  return {
    push: (samples, startMs) => {
      const offMs = restStartMs === undefined ? 0 : startMs - nextMs()
      const before: Stretch[] = []
      if (offMs >= LONGEST_FILLED_GAP_MS || offMs < -LONGEST_OVERLAP_MS) before.push(...breakOff())
      else if (offMs > JITTER_MS) before.push(...take(new Float32Array(Math.round(offMs * SAMPLES_PER_MS))))
      else if (offMs < -JITTER_MS && restStartMs !== undefined) restStartMs += offMs
      restStartMs ??= startMs
      return [...before, ...take(samples)]
    },
    advance: (untilMs) => (restStartMs !== undefined && untilMs - nextMs() >= LONGEST_FILLED_GAP_MS ? breakOff() : []),
    end: breakOff,
  }
}

function join(a: Float32Array, b: Float32Array): Float32Array<ArrayBuffer> {
  const all = new Float32Array(a.length + b.length)
  all.set(a)
  all.set(b, a.length)
  return all
}
