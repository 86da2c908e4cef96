import { expect, test } from 'vitest'
import { limitTranscript } from './limit-transcript.ts'
import type { Transcript } from './transcript.ts'
import { describeGap } from './transcript-file.ts'
import { buildTurns } from './turns.ts'

const startedAt = new Date('2026-11-23T07:00:00Z')
const at = (seconds: number) => new Date(startedAt.getTime() + seconds * 1_000)

function transcriptOf(lines: readonly [seconds: number, text: string, seconds_?: number][]): Transcript {
  return {
    state: 'complete',
    lastSeq: lines.length,
    finishedAt: at(3_600),
    recording: { state: 'complete', startedAt, durationMs: 3_600_000, fileStartedMs: 0, alsoOf: [] },
    endsMs: 3_600_000,
    parts: [{ startedMs: 0, endedMs: 3_600_000, going: null }],
    participants: [
      { id: 'ana', botId: 'bot', nativeId: '1', name: 'Ana', joinedAt: at(0), leftAt: null },
      { id: 'early', botId: 'bot', nativeId: '2', name: 'Early', joinedAt: at(0), leftAt: at(300) },
      { id: 'late', botId: 'bot', nativeId: '3', name: 'Late', joinedAt: at(3_000), leftAt: null },
    ],
    utterances: lines.map(([seconds, text, length = 2], index) => ({
      id: String(index),
      participantId: 'ana',
      seq: index + 1,
      startedMs: seconds * 1_000,
      durationMs: length * 1_000,
      state: 'done',
      text,
      confidence: 1,
      language: 'en',
    })),
  }
}

const all = transcriptOf([
  [10, 'before'],
  [595, 'half before', 10],
  [600, 'first'],
  [1_195, 'half after', 10],
  [1_300, 'between'],
  [2_000, 'second'],
  [2_600, 'after'],
])
const limited = limitTranscript(all, [
  { fromMs: 600_000, toMs: 1_200_000 },
  { fromMs: 1_900_000, toMs: 2_500_000 },
])

test('holds what was said whole within the times, and whom the reader met', () => {
  expect(limited.utterances.map(({ text }) => text)).toEqual(['first', 'second'])
  expect(limited.participants.map(({ name }) => name)).toEqual(['Ana'])
})

test('says where the reader was away, and calls that neither silence nor a fault', () => {
  const { turns, gapsAfter } = buildTurns(limited)
  expect(turns.map(({ gapsBefore }) => gapsBefore.map(describeGap))).toEqual([
    ['You were not in the room for 10 min'],
    ['You were not in the room for 12 min'],
  ])
  expect(gapsAfter).toEqual([])
})

test('goes on while the reader is there', () => {
  const open = limitTranscript(all, [{ fromMs: 1_900_000, toMs: null }])
  expect(open.utterances.map(({ text }) => text)).toEqual(['second', 'after'])
  expect(limitTranscript(all, []).utterances).toEqual([])
})
