import { expect, test } from 'vitest'
import { withoutNul } from './without-nul.ts'

test('a NUL is replaced in texts, in lists of them and in JSON', () => {
  expect(withoutNul(['a\0b', ['c\0'], JSON.stringify({ title: '\0' }), 7, null])).toEqual([
    'a\uFFFDb',
    ['c\uFFFD'],
    '{"title":"\\ufffd"}',
    7,
    null,
  ])
})

test('everything else is left as it is, also a text that speaks of a NUL', () => {
  const values = [
    'plain',
    'the escape \\u0000 in words',
    JSON.stringify({ title: 'the escape \\u0000' }),
    Buffer.from([0]),
  ]
  expect(withoutNul(values)).toEqual(values)
})
