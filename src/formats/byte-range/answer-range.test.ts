import fc from 'fast-check'
import { expect, test } from 'vitest'
import { answerRange, type RangeQuestion } from './answer-range.ts'

const file = { sizeBytes: 1_000, etag: '"abc"', contentType: 'audio/mp4' }
const ask = (question: Partial<RangeQuestion>) => answerRange({ method: 'GET', ...file, ...question })

test('without a range the whole is sent, and said to have ranges', () => {
  expect(ask({})).toEqual({
    status: 200,
    headers: { 'accept-ranges': 'bytes', etag: '"abc"', 'content-type': 'audio/mp4', 'content-length': '1000' },
    body: { start: 0, end: 1_000 },
  })
})

test.each([
  ['bytes=0-1', 'bytes 0-1/1000', 0, 2],
  ['bytes=500-', 'bytes 500-999/1000', 500, 1_000],
  ['bytes=-100', 'bytes 900-999/1000', 900, 1_000],
  ['bytes=-5000', 'bytes 0-999/1000', 0, 1_000],
  ['bytes=990-5000', 'bytes 990-999/1000', 990, 1_000],
  ['Bytes = 5-5', 'bytes 5-5/1000', 5, 6],
  [`bytes=0-${'9'.repeat(400)}`, 'bytes 0-999/1000', 0, 1_000],
])('%.40s is a part', (range, contentRange, start, end) => {
  const answer = ask({ range })
  expect(answer).toMatchObject({ status: 206, body: { start, end } })
  expect(answer.headers).toMatchObject({ 'content-range': contentRange, 'content-length': String(end - start) })
})

test.each(['bytes=1000-', 'bytes=5000-6000', 'bytes=-0'])('%s is refused and told the length', (range) => {
  expect(ask({ range })).toMatchObject({ status: 416, headers: { 'content-range': 'bytes */1000' }, body: undefined })
})

test('no part of an empty file can be had', () => {
  expect(ask({ sizeBytes: 0, range: 'bytes=0-' }).status).toBe(416)
  expect(ask({ sizeBytes: 0, range: 'bytes=-5' }).status).toBe(416)
  expect(ask({ sizeBytes: 0 })).toMatchObject({ status: 200, body: { start: 0, end: 0 } })
})

test.each(['bytes=5-2', 'bytes=-', 'bytes', 'items=0-1', 'bytes=a-b', 'bytes=0-1,5-6', ''])(
  '"%s" is answered with the whole',
  (range) => {
    expect(ask({ range }).status).toBe(200)
  },
)

test('a range of another version of the file is answered with the whole', () => {
  expect(ask({ range: 'bytes=0-1', ifRange: '"abc"' }).status).toBe(206)
  for (const ifRange of ['"other"', 'W/"abc"', 'Mon, 23 Nov 2026 08:00:00 GMT', '']) {
    expect(ask({ range: 'bytes=0-1', ifRange }).status, ifRange).toBe(200)
  }
})

test('HEAD has the headers of the whole and no body', () => {
  const answer = ask({ method: 'HEAD', range: 'bytes=0-1' })
  expect(answer).toMatchObject({ status: 200, headers: { 'content-length': '1000' }, body: undefined })
})

test('whatever is asked, what is sent lies within the file and is as long as said', () => {
  const range = fc.oneof(
    fc.string(),
    fc.tuple(fc.option(fc.nat()), fc.option(fc.nat())).map(([a, b]) => `bytes=${a ?? ''}-${b ?? ''}`),
  )
  fc.assert(
    fc.property(range, fc.nat({ max: 10_000 }), (asked, sizeBytes) => {
      const { body, headers } = ask({ range: asked, sizeBytes })
      if (!body) return
      expect(body.start).toBeGreaterThanOrEqual(0)
      expect(body.end).toBeLessThanOrEqual(sizeBytes)
      expect(headers['content-length']).toBe(String(body.end - body.start))
    }),
  )
})
