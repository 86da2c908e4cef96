import { MINUTE_MS, SECOND_MS } from '../../base/time.ts'
import type { BotsGoing, RecordedPart } from './transcript.ts'

/** When no bot recorded, on the time line of the recording. */
export interface MissingStretch {
  fromMs: number
  toMs: number
  /** Between two parts, or from the last one to the meeting's planned end. */
  place: 'between' | 'end'
  /** What took the bot away that recorded before. */
  going: BotsGoing | null
}

/** One bot that follows another without a seam misses nothing that anybody could have said. */
const SEAM_MS = SECOND_MS
/** A bot that goes this shortly before the planned end misses nothing worth a word. */
const NEAR_END_MS = MINUTE_MS

/**
 * What is missing of a recording, its parts given in the order of their start: a bot was lost and another came, or it was lost or sent away
 * before the end and none came back. `endsMs`: the meeting's planned end; null while a bot may still come.
 */
export function missingStretches(parts: readonly RecordedPart[], endsMs: number | null): MissingStretch[] {
  const stretches: MissingStretch[] = []
  let recordedUntilMs = 0
  let going: BotsGoing | null = null
  for (const part of parts) {
    if (part.startedMs - recordedUntilMs >= SEAM_MS)
      stretches.push({ fromMs: recordedUntilMs, toMs: part.startedMs, place: 'between', going })
    const endedMs = part.endedMs ?? Number.POSITIVE_INFINITY
    if (endedMs >= recordedUntilMs) going = part.going
    recordedUntilMs = Math.max(recordedUntilMs, endedMs)
  }
  if (endsMs !== null && going !== null && endsMs - recordedUntilMs >= NEAR_END_MS)
    stretches.push({ fromMs: recordedUntilMs, toMs: endsMs, place: 'end', going })
  return stretches
}
