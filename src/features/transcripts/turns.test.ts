import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { outcomeOf, type Participant, type Transcript, type Utterance } from './transcript.ts'
import { buildTurns } from './turns.ts'

const person = (id: string, name: string | null = id, more: Partial<Participant> = {}): Participant => ({
  id,
  botId: 'bot',
  nativeId: id,
  name,
  joinedAt: new Date(0),
  leftAt: null,
  ...more,
})

let seq = 0
const said = (by: string, at: number, seconds: number, text = 'Yes.', more: Partial<Utterance> = {}): Utterance => ({
  id: `${++seq}`,
  participantId: by,
  seq,
  startedMs: at * 1_000,
  durationMs: seconds * 1_000,
  state: 'done',
  text,
  confidence: 0.9,
  language: 'en',
  ...more,
})

const transcriptOf = (utterances: readonly Utterance[], more: Partial<Transcript> = {}): Transcript => ({
  state: 'complete',
  lastSeq: seq,
  finishedAt: null,
  recording: null,
  endsMs: null,
  parts: [],
  participants: [person('Ana'), person('Ben')],
  utterances,
  ...more,
})

const shape = (transcript: Transcript) =>
  buildTurns(transcript).turns.map(
    ({ id, speaker, pieces, gapsBefore }) =>
      `${gapsBefore.map(({ kind, durationMs }) => `(${kind} ${durationMs / 1_000}) `).join('')}${id} ${speaker.label}: ${pieces.map((piece) => piece.text).join(' ')}`,
  )

describe('Turns', () => {
  test('join what one person says with pauses below two seconds', () => {
    expect(
      shape(
        transcriptOf([
          said('Ana', 0, 3),
          said('Ana', 4.9, 1),
          said('Ana', 7.9, 1),
          said('Ben', 8, 1),
          said('Ana', 9, 1),
        ]),
      ),
    ).toEqual(['t=0 Ana: Yes. Yes.', 't=7.9 Ana: Yes.', 't=8 Ben: Yes.', 't=9 Ana: Yes.'])
  })

  test('end near 500 characters, at an utterance', () => {
    const text = 'x'.repeat(200)
    expect(buildTurns(transcriptOf([0, 1, 2, 3, 4].map((at) => said('Ana', at, 1, text)))).turns).toHaveLength(3)
    expect(buildTurns(transcriptOf([said('Ana', 0, 30, 'x'.repeat(900))])).turns).toHaveLength(1)
  })

  test('tell of silence, and of what was not recorded instead of it', () => {
    const parts = [
      { startedMs: 0, endedMs: 200_000, going: null },
      { startedMs: 290_000, endedMs: null, going: null },
    ]
    const utterances = [said('Ana', 61, 3), said('Ben', 123, 3), said('Ana', 300, 1)]
    expect(shape(transcriptOf(utterances, { parts }))).toEqual([
      '(silence 61) t=61 Ana: Yes.',
      't=123 Ben: Yes.',
      '(not_recorded 90) t=300 Ana: Yes.',
    ])
  })

  test('tell of a short gap between two bots, and of none where one followed the other without a seam', () => {
    const utterances = [said('Ana', 1, 3), said('Ana', 10, 1), said('Ana', 21, 1)]
    const parts = [
      { startedMs: 0, endedMs: 5_000, going: null },
      { startedMs: 9_000, endedMs: 20_000, going: null },
      { startedMs: 20_500, endedMs: null, going: null },
    ]
    expect(shape(transcriptOf(utterances, { parts }))).toEqual([
      't=1 Ana: Yes.',
      '(not_recorded 4) t=10 Ana: Yes.',
      't=21 Ana: Yes.',
    ])
  })

  test('name people as the platform does, and never guess', () => {
    const namesakes = [
      person('1', 'Alex'),
      person('2', 'Alex'),
      person('3', null),
      person('4', 'Ana', { leftAt: new Date(1_000) }),
      person('5', 'Ana', { joinedAt: new Date(2_000) }),
      person('6', 'Alex', { botId: 'second bot', nativeId: '2' }),
      person('7', '  '),
    ]
    const utterances = namesakes.map(({ id }, index) => said(id, index * 10, 1)).concat(said('gone', 80, 1))
    expect(
      buildTurns(transcriptOf(utterances, { participants: namesakes })).turns.map((turn) => turn.speaker.label),
    ).toEqual([
      'Alex',
      'Alex (2)',
      'Unknown speaker',
      'Ana',
      'Ana',
      'Alex (2)',
      'Unknown speaker (2)',
      'Unknown speaker',
    ])
  })

  test('mark what is unclear, in another language or lost, and leave out what is nothing', () => {
    const { turns } = buildTurns(
      transcriptOf([
        said('Ana', 0, 1, 'A long sentence in English.'),
        said('Ana', 1, 1, 'Maybe', { confidence: 0.49 }),
        said('Ana', 2, 1, 'Doch.', { language: 'de' }),
        said('Ana', 3, 1, '', { language: 'und' }),
        said('Ana', 4, 1, '', { state: 'failed', language: null }),
        said('Ana', 5, 1, '', { state: 'heard', language: null }),
        said('Ana', 6, 1, '', { state: 'empty', language: null }),
      ]),
    )
    expect(turns[0]?.pieces.map(({ isUnclear, otherLanguage, reason }) => [isUnclear, otherLanguage, reason])).toEqual([
      [false, null, null],
      [true, null, null],
      [false, 'de', null],
      [false, 'und', 'other_language'],
      [false, null, 'failed'],
    ])
  })

  test('have an address each, also where two people begin at once', () => {
    expect(shape(transcriptOf([said('Ana', 0.5, 1), said('Ben', 0.5, 1)]))).toEqual([
      't=0.5 Ana: Yes.',
      't=0.501 Ben: Yes.',
    ])
  })

  test('replaced from the first changed one are what a fresh reader sees, whatever arrives in whatever order', () => {
    const utterance = fc.record({
      by: fc.constantFrom('Ana', 'Ben'),
      at: fc.integer({ min: 0, max: 200 }),
      length: fc.integer({ min: 0, max: 300 }),
      state: fc.constantFrom('done' as const, 'done' as const, 'empty' as const, 'failed' as const, 'heard' as const),
      language: fc.constantFrom('en', 'de', null),
    })
    fc.assert(
      fc.property(fc.array(utterance, { minLength: 1, maxLength: 40 }), fc.nat(40), (facts, cut) => {
        const all = facts.map(({ by, at, length, state, language }, index) =>
          said(by, at, 1, state === 'done' ? 'x'.repeat(length) : '', {
            state,
            language,
            seq: index + 1,
            id: `${index}`,
          }),
        )
        const sorted = (some: Utterance[]) => transcriptOf(some.toSorted((a, b) => a.startedMs - b.startedMs))
        const before = buildTurns(sorted(all.filter((one) => one.seq <= cut)))
        const after = buildTurns(sorted(all))
        const from = after.firstChangedAfter(cut)
        expect([...before.turns.slice(0, from), ...after.turns.slice(from)]).toEqual(after.turns)
      }),
    )
  })
})

test.each([
  [{ hasAudio: false, isWhole: true, doneCount: 0, failedCount: 0 }, 'none'],
  [{ hasAudio: true, isWhole: true, doneCount: 0, failedCount: 0 }, 'complete'],
  [{ hasAudio: true, isWhole: true, doneCount: 5, failedCount: 0 }, 'complete'],
  [{ hasAudio: true, isWhole: false, doneCount: 5, failedCount: 0 }, 'partial'],
  [{ hasAudio: true, isWhole: true, doneCount: 5, failedCount: 1 }, 'partial'],
  [{ hasAudio: true, isWhole: true, doneCount: 0, failedCount: 1 }, 'failed'],
])('a transcript of %o ends as %s', (facts, state) => {
  expect(outcomeOf(facts)).toBe(state)
})
