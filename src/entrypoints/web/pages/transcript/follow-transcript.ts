import { isAppError } from '../../../../base/errors.ts'
import type { MeetingToRead, Reader } from '../../reader.ts'
import type { LiveSeat } from './live-transcripts.ts'
import { frame, type ShownTranscript } from './live-view.tsx'
import type { Phase } from './transcript-phase.ts'

interface FollowOptions {
  /** What the reader has. */
  afterSeq: number
  seat: LiveSeat
  /** Who reads, and what of it; rejects once this reader may read no more of a meeting. */
  requireReader(meeting: MeetingToRead | undefined): Promise<Pick<Reader, 'heard'>>
}

/**
 * What happens to a transcript from a sequence number on, as frames of an event stream. `turns` replaces every turn from an index on and
 * has the sequence number as its id; `phase` says how far the transcript is. Ends with the last phase, and with the reader's right.
 */
export async function* followTranscript({ afterSeq, seat, requireReader }: FollowOptions): AsyncGenerator<Uint8Array> {
  let seq = afterSeq
  let phase: Phase | undefined
  let labels: ShownTranscript['labels'] = new Map()
  yield line('retry: 2000')
  for (;;) {
    const next = await seat.next()
    if (!next) return
    const { view, isQuiet } = next
    const reader = await readerNow(() => seat.ask(() => requireReader(view.meeting)))
    if (!reader) {
      // Whatever the page compares this with, it asks for itself anew, and is told why.
      yield frame('phase', 'closed')
      return
    }
    const shown = view.shownTo(reader)
    const isRenamed = [...labels].some(([id, label]) => shown.labels.get(id) !== label)
    labels = shown.labels
    if (shown.hasAfter(seq) || isRenamed) {
      yield shown.turnsAfter(isRenamed ? 0 : seq)
      seq = shown.lastSeq
    }
    if (shown.phase !== phase) {
      phase = shown.phase
      yield frame('phase', phase)
    }
    if (phase === 'over') return
    if (isQuiet) yield line(': still here')
  }
}

/** Whatever keeps us from knowing ends the stream as well: the reader's browser asks again, and is told. */
async function readerNow<R>(ask: () => Promise<R>): Promise<R | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (isAppError(error)) return undefined
    throw error
  }
}

function line(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\n\n`)
}
