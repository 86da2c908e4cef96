import { expect, test } from 'vitest'
import { countWordErrors, wordErrorRate, wordsOf } from './word-error-rate.ts'

test.each([
  ['Let’s meet, at 9!', 'let us meet at nine'],
  ['It can’t be 1,204 — or 20%.', 'It can not be one thousand two hundred four or twenty percent'],
  ['The 3rd and the 21st of May', 'the third and the twenty first of may'],
  ['The harbour is organised', 'The harbor is organized'],
  ['our four hours', 'our four hours'],
  ['Send it to every body.', 'send it to everybody'],
])('%s is written like %s', (a, b) => {
  expect(wordsOf(a)).toEqual(wordsOf(b))
})

test('wrong, missing and added words count one each', () => {
  expect(countWordErrors('we start at nine', 'we start at nine')).toEqual({ errors: 0, words: 4 })
  expect(countWordErrors('we start at nine', 'we stop at nine')).toEqual({ errors: 1, words: 4 })
  expect(countWordErrors('we start at nine', 'we start nine')).toEqual({ errors: 1, words: 4 })
  expect(countWordErrors('we start at nine', 'so we start at about nine')).toEqual({ errors: 2, words: 4 })
  expect(wordErrorRate('', 'hello')).toBe(1)
  expect(wordErrorRate('', '')).toBe(0)
})
