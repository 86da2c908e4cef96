/** `live` while a bot listens, `finishing` while stored speech is still being transcribed; the others are final. */
export type TranscriptState = 'live' | 'finishing' | 'complete' | 'partial' | 'failed' | 'none'

/** `heard`: not text yet; `done`: text, or a language we cannot write; `empty`: nothing was said; `failed`: it could not be transcribed. */
export type UtteranceState = 'heard' | 'done' | 'empty' | 'failed'

/** One person's continuous speech. Times run from the first recorded sample, in milliseconds. */
export interface Utterance {
  id: string
  participantId: string
  /** Rises within a meeting with every write. */
  seq: number
  startedMs: number
  durationMs: number
  state: UtteranceState
  text: string
  /** 0 to 1; null where the speech provider does not say. */
  confidence: number | null
  /** As in "de"; "und" for one that was not recognised, null where nothing is known. */
  language: string | null
}

/** Somebody who was in the room, as one bot saw them. */
export interface Participant {
  id: string
  botId: string
  /** What the platform calls them there. */
  nativeId: string
  /** Null where the platform does not say. */
  name: string | null
  joinedAt: Date
  leftAt: Date | null
}

/** How a bot came to leave before its meeting was over: through a fault, or because somebody wanted it. Or its reader was not there. */
export interface BotsGoing {
  how: 'lost' | 'sent_away' | 'reader_away'
  /** Sub-type of what ended its stay. */
  subType: string | null
}

/** When one bot recorded; `endedMs` is null while it does. */
export interface RecordedPart {
  startedMs: number
  endedMs: number | null
  /** Null where it stayed until there was no more reason to. */
  going: BotsGoing | null
}

export interface RecordingFacts {
  state: 'recording' | 'finishing' | 'complete' | 'failed' | 'none'
  startedAt: Date
  durationMs: number | null
  /** Where the file to listen to begins: later than 0 where only one of several attempts' files is kept. */
  fileStartedMs: number
  /** The other meetings whose sound that file holds as well. */
  alsoOf: readonly string[]
}

/** What was said in a meeting, as far as it is known. */
export interface Transcript {
  state: TranscriptState
  /** Everything up to this sequence number is in `utterances`. */
  lastSeq: number
  finishedAt: Date | null
  recording: RecordingFacts | null
  /** The meeting's planned end, where no bot comes any more. */
  endsMs: number | null
  parts: readonly RecordedPart[]
  /** Everybody but our own bots. */
  participants: readonly Participant[]
  /** In the order of their start, the empty ones included. */
  utterances: readonly Utterance[]
}

const finalStates: ReadonlySet<TranscriptState> = new Set(['complete', 'partial', 'failed', 'none'])

/** Whether nothing more is expected. */
export function isFinished(state: TranscriptState): boolean {
  return finalStates.has(state)
}

/** What is known when a meeting's speech has all been dealt with. */
export interface TranscriptFacts {
  hasAudio: boolean
  /** False after a gap or a late join. */
  isWhole: boolean
  doneCount: number
  failedCount: number
}

/** How a transcript ends: `complete` also where nobody spoke, `failed` where there is audio and none of its speech became text. */
export function outcomeOf({ hasAudio, isWhole, doneCount, failedCount }: TranscriptFacts): TranscriptState {
  if (!hasAudio) return 'none'
  if (failedCount > 0 && doneCount === 0) return 'failed'
  return isWhole && failedCount === 0 ? 'complete' : 'partial'
}
