import { createBreather } from '../../../../base/breather.ts'

/** No property of a meeting is longer; what is beyond is cut, so that one line cannot take all memory. In UTF-16 units. */
const MAX_LINE_LENGTH = 250_000
/** So much text at most goes by between two looks at the time. */
const BREATHE_EVERY = 64 * 1024

/** The logical lines of an iCalendar text: folded lines joined, any line ending, byte order mark and blank lines left out, overlong lines cut. */
export function* unfoldLines(text: string): Generator<string> {
  const joiner = createJoiner()
  for (const physical of physicalLines(text)) {
    const line = joiner.take(physical)
    if (line !== '') yield line
  }
  const last = joiner.end()
  if (last !== '') yield last
}

/** Hands on the logical lines of a text of any size and shape, one at a time and without copying it, and lets everything else have its turn. */
export async function readLines(text: string, take: (line: string) => void): Promise<void> {
  const breathe = createBreather()
  const joiner = createJoiner()
  let passed = 0
  for (const physical of physicalLines(text)) {
    const line = joiner.take(physical)
    if (line !== '') take(line)
    passed += physical.length + 1
    if (passed < BREATHE_EVERY) continue
    passed = 0
    await breathe()
  }
  const last = joiner.end()
  if (last !== '') take(last)
}

/** Joins folded lines. Answers the logical line that a physical one shows to be whole; empty for none. */
function createJoiner(): { take(physical: string): string; end(): string } {
  let line = ''
  return {
    take(physical) {
      const first = physical.charCodeAt(0)
      if (first === 32 || first === 9) {
        if (line.length < MAX_LINE_LENGTH) line += physical.slice(1)
        return ''
      }
      if (physical === '') return ''
      const whole = line.slice(0, MAX_LINE_LENGTH)
      line = physical
      return whole
    },
    end: () => line.slice(0, MAX_LINE_LENGTH),
  }
}

/** Blank ones are given too, so that a text of nothing else is no long computation. A carriage return alone ends a line as well: old files have no other. */
function* physicalLines(text: string): Generator<string> {
  let from = text.charCodeAt(0) === 0xfeff ? 1 : 0
  let newline = text.indexOf('\n', from)
  let carriageReturn = text.indexOf('\r', from)
  while (from < text.length) {
    if (newline !== -1 && newline < from) newline = text.indexOf('\n', from)
    if (carriageReturn !== -1 && carriageReturn < from) carriageReturn = text.indexOf('\r', from)
    const to = Math.min(newline === -1 ? text.length : newline, carriageReturn === -1 ? text.length : carriageReturn)
    yield text.slice(from, to)
    from = to + 1
  }
}
