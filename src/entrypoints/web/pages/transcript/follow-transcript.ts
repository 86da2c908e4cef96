import { isAppError } from '../../../../base/errors.ts'
import type { MeetingToRead } from '../../reader.ts'
import type { LiveSeat } from './live-transcripts.ts'
import { frame, type LiveView } from './live-view.tsx'
import type { Phase } from './transcript-phase.ts'

export interface FollowOptions {
  /** What the reader has. */
  afterSeq: number
  seat: LiveSeat
  /** Rejects once this reader may read no more of a meeting. */
  requireReader(meeting: MeetingToRead | undefined): Promise<unknown>
}

/**
 * What happens to a transcript from a sequence number on, as frames of an event stream. `turns` replaces every turn from an index on and
 * has the sequence number as its id; `phase` says how far the transcript is. Ends with the last phase, and with the reader's right.
 */
export async function* followTranscript({ afterSeq, seat, requireReader }: FollowOptions): AsyncGenerator<Uint8Array> {
  let seq = afterSeq
  let phase: Phase | undefined
  let labels: LiveView['labels'] = new Map()
  yield line('retry: 2000')
  for (;;) {
    const next = await seat.next()
    if (!next) return
    const { view, isQuiet } = next
    if (!(await mayGoOn(() => seat.ask(() => requireReader(view.meeting))))) {
      // Whatever the page compares this with, it asks for itself anew, and is told why.
      yield frame('phase', 'closed')
      return
    }
    const isRenamed = [...labels].some(([id, label]) => view.labels.get(id) !== label)
    labels = view.labels
    if (view.hasAfter(seq) || isRenamed) {
      yield view.turnsAfter(isRenamed ? 0 : seq)
      seq = view.lastSeq
    }
    if (view.phase !== phase) {
      phase = view.phase
      yield frame('phase', phase)
    }
    if (phase === 'over') return
    if (isQuiet) yield line(': still here')
  }
}

/** Whatever keeps us from knowing ends the stream as well: the reader's browser asks again, and is told. */
async function mayGoOn(ask: () => Promise<unknown>): Promise<boolean> {
  try {
    await ask()
    return true
  } catch (error) {
    if (isAppError(error)) return false
    throw error
  }
}

function line(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\n\n`)
}
