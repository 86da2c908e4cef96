import fc from 'fast-check'
import { expect, test } from 'vitest'
import { stripComments } from './strip-comments.ts'

test('comments and commas at an end become blanks, and every place stays where it was', () => {
  const text = '{\n  // first\n  "a": [1, 2, /* no\n  more */],\n}\n'
  const plain = stripComments(text)
  expect(JSON.parse(plain)).toEqual({ a: [1, 2] })
  expect(plain).toHaveLength(text.length)
  expect(plain.split('\n')).toHaveLength(text.split('\n').length)
})

test('what only looks like a comment or a comma within a text stays', () => {
  const value = { url: 'https://example.com/*a*/', list: 'a, ]', quoted: '"// ,}"' }
  expect(JSON.parse(stripComments(JSON.stringify(value)))).toEqual(value)
})

test('JSON without comments stays as it is', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(stripComments(text)).toBe(text)
    }),
  )
})
