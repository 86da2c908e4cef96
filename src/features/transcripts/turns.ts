import { MINUTE_MS, SECOND_MS } from '../../base/time.ts'
import { type MissingStretch, missingStretches } from './missing-stretches.ts'
import { nameSpeakers, type SpeakerLabel } from './name-speakers.ts'
import type { Transcript, Utterance } from './transcript.ts'

/** Text below this confidence is marked as unclear. */
const UNCLEAR_BELOW = 0.5
const MERGE_GAP_MS = 2 * SECOND_MS
const MAX_TURN_LENGTH = 500
/** Shorter pauses are not worth a line. */
const SILENCE_MS = MINUTE_MS

/** One utterance within a turn. */
export interface TurnUtterance {
  startedMs: number
  durationMs: number
  /** Empty where the speech could not be written; `reason` says why. */
  text: string
  isUnclear: boolean
  /** Where it is not the one mostly spoken. */
  otherLanguage: string | null
  reason: 'failed' | 'other_language' | null
}

/** A stretch without text that a reader should know of. */
export type Gap =
  | { kind: 'silence'; durationMs: number }
  | ({ kind: 'not_recorded'; durationMs: number } & Pick<MissingStretch, 'fromMs' | 'place' | 'going'>)

/** What one person said in one go, as it is read. */
export interface Turn {
  /** Names the turn in addresses: its start in seconds, as in t=754.2. */
  id: string
  startedMs: number
  speaker: SpeakerLabel
  pieces: TurnUtterance[]
  /** What lies between the turn before and this one. */
  gapsBefore: Gap[]
}

export interface Turns {
  turns: Turn[]
  /** What lies after the last one. */
  gapsAfter: Gap[]
  /** Index of the first turn that may differ from what a reader saw who had everything up to a sequence number; `turns.length` for none. */
  firstChangedAfter(seq: number): number
}

/**
 * Groups utterances into turns from the left to the right: a turn depends on nothing that comes after its last utterance. So whoever
 * replaces all turns from the first changed one has them all right.
 */
export function buildTurns(transcript: Transcript): Turns {
  const speakers = nameSpeakers(transcript.participants)
  const mainLanguage = mostSpoken(transcript.utterances)
  const shown = transcript.utterances.filter(isShown)
  const missing = missingStretches(transcript.parts, transcript.endsMs)
  const turns: Turn[] = []
  const turnOf: number[] = []
  const ids = new Set<string>()
  let heardUntilMs = 0
  let saidUntilMs = 0
  for (const utterance of shown) {
    const speaker = speakers.get(utterance.participantId) ?? { label: 'Unknown speaker', isKnown: false }
    const last = turns.at(-1)
    const gapsBefore = gapsBetween(saidUntilMs, heardUntilMs, utterance.startedMs, missing)
    const piece = toPiece(utterance, mainLanguage)
    if (last && gapsBefore.length === 0 && belongsTo(last, speaker, piece)) last.pieces.push(piece)
    else
      turns.push({ id: freeId(ids, piece.startedMs), startedMs: piece.startedMs, speaker, pieces: [piece], gapsBefore })
    turnOf.push(turns.length - 1)
    saidUntilMs = utterance.startedMs
    heardUntilMs = Math.max(heardUntilMs, utterance.startedMs + utterance.durationMs)
  }
  return {
    turns,
    gapsAfter: missing.filter(({ toMs }) => toMs > saidUntilMs).map(toGap),
    firstChangedAfter(seq) {
      const { utterances } = transcript
      const changed = utterances.findIndex((utterance) => utterance.seq > seq && utterance.state !== 'heard')
      if (changed < 0) return turns.length
      // Which language counts as another one is the only thing that depends on all of the text.
      if (mostSpoken(utterances.filter((utterance) => utterance.seq <= seq)) !== mainLanguage) return 0
      const shownBefore = utterances.slice(0, changed).filter(isShown).length
      return turnOf[Math.max(0, shownBefore - 1)] ?? 0
    },
  }
}

function isShown({ state, text, language }: Utterance): boolean {
  return state === 'failed' || (state === 'done' && (text !== '' || language !== null))
}

function belongsTo(turn: Turn, speaker: SpeakerLabel, piece: TurnUtterance): boolean {
  const last = turn.pieces.at(-1)
  if (!last || turn.speaker.label !== speaker.label) return false
  if (piece.startedMs - (last.startedMs + last.durationMs) >= MERGE_GAP_MS) return false
  const length = turn.pieces.reduce((sum, { text }) => sum + text.length, 0)
  return length + piece.text.length <= MAX_TURN_LENGTH
}

function toPiece(utterance: Utterance, mainLanguage: string | null): TurnUtterance {
  const { startedMs, durationMs, state, text, confidence, language } = utterance
  return {
    startedMs,
    durationMs,
    text: state === 'failed' ? '' : text,
    isUnclear: confidence !== null && confidence < UNCLEAR_BELOW && text !== '',
    otherLanguage: language !== mainLanguage || text === '' ? language : null,
    reason: state === 'failed' ? 'failed' : text === '' ? 'other_language' : null,
  }
}

/** The language of most of the text; null where none is named. */
function mostSpoken(utterances: readonly Utterance[]): string | null {
  const lengths = new Map<string, number>()
  for (const { language, text } of utterances) {
    if (language !== null) lengths.set(language, (lengths.get(language) ?? 0) + text.length)
  }
  return [...lengths].reduce<[string | null, number]>((most, next) => (next[1] > most[1] ? next : most), [null, 0])[0]
}

/** What a reader should know of between one utterance and the next. */
function gapsBetween(
  afterMs: number,
  heardUntilMs: number,
  startedMs: number,
  missing: readonly MissingStretch[],
): Gap[] {
  const lost = missing.filter(({ toMs }) => toMs > afterMs && toMs <= startedMs)
  if (lost.length > 0) return lost.map(toGap)
  const silenceMs = startedMs - heardUntilMs
  return silenceMs >= SILENCE_MS ? [{ kind: 'silence', durationMs: silenceMs }] : []
}

function toGap({ fromMs, toMs, place, going }: MissingStretch): Gap {
  return { kind: 'not_recorded', durationMs: toMs - fromMs, fromMs, place, going }
}

/** Two people may begin in the same millisecond; an address names one of them. */
function freeId(taken: Set<string>, startedMs: number): string {
  let ms = startedMs
  while (taken.has(idOf(ms))) ms++
  taken.add(idOf(ms))
  return idOf(ms)
}

function idOf(ms: number): string {
  return `t=${ms / SECOND_MS}`
}
