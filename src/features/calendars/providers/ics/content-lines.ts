import { createBreather } from '../../../../base/breather.ts'

/** No property of a meeting is longer; what is beyond is cut, so that one line cannot take all memory. In UTF-16 units. */
const MAX_LINE_LENGTH = 250_000
/** So much text at most goes by between two looks at the time. */
const BREATHE_EVERY = 64 * 1024

/** vCalendar 1.0 breaks such lines behind an equals sign. */
const QUOTED_PRINTABLE = /^[A-Z-]+;[^:]{0,200}ENCODING=QUOTED-PRINTABLE/i
/** Behind so much of a line nothing says any more how it is written. */
const HEAD_LENGTH = 400

/**
 * The logical lines of an iCalendar text: folded lines joined, any line ending, byte order marks, blank lines and blanks around the whole left
 * out, overlong lines cut.
 */
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
  let head = ''
  /** Whether the next line goes on with this one. */
  let isBroken = false
  // Looks at the parts only: to look at the whole each time would put a long line together as often as it has parts.
  const add = (part: string) => {
    if (head.length < HEAD_LENGTH) head += part.slice(0, HEAD_LENGTH)
    isBroken = part.endsWith('=') && QUOTED_PRINTABLE.test(head)
    if (line.length < MAX_LINE_LENGTH) line += isBroken ? part.slice(0, -1) : part
  }
  return {
    take(physical) {
      const first = physical.charCodeAt(0)
      if (first === 32 || first === 9) {
        add(physical.slice(1))
        return ''
      }
      if (physical === '') return ''
      if (isBroken) {
        add(physical)
        return ''
      }
      const whole = line.slice(0, MAX_LINE_LENGTH)
      line = ''
      head = ''
      add(physical)
      return whole
    },
    end: () => line.slice(0, MAX_LINE_LENGTH),
  }
}

/** Blank ones are given too, so that a text of nothing else is no long computation. A carriage return alone ends a line as well: old files have no other. */
function* physicalLines(text: string): Generator<string> {
  let from = startOfContent(text)
  const indent = indentOf(text, from)
  let newline = text.indexOf('\n', from)
  let carriageReturn = text.indexOf('\r', from)
  while (from < text.length) {
    if (newline !== -1 && newline < from) newline = text.indexOf('\n', from)
    if (carriageReturn !== -1 && carriageReturn < from) carriageReturn = text.indexOf('\r', from)
    const to = Math.min(newline === -1 ? text.length : newline, carriageReturn === -1 ? text.length : carriageReturn)
    const line = text.slice(from, to)
    yield indent !== '' && line.startsWith(indent) ? line.slice(indent.length) : line
    from = to + 1
  }
}

/** Byte order marks, also one that was taken for three letters, blanks and zeros before the first line mean nothing. */
const NOTHING = /[\s\ufeff\u200b\0]*/y
const MARK_AS_LETTERS = '\u00ef\u00bb\u00bf'

/** Where the first line of a text begins, behind what only looks like nothing, however much that is. */
export function startOfContent(text: string): number {
  for (let at = 0; ; at += MARK_AS_LETTERS.length) {
    NOTHING.lastIndex = at
    NOTHING.test(text)
    at = NOTHING.lastIndex
    if (!text.startsWith(MARK_AS_LETTERS, at)) return at
  }
}

/** The blanks before the first line, if the second one has them too: then the whole text was moved in, and no line is a folded one by them. */
function indentOf(text: string, from: number): string {
  const indent = /[ \t]*$/.exec(text.slice(Math.max(0, from - 80), from))?.[0] ?? ''
  const second = /[\r\n]+([^\r\n]*)/.exec(text.slice(from, from + 1_000))?.[1] ?? ''
  return indent !== '' && /^[A-Z-]+[ \t]*[;:]/i.test(second.slice(indent.length)) && second.startsWith(indent)
    ? indent
    : ''
}
