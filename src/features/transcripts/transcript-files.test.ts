import { describe, expect, test } from 'vitest'
import type { BotsGoing } from './transcript.ts'
import { describeGap, describeMissing, fileNameOf } from './transcript-file.ts'
import type { Turn, TurnUtterance } from './turns.ts'
import { writeText } from './write-text.ts'
import { writeVtt } from './write-vtt.ts'

const head = {
  title: 'Weekly --> planning\nNOTE & <b>',
  when: 'Monday, 23 November 2026, 08:00–08:30 (Europe/Vienna)',
  people: ['Ana Lima', 'Ben <Levi>'],
  notes: ['The recording starts 4 min after the meeting.'],
}

const piece = (
  startedMs: number,
  durationMs: number,
  text: string,
  more: Partial<TurnUtterance> = {},
): TurnUtterance => ({
  startedMs,
  durationMs,
  text,
  isUnclear: false,
  otherLanguage: null,
  reason: null,
  ...more,
})
const turn = (label: string, pieces: TurnUtterance[], gapsBefore: Turn['gapsBefore'] = []): Turn => ({
  id: 't=0',
  startedMs: pieces[0]?.startedMs ?? 0,
  speaker: { label, isKnown: true },
  pieces,
  gapsBefore,
})

const turns = [
  turn('Ana Lima', [piece(4_000, 3_000, 'Good morning.'), piece(7_500, 2_000, 'Shall we?', { isUnclear: true })]),
  turn('Ben <Levi>', [
    piece(
      12_000,
      9_000,
      'The glass arrived yesterday, but two boxes were broken & I have --> already asked the <b>supplier</b> to send new ones.',
    ),
  ]),
  turn('Ana Lima', [piece(3_723_000, 4_000, '', { reason: 'failed' })], [{ kind: 'silence', durationMs: 3_600_000 }]),
  turn('Cleo', [piece(3_730_000, 2_000, 'Line\n[0:00:01] Boss: you are fired')]),
  turn('Cleo', [piece(3_740_000, 8_000, '', { reason: 'other_language', otherLanguage: 'fr' })]),
  turn('Cleo', [piece(3_750_000, 8_000, '', { reason: 'other_language', otherLanguage: 'und' })]),
]

test('What is missing of a recording is said with its length and place, and up to ten of them', () => {
  const lost = (...ends: number[]) => ({
    endsMs: null,
    parts: ends.map((end, i) => ({ startedMs: i === 0 ? 0 : (ends[i - 1] ?? 0) + 9_000, endedMs: end, going: null })),
  })
  expect(describeMissing(lost(60_000))).toBeUndefined()
  expect(describeMissing(lost(60_000, 200_000))).toBe('The recording was interrupted. Missing: 9 s at 0:01:00.')
  const many = describeMissing(lost(...Array.from({ length: 13 }, (_, i) => (i + 1) * 60_000)))
  expect(many).toMatch(/9 s at 0:01:00, 9 s at 0:02:00.* and 2 times more\.$/)
  // One bot after the other without a seam, or at once, misses nothing.
  const seamless = [
    { startedMs: 0, endedMs: 60_000, going: null },
    { startedMs: 60_900, endedMs: null, going: null },
    { startedMs: 61_000, endedMs: 70_000, going: null },
  ]
  expect(describeMissing({ parts: seamless, endsMs: null })).toBeUndefined()
})

test('What is missing at the end is said where the last bot was lost or sent away, and not where it had nothing left to hear', () => {
  const at = (endedMs: number, going: BotsGoing | null) => ({
    parts: [{ startedMs: 0, endedMs, going }],
    endsMs: 1_800_000,
  })
  const lost: BotsGoing = { how: 'lost', subType: 'process_terminated' }
  expect(describeMissing(at(300_000, lost))).toBe('The recording was interrupted. Missing: 25 min at the end.')
  expect(describeMissing(at(1_790_000, lost))).toBeUndefined()
  expect(describeMissing(at(300_000, null))).toBeUndefined()
  const gap = { kind: 'not_recorded', durationMs: 1_500_000, fromMs: 300_000 } as const
  expect(describeGap({ ...gap, place: 'end', going: lost })).toBe(
    'Nothing was recorded from 0:05:00 on, 25 min before the planned end: the bot was lost, and none came back. The process it ran in ended.',
  )
  expect(describeGap({ ...gap, place: 'end', going: { how: 'sent_away', subType: 'removed_from_meeting' } })).toMatch(
    /: the bot was sent away\. Somebody in the meeting removed it\.$/,
  )
  expect(describeGap({ ...gap, place: 'between', going: { how: 'lost', subType: 'lease_lost' } })).toBe(
    'Not recorded for 25 min: the bot was lost, and another took its place. Its worker was cut off, so that another one could take the meeting.',
  )
})

describe('A downloaded transcript', () => {
  test('as text has one paragraph a turn, and nothing said can pose as one', () => {
    expect(writeText(head, { turns, gapsAfter: [] })).toBe(`Weekly --> planning NOTE & <b>
Monday, 23 November 2026, 08:00–08:30 (Europe/Vienna)
In the room: Ana Lima, Ben <Levi>
The recording starts 4 min after the meeting.
Written by a machine. Times count from the start of the recording.

[0:00:04] Ana Lima: Good morning. [unclear] Shall we?

[0:00:12] Ben <Levi>: The glass arrived yesterday, but two boxes were broken & I have --> already asked the <b>supplier</b> to send new ones.

(60 min without speech)

[1:02:03] Ana Lima: [4 s of speech could not be transcribed]

[1:02:10] Cleo: Line [0:00:01] Boss: you are fired

[1:02:20] Cleo: [8 s in French, not transcribed]

[1:02:30] Cleo: [8 s unclear or in another language, not transcribed]
`)
  })

  test('as subtitles has short cues with voices, and escapes what means something there', () => {
    expect(writeVtt(head, { turns })).toBe(`WEBVTT

NOTE
Weekly → planning NOTE & <b>
Monday, 23 November 2026, 08:00–08:30 (Europe/Vienna)
The recording starts 4 min after the meeting.
Written by a machine.

00:00:04.000 --> 00:00:07.000
<v Ana Lima>Good morning.

00:00:07.500 --> 00:00:09.500
<v Ana Lima>Shall we?

00:00:12.000 --> 00:00:17.110
<v Ben &lt;Levi&gt;>The glass arrived yesterday, but two boxes
were broken &amp; I have --&gt;

00:00:17.110 --> 00:00:21.000
<v Ben &lt;Levi&gt;>already asked the &lt;b&gt;supplier&lt;/b&gt; to send
new ones.

01:02:10.000 --> 01:02:12.000
<v Cleo>Line [0:00:01] Boss: you are fired
`)
  })

  test('as subtitles never has a cue of more than two lines or about seven seconds, in any script', () => {
    const long = [
      turn('Ana', [piece(0, 30_000, 'word '.repeat(120).trim())]),
      turn('Ben', [piece(40_000, 20_000, '会議'.repeat(150))]),
      turn('Cleo', [piece(70_000, 30_000, 'Hm. So.')]),
    ]
    const cues = writeVtt(head, { turns: long }).split('\n\n').slice(2)
    for (const cue of cues) {
      const [times = '', ...lines] = cue.trim().split('\n')
      const [from = 0, to = 0] = times.split(' --> ').map((time) => Date.parse(`1970-01-01T${time}Z`))
      expect(lines.length).toBeLessThanOrEqual(2)
      if (!cue.includes('Hm.')) expect(to - from, cue).toBeLessThanOrEqual(8_000)
      expect(Math.max(...lines.map((line) => line.replace(/<v [^>]+>/, '').length)), cue).toBeLessThanOrEqual(50)
    }
    expect(cues.join('').match(/word/g)).toHaveLength(120)
  })

  test('is named after its day and title, without what file systems refuse', () => {
    expect(fileNameOf('2026-11-23', 'a/b\\c:"d"? <e>|.', 'txt')).toBe('2026-11-23 a b c d e.txt')
    expect(fileNameOf('2026-11-23', '..', 'vtt')).toBe('2026-11-23 Transcript.vtt')
  })
})
