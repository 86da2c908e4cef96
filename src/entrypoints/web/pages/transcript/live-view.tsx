import {
  buildTurns,
  limitTranscript,
  type MeetingPeopleDeps,
  nameSpeakers,
  readTranscript,
  type Transcript,
} from '../../../../features/transcripts/index.ts'
import { inSnapshot } from '../../../../platform/db/index.ts'
import { type MeetingToRead, type Reader, readMeetingToRead } from '../../reader.ts'
import { type Phase, phaseOf } from './transcript-phase.ts'
import { PendingItems, TurnItems } from './turn-list.tsx'

/** A live transcript as of one instant, for everybody who follows it, with who may. */
export interface LiveView {
  /** What a reader's right is judged by; undefined where there is no such meeting any more. */
  meeting: MeetingToRead | undefined
  /** All of it, or what somebody heard who was only in the room: that is made for them alone, and never out of what is made for others. */
  shownTo(reader: Pick<Reader, 'heard'>): ShownTranscript
}

/** What somebody reads of it. */
export interface ShownTranscript {
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
export async function readLiveView(deps: MeetingPeopleDeps, meetingId: string): Promise<LiveView> {
  const [transcript, meeting] = await inSnapshot(deps.db, async (trx) => [
    await readTranscript(trx, meetingId),
    await readMeetingToRead({ ...deps, db: trx }, meetingId),
  ])
  const whole = show(transcript)
  const limited = new Map<string, ShownTranscript>()
  return {
    meeting,
    shownTo({ heard }) {
      if (!heard) return whole
      const name = JSON.stringify(heard)
      const shown = limited.get(name) ?? show(transcript && limitTranscript(transcript, heard))
      limited.set(name, shown)
      return shown
    },
  }
}

function show(transcript: Transcript | undefined): ShownTranscript {
  const lastWritten = (transcript?.utterances ?? []).reduce((last, { seq }) => Math.max(last, seq), 0)
  return {
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
