import { expect, test } from 'vitest'
import { isAppError } from '../../base/errors.ts'
import { parseEncryptionKey } from './encryption.ts'
import { decryptToken, encryptToken, generateEncryptionKey } from './index.ts'

test('a generated key has the 44 characters Python wants and is never the same', () => {
  const keys = new Set(Array.from({ length: 20 }, generateEncryptionKey))
  expect(keys.size).toBe(20)
  for (const key of keys) expect(key).toMatch(/^[\w-]{43}=$/)
})

test('a key without its padding, with the standard alphabet or with a line break is the same key', () => {
  const written = encryptToken(parseEncryptionKey('cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4='), 'same')
  for (const form of [
    'cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4',
    'cw/0x689RpI+jtRR7oE8h/eQsKImvJapLeSbXpwF4e4=\n',
  ]) {
    expect(decryptToken([parseEncryptionKey(form)], written)).toBe('same')
  }
})

test.each(['', 'short', 'cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4eA==', 'é'.repeat(32), `${'a'.repeat(42)}!=`])(
  'a key that is none is refused without being repeated: %j',
  (text) => {
    let caught: unknown
    try {
      parseEncryptionKey(text)
    } catch (error) {
      caught = error
    }
    expect(isAppError(caught, 'secret_bad_key')).toBe(true)
    if (text.length > 5) expect(String(caught)).not.toContain(text)
  },
)

test('a key shows nothing of itself when printed', () => {
  const key = parseEncryptionKey('correct-horse-battery-staple-32c')
  expect(JSON.stringify(key)).toBe('{"signing":{},"encryption":{}}')
})

test('a credential of another key, or of none, is refused and neither it nor the key is said', () => {
  const [own, other] = [parseEncryptionKey(generateEncryptionKey()), parseEncryptionKey(generateEncryptionKey())]
  const token = encryptToken(other, 'https://example.com/secret.ics')
  for (const [keys, credential] of [
    [[own], token],
    [[], token],
    [[other], `${token}x`],
    [[own], 'plain'],
  ] as const) {
    expect(() => decryptToken(keys, credential)).toThrow(expect.objectContaining({ code: 'secret_cannot_decrypt' }))
    expect(() => decryptToken(keys, credential)).toThrow(/cannot be decrypted(?!.*gAAAA)/)
  }
  expect(decryptToken([own, other], token)).toBe('https://example.com/secret.ics')
})
