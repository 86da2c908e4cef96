import { expect, test } from 'vitest'
import { readRefusal } from './read-refusal.ts'

const said = (body: unknown, type = 'application/json') =>
  readRefusal(
    {
      headers: new Headers({ 'content-type': type }),
      text: () => (typeof body === 'string' ? body : JSON.stringify(body)),
    },
    'key-of-this-test',
  )

test.each([
  ['an error', { error: 'Zoom App credentials are required' }, 'Zoom App credentials are required'],
  ['a detail within a detail', { detail: { detail: 'Invalid or disabled API key' } }, 'Invalid or disabled API key'],
  ['a field', { meeting_url: ['Invalid meeting URL'] }, 'meeting_url: Invalid meeting URL'],
  [
    'fields within fields',
    { recording_settings: { format: ['Format must be mp4'] }, non_field_errors: ['Unexpected field(s): x'] },
    'recording_settings.format: Format must be mp4 Unexpected field(s): x',
  ],
  [
    'a field that is named twice',
    { transcription_settings: { transcription_settings: 'Not supported' } },
    'transcription_settings: Not supported',
  ],
  ['nothing', {}, null],
  ['a number', { code: 7 }, null],
])('%s is read out of JSON', (_what, body, words) => {
  expect(said(body)).toBe(words)
})

test('of a page its visible words are taken, of text its words on one line', () => {
  const page = '<html><head><title>413</title><style>b{}</style></head><body><h1>Too large</h1><hr>nginx</body></html>'
  expect(said(page, 'text/html; charset=utf-8')).toBe('Too large nginx')
  expect(said('upstream\n is away', 'text/plain')).toBe('upstream is away')
})

test('our key, what looks like a secret, and marks that turn text around are never shown', () => {
  expect(said({ error: 'No key key-of-this-test here' })).toBe('No key … here')
  expect(said({ error: 'https://zoom.us/j/123456789?pwd=AbC refused' })).not.toContain('AbC')
  expect(said({ error: 'a\u202eb\u0000c' })).toBe('abc')
})

test('the words end after 300 characters, however many there are', () => {
  expect(said({ error: 'x'.repeat(1_000_000) })).toHaveLength(300)
  expect(said('<script '.repeat(10_000), 'text/html')?.length ?? 0).toBeLessThanOrEqual(300)
})
