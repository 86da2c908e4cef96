import { expect, test } from 'vitest'
import { cutGathered } from './cut-gathered.ts'
import type { Gathered } from './gathered.ts'

const at = (minute: number) => new Date(Date.UTC(2030, 0, 15, 13, minute))
const gathered: Gathered = {
  recordedFrom: at(0),
  recordedUntil: at(61),
  hasSound: true,
  people: [
    { nativeId: 'ana', name: 'Ana', joinedAt: at(0), leftAt: null },
    { nativeId: 'ben', name: 'Ben', joinedAt: null, leftAt: at(30) },
    { nativeId: 'caro', name: 'Caro', joinedAt: at(60), leftAt: null },
  ],
  utterances: [
    { nativeId: 'ana', spokenAt: at(59), durationMs: 1_000, text: 'Goodbye' },
    { nativeId: 'caro', spokenAt: at(60), durationMs: 1_000, text: 'Hello' },
  ],
  isSpeechMissing: false,
  media: null,
}

test('words and people of after the hand-over are the next meeting’s', () => {
  const cut = cutGathered(gathered, at(60))
  expect(cut.utterances.map(({ text }) => text)).toEqual(['Goodbye'])
  expect(cut.people.map(({ name, leftAt }) => [name, leftAt])).toEqual([
    ['Ana', at(60)],
    ['Ben', at(30)],
  ])
})

test('of one that handed nothing on everything stays', () => {
  expect(cutGathered(gathered, undefined)).toBe(gathered)
})
