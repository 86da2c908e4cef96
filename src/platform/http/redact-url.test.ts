import fc from 'fast-check'
import { expect, test } from 'vitest'
import { redactUrl } from './redact-url.ts'

test.each([
  ['https://www.googleapis.com/calendar/v3/calendars/anna%40x/events?key=s', 'https://www.googleapis.com/calendar/…'],
  ['https://user:pass@host.example:8443/v1.0/me', 'https://host.example:8443/v1.0/…'],
  ['https://host.example/f3a9c1d2e4/basic.ics', 'https://host.example/…'],
  ['https://host.example/Zm9vYmFyc2VjcmV0c2VjcmV0', 'https://host.example/…'],
  ['https://host.example/?token=s', 'https://host.example/…'],
  ['https://host.example/token?code=s#x', 'https://host.example/token/…'],
  ['https://host.example', 'https://host.example/'],
  ['https://host.example/health', 'https://host.example/health'],
  ['no address with s3cret', '(not an address)'],
])('%s is shown as %s', (url, shown) => {
  expect(redactUrl(url)).toBe(shown)
})

test('a secret in credentials, query, fragment or later path never shows', () => {
  const secret = fc.stringMatching(/^[A-Za-z0-9]{12,40}$/)
  fc.assert(
    fc.property(secret, fc.nat(4), (text, place) => {
      const url = [
        `https://${text}@h.example/a`,
        `https://u:${text}@h.example/a/b`,
        `https://h.example/a?x=${text}`,
        `https://h.example/a/${text}/c.ics`,
        `https://h.example/a#${text}`,
      ][place]
      expect(redactUrl(url ?? '')).not.toContain(text)
    }),
  )
})
