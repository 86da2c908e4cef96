import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Piece, planTimeline } from './plan-timeline.ts'

const step = (source: string, startedMs: number, packetCount = 500): Piece => ({ source, startedMs, packetCount })

/** The plan in words: `a 0+500` for packets of a, `- 50` for silence. */
function tell(pieces: readonly Piece[]): string[] {
  return planTimeline(pieces).map((span) =>
    span.piece === undefined ? `- ${span.count}` : `${span.piece.source} ${span.from}+${span.count}`,
  )
}

test('steps in a row follow each other without a seam, in whatever order they are given', () => {
  expect(tell([step('a', 20_000), step('a', 0), step('a', 10_000)])).toEqual(['a 0+500', 'a 0+500', 'a 0+500'])
})

test('a gap is silence of its length, at the start too', () => {
  expect(tell([step('a', 1_000), step('a', 21_000)])).toEqual(['- 50', 'a 0+500', '- 500', 'a 0+500'])
})

test('a clock that drifts is followed only where the difference has grown', () => {
  expect(tell([step('a', 0), step('a', 10_030), step('a', 20_055)])).toEqual(['a 0+500', 'a 0+500', '- 3', 'a 0+500'])
  expect(tell([step('a', 0), step('a', 9_970), step('a', 19_900)])).toEqual(['a 0+500', 'a 0+500', 'a 5+495'])
})

test('while two bots record, the one that was there is heard until it ends', () => {
  const first = [step('a', 0), step('a', 10_000), step('a', 20_000)]
  const second = [step('b', 15_000), step('b', 25_000), step('b', 35_000)]
  expect(tell([...first, ...second])).toEqual(['a 0+500', 'a 0+500', 'a 0+500', 'b 250+250', 'b 0+500'])
})

test('where the first of two bots was deaf, the second is heard', () => {
  expect(tell([step('a', 0), step('a', 30_000), step('b', 5_000), step('b', 15_000), step('b', 25_000)])).toEqual([
    'a 0+500',
    'b 250+250',
    'b 0+500',
    'b 0+500',
    'a 250+250',
  ])
})

test('a step that is there twice is heard once', () => {
  expect(tell([step('a', 0), step('a', 0), step('a', 10_000)])).toEqual(['a 0+500', 'a 0+500'])
})

test('of whatever pieces: each is where its time says, nothing is longer than it was, and no sound is lost without other sound in its place', () => {
  const piece = fc.record({
    source: fc.constantFrom('a', 'b', 'c'),
    startedMs: fc.integer({ min: 0, max: 200_000 }),
    packetCount: fc.integer({ min: 0, max: 500 }),
  })
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      let at = 0
      for (const span of planTimeline(pieces)) {
        expect(span.count).toBeGreaterThan(0)
        if (span.piece) {
          expect(span.from + span.count).toBeLessThanOrEqual(span.piece.packetCount)
          expect(Math.abs(at * 20 - (span.piece.startedMs + span.from * 20))).toBeLessThanOrEqual(50)
        }
        at += span.count
      }
      const end = Math.max(0, ...pieces.filter((p) => p.packetCount > 0).map((p) => p.startedMs + p.packetCount * 20))
      expect(Math.abs(at * 20 - end)).toBeLessThanOrEqual(50)
    }),
  )
})
