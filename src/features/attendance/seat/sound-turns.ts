import { MINUTE_MS } from '../../../base/time.ts'
import { PACKET_MS } from '../../../formats/opus/packet-length.ts'
import type { AudioEvent } from '../runners/runner.ts'
import { cutAudio } from '../writing/cut-audio.ts'
import type { Sitter } from './sitter.ts'

/** What a meeting is owed whose bot is still being made is kept for so long. */
const OWED_AT_MOST_MS = MINUTE_MS

/** A stretch of a room's sound that is one meeting's, or nobody's. Instants in milliseconds since 1970. */
export interface Turn {
  meetingId: string | undefined
  fromMs: number
  untilMs: number
  /** Whose bot writes it down, once there is one. */
  sitter: Sitter | undefined
  owed: AudioEvent[]
}

/** Whose sound is whose: every packet of a room is in one turn. */
export class SoundTurns {
  #turns: Turn[] = []
  /** The instant of the first sample. */
  #soundSinceMs: number | undefined
  #heardUntilMs = Number.NEGATIVE_INFINITY

  get current(): Turn | undefined {
    return this.#turns.at(-1)
  }

  get soundSinceMs(): number | undefined {
    return this.#soundSinceMs
  }

  beginStay(): void {
    this.#turns = []
    this.#soundSinceMs = undefined
    this.#heardUntilMs = Number.NEGATIVE_INFINITY
  }

  beginSound(at: Date): void {
    this.#soundSinceMs = at.getTime()
  }

  /** From this instant on the room is a meeting's, or nobody's; what was given away already stays whose it was. */
  turnTo(meetingId: string | undefined, atMs: number): Turn {
    const fromMs = this.#onPacket(Math.max(atMs, this.#heardUntilMs, this.current?.fromMs ?? 0))
    const last = this.current
    if (last) last.untilMs = fromMs
    const turn: Turn = { meetingId, fromMs, untilMs: Number.POSITIVE_INFINITY, sitter: undefined, owed: [] }
    this.#turns.push(turn)
    this.#forgetOld(fromMs)
    return turn
  }

  /** Gives sound to whom it belongs; what has no bot yet is owed. */
  give(audio: AudioEvent, tell: (sitter: Sitter, share: AudioEvent) => void): void {
    const sinceMs = this.#soundSinceMs
    if (sinceMs === undefined) return
    this.#heardUntilMs = Math.max(this.#heardUntilMs, sinceMs + audio.startedMs + audio.durationMs)
    for (const turn of this.#turns) {
      const { sitter } = turn
      if (sitter?.fromMs !== undefined) this.#share(turn, sitter, audio, tell)
      else if (turn.meetingId !== undefined && this.#overlaps(turn, audio)) turn.owed.push(audio)
    }
  }

  /** Where the sound of a turn is written down from now on: what was owed is given. */
  settle(turn: Turn, tell: (sitter: Sitter, share: AudioEvent) => void): void {
    const { sitter, owed } = turn
    turn.owed = []
    if (sitter) for (const audio of owed) this.#share(turn, sitter, audio, tell)
  }

  /** Until when a bot hears, in the turns it had so far; undefined while it has one, or never had any. */
  heardUntil(sitter: Sitter): number | undefined {
    const own = this.#turns.filter((turn) => turn.sitter === sitter)
    const untilMs = Math.max(...own.map((turn) => turn.untilMs))
    return Number.isFinite(untilMs) ? untilMs : undefined
  }

  #share(turn: Turn, sitter: Sitter, audio: AudioEvent, tell: (sitter: Sitter, share: AudioEvent) => void): void {
    const sinceMs = this.#soundSinceMs ?? 0
    const fromMs = Math.max(0, turn.fromMs - sinceMs)
    const share = cutAudio(audio, fromMs, turn.untilMs - sinceMs)
    // Its own time runs from its first turn on, with gaps where the room was another's.
    if (share) tell(sitter, { ...share, startedMs: share.startedMs + fromMs - (sitter.fromMs ?? 0) })
  }

  #overlaps(turn: Turn, audio: AudioEvent): boolean {
    const startMs = (this.#soundSinceMs ?? 0) + audio.startedMs
    return startMs < turn.untilMs && startMs + audio.durationMs > turn.fromMs
  }

  #onPacket(ms: number): number {
    const sinceMs = this.#soundSinceMs
    return sinceMs === undefined ? ms : sinceMs + Math.ceil((ms - sinceMs) / PACKET_MS) * PACKET_MS
  }

  #forgetOld(nowMs: number): void {
    for (const turn of this.#turns) if (nowMs - turn.untilMs > OWED_AT_MOST_MS) turn.owed = []
    this.#turns = this.#turns.filter(({ sitter, owed, untilMs }) => sitter || owed.length > 0 || untilMs > nowMs)
  }
}
