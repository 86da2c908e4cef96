import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  decryptFernet,
  encryptFernet,
  type FernetKey,
  fernetKeyOf,
  generateFernetKey,
  parseFernetKey,
} from './fernet.ts'

const SPEC_SECRET = 'cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4='
const specKey = parseFernetKey(SPEC_SECRET) as FernetKey
const countingIv = Uint8Array.from({ length: 16 }, (_, index) => index)
const specNow = new Date('1985-10-26T01:20:00-07:00')

// generate.json and verify.json of github.com/fernet/spec.
const SPEC_TOKEN =
  'gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA=='

// invalid.json of the same; what it says about age is left out, for we do not ask about age.
const INVALID_TOKENS = {
  'incorrect mac':
    'gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzXTuGb4hR8AKtwcaX1YdykQUFBQUFBQUFBQQ==',
  'too short': 'gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPA==',
  'invalid base64':
    '%%%%%%%%%%%%%AECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzXTuGb4hR8AKtwcaX1YdykRtfsH-p1YsUD2Q==',
  'payload size not multiple of block size':
    'gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPOm73QeoCk9uGib28Xe5vz6oxq5nmxbx_v7mrfyudzUm',
  'payload padding error':
    'gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0ODz4LEpdELGQAad7aNEHbf-JkLPIpuiYRLQ3RtXatOYREu2FWke6CnJNYIbkuKNqOhw==',
  'incorrect IV':
    'gAAAAAAdwJ6xBQECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAkLhFLHpGtDBRLRTZeUfWgHSv49TF2AUEZ1TIvcZjK1zQ==',
}

// Written once by Python's cryptography 48.0.0.
const PYTHON_TOKENS = [
  {
    secret: '0qD-LFOkRqwYCYZtDW9K_UDz_-1umTt6O9VEI2S46ZA=',
    token:
      'gAAAAABlU_EAOy1daViEKmAqoozyR5F3YWWfHRnopmjFgzXSWSDq1R6P1eR6fcJSwXMufVIyjJ0-ArBKR2VZuu73MGZ5IptAH0ERWNR3E8Oc-LDx7Zx8hMQ=',
    plaintext: 'ya29.réfresh ✓',
  },
  {
    secret: SPEC_SECRET,
    token:
      'gAAAAABoTuGAMQBy3GofqJfJDnY6qoSXxMokEtcNB4vUdC1LWuiUXn974C-bM6buqvpm1bobzzEgSu8-KJh7rx_eW2OVRI8UJB9pYanuNytah2agt55XbAs=',
    plaintext: '1//0gRefreshTokenMadeOnce',
  },
  {
    secret: SPEC_SECRET,
    token: 'gAAAAABoTuGAgbjOafH6Hcaw2ZyfF1oR59t4eSvenBXW5cI4FwaQz_WkrnBeU19ASVkGWdQPjmhMkgXo8zIy6Lu5m3TbRDCXew==',
    plaintext: '',
  },
  {
    // The predecessor's habit: Fernet(base64.urlsafe_b64encode(key)) of a key with 32 characters.
    secret: 'correct-horse-battery-staple-32c',
    token:
      'gAAAAABo53gAhcPNeBqpEWuBEfvSEO3SqGmJak1T9KD88BBefRt56R6V3sXOO0LPJKODS_FzHYgBIm1Ult9xwRGZwzeyZzfc9sZE1JvKLPagsWQd4J4gOoE=',
    plaintext: 'from a 32-character key',
  },
]

// Written by Python under the specification's key, time and IV, so that ours must come out the same byte for byte.
const PYTHON_TOKENS_UNDER_COUNTING_IV = [
  {
    plaintext: 'fixed iv: é',
    token: 'gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0OD7X7ZJE9Uf4O5JwkdzdCC1hlAoYGmDfRzV6pX1U1jAFjjcaEPih-ZU8yVyPrQpbGUQ==',
  },
  {
    plaintext: 'x'.repeat(16),
    token:
      'gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0OD9O-hSSAA1cDYH_uVfvb_j0Lo0-X8Ot6wUX335bIpLcJMIjdXBothTwfICqZVOk8CNRa6JXe9nAadTrCexVcG0g=',
  },
]

const readKey = (text: string) => {
  const key = text.length === 32 ? fernetKeyOf(Buffer.from(text)) : parseFernetKey(text)
  if (key === undefined) throw new Error('No key')
  return key
}

describe('Fernet', () => {
  test('writes and reads the token of the specification', () => {
    expect(encryptFernet(specKey, 'hello', { now: specNow, iv: countingIv })).toBe(SPEC_TOKEN)
    expect(decryptFernet([specKey], SPEC_TOKEN)).toBe('hello')
  })

  test.each(Object.entries(INVALID_TOKENS))('refuses the invalid token of the specification: %s', (_, token) => {
    expect(decryptFernet([specKey], token)).toBeUndefined()
  })

  test.each(PYTHON_TOKENS)('reads what Python wrote: $plaintext', ({ secret, token, plaintext }) => {
    expect(decryptFernet([readKey(secret)], token)).toBe(plaintext)
  })

  test.each(PYTHON_TOKENS_UNDER_COUNTING_IV)('writes what Python writes: $plaintext', ({ plaintext, token }) => {
    expect(encryptFernet(specKey, plaintext, { now: specNow, iv: countingIv })).toBe(token)
  })

  test('reads with an older key, and with no key at all says so', () => {
    const newer = readKey(generateFernetKey())
    expect(decryptFernet([newer, specKey], SPEC_TOKEN)).toBe('hello')
    expect(decryptFernet([newer], SPEC_TOKEN)).toBeUndefined()
    expect(decryptFernet([], SPEC_TOKEN)).toBeUndefined()
  })

  test('gives any text back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(decryptFernet([specKey], encryptFernet(specKey, text))).toBe(text)
      }),
    )
  })

  test('notices any changed byte', () => {
    const bytes = Buffer.from(SPEC_TOKEN, 'base64url')
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (index, change) => {
        const changed = Buffer.from(bytes)
        changed[index] = (changed[index] ?? 0) ^ change
        expect(decryptFernet([specKey], changed.toString('base64url'))).toBeUndefined()
      }),
    )
  })
})
