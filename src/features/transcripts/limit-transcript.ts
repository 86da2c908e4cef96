import type { Presence } from './presence-store.ts'
import type { Transcript } from './transcript.ts'

/**
 * The transcript for somebody who only reads what was said while they were in the room: what lies within one of these times, and whom they met
 * there. What began before they came, or ended after they went, they did not hear whole. Pure.
 */
export function limitTranscript(transcript: Transcript, heard: readonly Presence[]): Transcript {
  const isHeard = (fromMs: number, toMs: number) =>
    heard.some((one) => fromMs >= one.fromMs && toMs <= (one.toMs ?? Number.POSITIVE_INFINITY))
  const utterances = transcript.utterances.filter(({ startedMs, durationMs }) =>
    isHeard(startedMs, startedMs + durationMs),
  )
  const startedAt = transcript.recording?.startedAt.getTime() ?? 0
  const wasMet = ({ joinedAt, leftAt }: Transcript['participants'][number]) => {
    const [cameMs, wentMs] = [
      joinedAt.getTime() - startedAt,
      (leftAt?.getTime() ?? Number.POSITIVE_INFINITY) - startedAt,
    ]
    return heard.some(({ fromMs, toMs }) => cameMs < (toMs ?? Number.POSITIVE_INFINITY) && wentMs > fromMs)
  }
  const going = { how: 'reader_away', subType: null } as const
  return {
    ...transcript,
    endsMs: null,
    // As if it had been recorded then only: what lies between is said to be missing.
    parts: [
      { startedMs: 0, endedMs: 0, going },
      ...heard.map(({ fromMs, toMs }) => ({ startedMs: Math.max(0, fromMs), endedMs: toMs, going })),
    ],
    participants: transcript.participants.filter(wasMet),
    utterances,
  }
}
