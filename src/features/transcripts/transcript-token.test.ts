import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createTranscriptToken, readTranscriptToken } from './transcript-token.ts'

const secret = 'a secret of this test'
const meetingId = '0d0c7f6e-8f7c-4a37-9c55-5a3f5f4b2a10'
const now = new Date('2026-12-01T08:00:00Z')
const expiresAt = new Date('2026-12-23T08:00:00Z')

// Made once with Python 3.11: json.dumps (": " between name and value), hmac and base64, for the payload
// {"meetingId", "email": "ana@example.com", "exp": 1798012800000}. One by JavaScript, whose JSON has no spaces.
const python =
  'eyJtZWV0aW5nSWQiOiAiMGQwYzdmNmUtOGY3Yy00YTM3LTljNTUtNWEzZjVmNGIyYTEwIiwgImVtYWlsIjogImFuYUBleGFtcGxlLmNvbSIsICJleHAiOiAxNzk4MDEyODAwMDAwfQ.VCGcrF2HPRHUW2lFVooFsMmR7b9uqPngH0zF2FgeW-s'
const foreign: Record<string, string> = {
  'by Python': python,
  'by Python, with padding': python.replace('.', '==.').concat('='),
  'by Python, in the standard alphabet':
    'eyJtZWV0aW5nSWQiOiAiMGQwYzdmNmUtOGY3Yy00YTM3LTljNTUtNWEzZjVmNGIyYTEwIiwgImVtYWlsIjogImFuYUBleGFtcGxlLmNvbSIsICJleHAiOiAxNzk4MDEyODAwMDAwfQ==.VCGcrF2HPRHUW2lFVooFsMmR7b9uqPngH0zF2FgeW+s=',
  'by Python, its plus sign read as a space':
    'eyJtZWV0aW5nSWQiOiAiMGQwYzdmNmUtOGY3Yy00YTM3LTljNTUtNWEzZjVmNGIyYTEwIiwgImVtYWlsIjogImFuYUBleGFtcGxlLmNvbSIsICJleHAiOiAxNzk4MDEyODAwMDAwfQ==.VCGcrF2HPRHUW2lFVooFsMmR7b9uqPngH0zF2FgeW s=',
  'by Python, with fields of another version':
    'eyJtZWV0aW5nSWQiOiAiMGQwYzdmNmUtOGY3Yy00YTM3LTljNTUtNWEzZjVmNGIyYTEwIiwgImVtYWlsIjogImFuYUBleGFtcGxlLmNvbSIsICJleHAiOiAxNzk4MDEyODAwMDAwLCAibmFtZSI6ICJab1x1MDBlYiBcdTAwZmZcdTAwZmZcdTAwZmY/Pn5cdTAwZmYiLCAidiI6IDJ9.+4+SgjcMplsJ3caw0NqnWbeau0kjaA5YFjV7EcptA7c=',
  'by Python, of a fraction of a millisecond and with capitals':
    'eyJtZWV0aW5nSWQiOiAiMGQwYzdmNmUtOGY3Yy00YTM3LTljNTUtNWEzZjVmNGIyYTEwIiwgImVtYWlsIjogIkFuYUBFeGFtcGxlLmNvbSIsICJleHAiOiAxNzk4MDEyODAwMDAwLjV9.We_58NK2fm8jBqDm1WKdTz-NHg96bVRsnODX4OWWubU',
  'by JavaScript':
    'eyJtZWV0aW5nSWQiOiIwZDBjN2Y2ZS04ZjdjLTRhMzctOWM1NS01YTNmNWY0YjJhMTAiLCJlbWFpbCI6ImFuYUBleGFtcGxlLmNvbSIsImV4cCI6MTc5ODAxMjgwMDAwMH0.YyBArEaHa8W8sCpoHOSIUxlmLAF-_yO41rGVns94-WY',
}

function signed(payload: string, key = secret): string {
  const signature = createHmac('sha256', key).update(payload).digest('base64url')
  return `${Buffer.from(payload).toString('base64url')}.${signature}`
}

describe('A token of a transcript', () => {
  test.each(Object.keys(foreign))('made %s opens, and counts as issued 30 days before its end', (name) => {
    expect(readTranscriptToken(secret, foreign[name] as string, now)).toEqual({
      outcome: 'open',
      token: { meetingId, email: 'ana@example.com', expiresAt, issuedAt: new Date('2026-11-23T08:00:00Z') },
    })
  })

  test('of ours says when it was issued, and lasts 30 days or as long as asked', () => {
    const token = createTranscriptToken(secret, { meetingId, email: 'Ana@Example.com', now })
    const [payload = ''] = token.split('.')
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toEqual({
      meetingId,
      email: 'ana@example.com',
      exp: now.getTime() + 30 * 86_400_000,
      iat: now.getTime(),
    })
    expect(token).toMatch(/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{43}$/)
    const short = createTranscriptToken(secret, { meetingId, email: 'ana@example.com', now, days: 2 })
    expect(readTranscriptToken(secret, short, now)).toMatchObject({
      outcome: 'open',
      token: { issuedAt: now, expiresAt: new Date('2026-12-03T08:00:00Z') },
    })
  })

  test('is over at its last moment, and says whose it was', () => {
    expect(readTranscriptToken(secret, python, new Date(expiresAt.getTime() - 1)).outcome).toBe('open')
    expect(readTranscriptToken(secret, python, expiresAt)).toMatchObject({ outcome: 'expired', token: { meetingId } })
  })

  test('that was changed in any one place is worth nothing', () => {
    const token = createTranscriptToken(secret, { meetingId, email: 'ana@example.com', now })
    // The last character of each part has bits that no byte holds.
    const places = [...token.split('').keys()].filter((at) => token[at + 1] !== '.' && at < token.length - 1)
    for (const at of places) {
      const changed = `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`
      expect(readTranscriptToken(secret, changed, now), `at ${at}`).toEqual({ outcome: 'invalid' })
    }
  })

  test.each([
    ['nothing', ''],
    ['one part', 'abc'],
    ['three parts', `${python}.x`],
    ['only a signature', python.slice(python.indexOf('.'))],
    ['only a payload', python.slice(0, python.indexOf('.') + 1)],
    ['a cut one', python.slice(0, -1)],
    ['other characters', python.replace('.', '!.')],
    ['padding in the middle', `=${python}`],
    ['far too much', `${'a'.repeat(5_000)}.b`],
    ['another secret', signed(JSON.stringify({ meetingId, email: 'ana@example.com', exp: 1798012800000 }), 'other')],
    ['no JSON', signed('hello')],
    ['a list', signed('[]')],
    ['nothing in it', signed('{}')],
    ['no end', signed(JSON.stringify({ meetingId, email: 'ana@example.com' }))],
    ['an end in words', signed(JSON.stringify({ meetingId, email: 'ana@example.com', exp: '1798012800000' }))],
    ['an end beyond time', signed(JSON.stringify({ meetingId, email: 'ana@example.com', exp: 1e300 }))],
    ['no address', signed(JSON.stringify({ meetingId, email: 'ana', exp: 1798012800000 }))],
  ])('of %s is worth nothing', (_, text) => {
    expect(readTranscriptToken(secret, text, now)).toEqual({ outcome: 'invalid' })
  })

  test('whose moment of issue is no number counts as without one', () => {
    const token = signed(JSON.stringify({ meetingId, email: 'ana@example.com', exp: 1798012800000, iat: 'now' }))
    expect(readTranscriptToken(secret, token, now)).toMatchObject({
      outcome: 'open',
      token: { issuedAt: new Date('2026-11-23T08:00:00Z') },
    })
  })
})
