import { findClip } from '../../voices/clips.ts'
import type { CastMember } from './cast.ts'

interface Turns {
  /** Each speaks their own clips in order and begins again after the last. */
  speakers: readonly { name: string; clips: readonly string[] }[]
  startsAtMs: number
  /** Nobody begins a sentence after this. */
  endsAtMs: number
  /** Silence between two sentences; default 800 ms. */
  pauseMs?: number
}

/** A cast that talks one after the other, never two at once. */
export function takeTurns({ speakers, startsAtMs, endsAtMs, pauseMs = 800 }: Turns): CastMember[] {
  const says = speakers.map((): { clip: string; atMs: number }[] => [])
  let atMs = startsAtMs
  for (let turn = 0; atMs < endsAtMs; turn += 1) {
    const index = turn % speakers.length
    const clips = speakers[index]?.clips ?? []
    const clip = clips[Math.floor(turn / speakers.length) % clips.length]
    if (clip === undefined) throw new Error('Somebody without a clip cannot take a turn')
    says[index]?.push({ clip, atMs })
    atMs += findClip(clip).durationMs + pauseMs
  }
  return speakers.map(({ name }, index) => ({ name, says: says[index] ?? [] }))
}
