import { PACKET_MS } from '../../formats/opus/packet-length.ts'

/** Some sound in one go: a step, or a stretch of a file that was finished before. */
export interface Piece {
  /** Where it is from: one bot's steps follow each other without a seam. */
  source: string
  startedMs: number
  packetCount: number
}

/** What comes next in a file: packets of a piece, or as many of silence. */
export type Span<P extends Piece> = { piece: P; from: number; count: number } | { piece: undefined; count: number }

/**
 * Steps of one bot begin a little early or late, as its clock and the sound's drift apart; below this they are joined as they are, since
 * every correction can be heard.
 */
const SEAM_MS = 40

/**
 * Lays pieces out so that the time in the file is the time since the recording began: gaps are silence, what was recorded twice is
 * taken once, from the bot that was heard before as long as that one has sound. Pure; `pieces` in any order.
 */
export function planTimeline<P extends Piece>(pieces: readonly P[]): Span<P>[] {
  const waiting = pieces.filter((piece) => piece.packetCount > 0).toSorted((a, b) => a.startedMs - b.startedMs)
  const spans: Span<P>[] = []
  let source: string | undefined
  let at = 0
  while (waiting.length > 0) {
    const index = chooseNext(waiting, at, source)
    const [piece] = waiting.splice(index, 1) as [P]
    const offsetMs = piece.startedMs - at * PACKET_MS
    const seamless = piece.source === source && Math.abs(offsetMs) <= SEAM_MS
    const offset = seamless ? 0 : Math.round(offsetMs / PACKET_MS)
    if (offset > 0) spans.push({ piece: undefined, count: offset })
    const from = Math.max(0, -offset)
    const count = piece.packetCount - from
    // Wholly covered by what was taken before.
    if (count <= 0) continue
    spans.push({ piece, from, count })
    at += Math.max(0, offset) + count
    source = piece.source
  }
  return spans
}

/** The next piece of the same source among those that could begin here, else the earliest. */
function chooseNext(waiting: readonly Piece[], at: number, source: string | undefined): number {
  for (const [index, piece] of waiting.entries()) {
    if (piece.startedMs > at * PACKET_MS + SEAM_MS) break
    if (piece.source === source && reaches(piece, at)) return index
  }
  return 0
}

function reaches(piece: Piece, at: number): boolean {
  return piece.startedMs + piece.packetCount * PACKET_MS > at * PACKET_MS
}
