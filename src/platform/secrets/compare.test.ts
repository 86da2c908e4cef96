import fc from 'fast-check'
import { expect, test } from 'vitest'
import { constantTimeEquals } from './compare.ts'
import { fingerprintOf } from './fingerprint.ts'
import { randomToken } from './random.ts'

test('texts compare as equal exactly when they are, whatever their lengths', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      expect(constantTimeEquals(a, a)).toBe(true)
      expect(constantTimeEquals(a, b)).toBe(a === b)
    }),
  )
  expect(constantTimeEquals('', 'a')).toBe(false)
  expect(constantTimeEquals('token', 'token ')).toBe(false)
})

test('a fingerprint is sixteen hex digits that stay the same from version to version', () => {
  expect(fingerprintOf('correct-horse-battery-staple-32c')).toBe('a5ff5edc94b74642')
  expect(fingerprintOf('correct-horse-battery-staple-32d')).not.toBe('a5ff5edc94b74642')
})

test('random tokens differ and have the length that was asked for', () => {
  expect(randomToken()).not.toBe(randomToken())
  expect(Buffer.from(randomToken(), 'base64url')).toHaveLength(32)
  expect(Buffer.from(randomToken(16), 'base64url')).toHaveLength(16)
  expect(randomToken(64)).toMatch(/^[\w-]+$/)
})
