import { buildTurns, nameSpeakers, readTranscript, type Transcript } from '../../../../features/transcripts/index.ts'
import { type Database, inSnapshot } from '../../../../platform/db/index.ts'
import { type MeetingToRead, readMeetingToRead } from '../../reader.ts'
import { type Phase, phaseOf } from './transcript-phase.ts'
import { PendingItems, TurnItems } from './turn-list.tsx'

/** A live transcript as of one instant, for everybody who follows it, with who may. */
export interface LiveView {
  /** What a reader's right is judged by; undefined where there is no such meeting any more. */
  meeting: MeetingToRead | undefined
  phase: Phase
  /** What people in the room are called, by their ids. */
  labels: ReadonlyMap<string, string>
  /** Everything up to this number is in it. */
  lastSeq: number
  /** Whether anything was written after a number. */
  hasAfter(seq: number): boolean
  /** A frame that replaces all turns which may differ from what a reader has who has everything up to a number. Made once for all of them. */
  turnsAfter(seq: number): Uint8Array
}

/** Reads all of it as of one instant: the number promises what is there, and who may read no more gets nothing that was written since. */
export async function readLiveView(db: Database, meetingId: string): Promise<LiveView> {
  const [transcript, meeting] = await inSnapshot(db, async (trx) => [
    await readTranscript(trx, meetingId),
    await readMeetingToRead(trx, meetingId),
  ])
  const lastWritten = (transcript?.utterances ?? []).reduce((last, { seq }) => Math.max(last, seq), 0)
  return {
    meeting,
    phase: phaseOf(transcript),
    labels: new Map([...nameSpeakers(transcript?.participants ?? [])].map(([id, { label }]) => [id, label])),
    lastSeq: transcript?.lastSeq ?? 0,
    hasAfter: (seq) => lastWritten > seq,
    turnsAfter: createFrames(transcript),
  }
}

function createFrames(transcript: Transcript | undefined): (seq: number) => Uint8Array {
  const frames = new Map<number, Uint8Array>()
  let built: ReturnType<typeof buildTurns> | undefined
  return (seq) => {
    const known = frames.get(seq)
    if (known || !transcript) return known ?? new Uint8Array()
    built ??= buildTurns(transcript)
    const from = seq === 0 ? 0 : built.firstChangedAfter(seq)
    const made = turnsFrame(transcript, built.turns.slice(from), from)
    frames.set(seq, made)
    return made
  }
}

function turnsFrame(transcript: Transcript, turns: Parameters<typeof TurnItems>[0]['turns'], from: number): Uint8Array {
  const html = (<TurnItems turns={turns} hasAudio={false} />).toString()
  const pending = (<PendingItems transcript={transcript} />).toString()
  return frame('turns', JSON.stringify({ from, html, pending }), transcript.lastSeq)
}

/** One event of a stream. */
export function frame(event: string, data: string, id?: number): Uint8Array {
  return new TextEncoder().encode(`event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${data}\n\n`)
}
