import { cleanLine } from '../../base/text.ts'
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../base/time.ts'
import type { TranscriptHead } from './transcript-file.ts'
import type { Turn, Turns } from './turns.ts'

const LINE = 42
const CUE_LENGTH = 2 * LINE
const CUE_MS = 7 * SECOND_MS

/** The transcript as WebVTT subtitles: cues of at most two short lines, each with the voice it belongs to. */
export function writeVtt(head: TranscriptHead, { turns }: Pick<Turns, 'turns'>): string {
  // A comment may hold anything but the arrow of a cue.
  const note = [head.title, head.when, ...head.notes, 'Written by a machine.'].map((line) =>
    cleanLine(line).replaceAll('-->', '→'),
  )
  const cues = turns.flatMap((turn) => turn.pieces.flatMap((piece) => cuesOf(turn.speaker.label, piece)))
  return ['WEBVTT', `NOTE\n${note.join('\n')}`, ...cues].join('\n\n').concat('\n')
}

function cuesOf(speaker: string, piece: Turn['pieces'][number]): string[] {
  if (piece.text === '') return []
  const chunks = splitText(cleanLine(piece.text, 10_000), piece.durationMs)
  const total = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  let fromMs = piece.startedMs
  return chunks.map((chunk) => {
    const toMs = fromMs + (piece.durationMs * chunk.length) / total
    const cue = `${stamp(fromMs)} --> ${stamp(Math.max(toMs, fromMs + 1))}\n<v ${escapeText(speaker)}>${wrap(chunk).map(escapeText).join('\n')}`
    fromMs = toMs
    return cue
  })
}

/** Cuts a text between words into pieces that fit a cue and its time. */
function splitText(text: string, durationMs: number): string[] {
  const count = Math.max(Math.ceil(text.length / CUE_LENGTH), Math.ceil(durationMs / CUE_MS))
  return fill(wordsOf(text), Math.min(CUE_LENGTH, Math.ceil(text.length / count) + LINE / 4))
}

/** Two lines of about the same length, where one is too long. */
function wrap(text: string): string[] {
  return text.length <= LINE ? [text] : fill(wordsOf(text), Math.max(LINE, Math.ceil(text.length / 2) + 4))
}

function fill(words: readonly string[], maxLength: number): string[] {
  const lines: string[] = []
  for (const word of words) {
    const last = lines.at(-1)
    if (last === undefined || last.length + 1 + word.length > maxLength) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}

/** The words; what is longer than a line, as in scripts without spaces, is cut between characters. */
function wordsOf(text: string): string[] {
  return text.split(' ').flatMap((word) => (word.length <= LINE ? [word] : (word.match(/.{1,41}/gu) ?? [])))
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function stamp(ms: number): string {
  const whole = Math.round(ms)
  const pad = (value: number, width: number) => String(Math.floor(value)).padStart(width, '0')
  return `${pad(whole / HOUR_MS, 2)}:${pad((whole % HOUR_MS) / MINUTE_MS, 2)}:${pad((whole % MINUTE_MS) / SECOND_MS, 2)}.${pad(whole % SECOND_MS, 3)}`
}
