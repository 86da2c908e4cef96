import { SECOND_MS } from '../../base/time.ts'
import type { RecordedPart } from './transcript.ts'

/** When no bot recorded, on the time line of the recording. */
export interface MissingStretch {
  fromMs: number
  toMs: number
}

/** One bot that follows another without a seam misses nothing that anybody could have said. */
const SEAM_MS = SECOND_MS

/** What lies between the parts of a recording, given in the order of their start: a bot was lost, and another came. */
export function missingStretches(parts: readonly RecordedPart[]): MissingStretch[] {
  const stretches: MissingStretch[] = []
  let recordedUntilMs = 0
  for (const { startedMs, endedMs } of parts) {
    if (startedMs - recordedUntilMs >= SEAM_MS) stretches.push({ fromMs: recordedUntilMs, toMs: startedMs })
    recordedUntilMs = Math.max(recordedUntilMs, endedMs ?? Number.POSITIVE_INFINITY)
  }
  return stretches
}
