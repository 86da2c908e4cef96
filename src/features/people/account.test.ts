import { expect, test } from 'vitest'
import { nameKeyOf } from './account.ts'

test.each([
  ['Ana Lima', ' ANA \u00a0 lima '],
  ['Zoë Müller', 'Zoe\u0308 Mu\u0308ller'],
  ['Ana Lima', 'Ａna Lima'],
])('the names %s and %s are compared as one', (one, other) => {
  expect(nameKeyOf(one)).toBe(nameKeyOf(other))
})

test.each([null, '', '  ', '?', 'Guest', 'guest 2', 'Unknown speaker', 'Participant (3)', 'Anonymous'])(
  'the name %s is nobody’s',
  (name) => {
    expect(nameKeyOf(name)).toBeUndefined()
  },
)

test('names that only begin like a placeholder are names', () => {
  expect(['Guestina Moss', 'Me Ling', 'Host Ware'].map(nameKeyOf)).toEqual(['guestina moss', 'me ling', 'host ware'])
})
