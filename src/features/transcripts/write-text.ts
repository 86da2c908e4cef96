import { cleanLine } from '../../base/text.ts'
import { describeGap, longStamp, missingText, type TranscriptHead } from './transcript-file.ts'
import type { Turn, Turns } from './turns.ts'

/** The transcript as plain text: a head, then one paragraph per turn. Every name and text stays on its line, so that none can pose as a turn. */
export function writeText(head: TranscriptHead, { turns, gapsAfter }: Pick<Turns, 'turns' | 'gapsAfter'>): string {
  const lines = [cleanLine(head.title), cleanLine(head.when)]
  if (head.people.length > 0) lines.push(`In the room: ${head.people.map((name) => cleanLine(name)).join(', ')}`)
  lines.push(
    ...head.notes.map((note) => cleanLine(note)),
    'Written by a machine. Times count from the start of the recording.',
  )
  for (const turn of turns) {
    for (const gap of turn.gapsBefore) lines.push('', `(${describeGap(gap)})`)
    lines.push('', `[${longStamp(turn.startedMs)}] ${turn.speaker.label}: ${turn.pieces.map(wordsOf).join(' ')}`)
  }
  for (const gap of gapsAfter) lines.push('', `(${describeGap(gap)})`)
  return `${lines.join('\n')}\n`
}

function wordsOf(piece: Turn['pieces'][number]): string {
  if (piece.reason !== null) return missingText(piece)
  return `${piece.isUnclear ? '[unclear] ' : ''}${cleanLine(piece.text, 10_000)}`
}
