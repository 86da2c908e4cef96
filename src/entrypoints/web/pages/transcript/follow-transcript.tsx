import { isAppError } from '../../../../base/errors.ts'
import {
  buildTurns,
  limitTranscript,
  readTranscript,
  type Transcript,
  type TranscriptFeed,
} from '../../../../features/transcripts/index.ts'
import type { Reader } from '../../reader.ts'
import type { WebDeps } from '../../web-deps.ts'
import { type Phase, phaseOf } from './transcript-phase.ts'
import { PendingItems, TurnItems } from './turn-list.tsx'

export interface FollowOptions {
  meetingId: string
  /** What the reader has. */
  afterSeq: number
  watch: ReturnType<TranscriptFeed['watch']>
  /** Who reads, and what of it; rejects once this reader may read no more. */
  requireReader(): Promise<Pick<Reader, 'heard'>>
}

/**
 * What happens to a transcript from a sequence number on, as frames of an event stream. `turns` replaces every turn from an index on and
 * has the sequence number as its id; `phase` says how far the transcript is. Ends with the last phase, and with the reader's right.
 */
export async function* followTranscript(deps: WebDeps, options: FollowOptions): AsyncGenerator<string> {
  const { meetingId, watch } = options
  let seq = options.afterSeq
  let phase: Phase | undefined
  let names: string | undefined
  yield 'retry: 2000\n\n'
  for (;;) {
    const reader = await readerNow(options)
    if (!reader) {
      // Whatever the page compares this with, it asks for itself anew, and is told why.
      yield frame('phase', 'closed')
      return
    }
    const read = async (afterSeq: number) => {
      const transcript = await readTranscript(deps.db, meetingId, { afterSeq })
      return transcript && reader.heard ? limitTranscript(transcript, reader.heard) : transcript
    }
    const news = await read(seq)
    const heard = news ? namesOf(news) : undefined
    const isRenamed = names !== undefined && names !== heard
    names = heard
    if (news && (news.utterances.length > 0 || isRenamed)) {
      const transcript = (await read(0)) ?? news
      yield turnsFrame(transcript, isRenamed ? 0 : seq)
      seq = transcript.lastSeq
    }
    if (phaseOf(news) !== phase) {
      phase = phaseOf(news)
      yield frame('phase', phase)
    }
    if (phase === 'over') return
    const next = await watch.next(deps.transcripts.beatMs)
    if (next === 'closed') return
    if (next === 'quiet') yield ': still here\n\n'
  }
}

/** Whatever keeps us from knowing ends the stream as well: the reader's browser asks again, and is told. */
async function readerNow({ requireReader }: FollowOptions): Promise<Pick<Reader, 'heard'> | undefined> {
  try {
    return await requireReader()
  } catch (error) {
    if (isAppError(error)) return undefined
    throw error
  }
}

function namesOf({ participants }: Transcript): string {
  return JSON.stringify(participants.map(({ id, name }) => [id, name]))
}

function turnsFrame(transcript: Transcript, afterSeq: number): string {
  const { turns, firstChangedAfter } = buildTurns(transcript)
  const from = afterSeq === 0 ? 0 : firstChangedAfter(afterSeq)
  const html = (<TurnItems turns={turns.slice(from)} hasAudio={false} />).toString()
  const pending = (<PendingItems transcript={transcript} />).toString()
  return frame('turns', JSON.stringify({ from, html, pending }), transcript.lastSeq)
}

function frame(event: string, data: string, id?: number): string {
  return `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${data}\n\n`
}
