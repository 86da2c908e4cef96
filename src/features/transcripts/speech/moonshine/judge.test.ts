import { expect, test } from 'vitest'
import { judge, understands } from './judge.ts'
import { likeliest } from './likeliest.ts'
import { findRepetition } from './repetition.ts'
import type { Heard } from './wire.ts'

const clear: Heard = {
  text: 'We start at nine.',
  tokenCount: 7,
  probability: 0.9,
  isRepeating: false,
  isCutShort: false,
}

test('clear speech is English, with the confidence of the model', () => {
  expect(judge(clear)).toEqual({ text: 'We start at nine.', confidence: 0.9, language: 'en' })
})

test('a sentence that the model itself does not believe is not handed on', () => {
  const result = judge({ ...clear, probability: 0.3 })
  expect(result).toEqual({ text: '', confidence: 0.3, language: null, reason: 'other_language' })
})

test('a word or two that may be wrong are handed on as such: there is too little to tell the language by', () => {
  const result = judge({ ...clear, text: 'Yes.', tokenCount: 2, probability: 0.4 })
  expect(result).toEqual({ text: 'Yes.', confidence: 0.4, language: null })
})

test('no words are no speech', () => {
  expect(judge({ ...clear, text: '', tokenCount: 0 })).toMatchObject({ text: '', reason: 'no_speech' })
})

test.each([{ isRepeating: true }, { isCutShort: true }])('%o lowers the confidence', (trouble) => {
  expect(judge({ ...clear, ...trouble })).toMatchObject({ text: clear.text, confidence: 0.3 })
})

test('every English is understood, and nothing else', () => {
  expect([undefined, 'en', 'en-GB', 'EN'].map(understands)).toEqual([true, true, true, true])
  expect(['de', 'enm', 'fr-CA'].map(understands)).toEqual([false, false, false])
})

test('going round in circles is cut after the first round; saying a word three times is not a circle', () => {
  const circle = [1, 2, 3, 4, 5, 3, 4, 5, 3, 4, 5, 3, 4, 5]
  expect(findRepetition(circle)).toBe(5)
  expect(findRepetition([9, ...Array<number>(12).fill(7)])).toBe(2)
  expect(findRepetition([9, 7, 7, 7, 8])).toBeUndefined()
  expect(findRepetition([1, 2, 3, 1, 2, 3, 1, 2, 3])).toBeUndefined()
})

test('the likeliest token comes with its share of all chances', () => {
  const logits = Float32Array.from([0, Math.log(3), 0])
  expect(likeliest(logits)).toEqual({ token: 1, probability: expect.closeTo(0.6, 5) })
  expect(likeliest(logits, 1)).toEqual({ token: 0, probability: expect.closeTo(0.2, 5) })
})
