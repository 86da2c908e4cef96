/** No property of a meeting is longer; what is beyond is cut, so that one line cannot take all memory. In UTF-16 units. */
const MAX_LINE_LENGTH = 250_000

/** vCalendar 1.0 breaks such lines behind an equals sign. */
const QUOTED_PRINTABLE = /^[A-Z-]+;[^:]{0,200}ENCODING=QUOTED-PRINTABLE/i

/**
 * The logical lines of an iCalendar text, one at a time and without copying the text: folded lines joined, any line ending,
 * byte order marks, blank lines and blanks around the whole left out, overlong lines cut.
 */
export function* unfoldLines(text: string): Generator<string> {
  let line = ''
  for (const physical of physicalLines(text)) {
    const first = physical.charCodeAt(0)
    if (first === 32 || first === 9) {
      if (line.length < MAX_LINE_LENGTH) line += physical.slice(1)
      continue
    }
    if (line.endsWith('=') && QUOTED_PRINTABLE.test(line)) {
      line = line.length < MAX_LINE_LENGTH ? line.slice(0, -1) + physical : line.slice(0, -1)
      continue
    }
    if (line !== '') yield line.slice(0, MAX_LINE_LENGTH)
    line = physical
  }
  if (line !== '') yield line.slice(0, MAX_LINE_LENGTH)
}

function* physicalLines(text: string): Generator<string> {
  let from = startOfContent(text)
  const indent = indentOf(text, from)
  while (from < text.length) {
    const newline = text.indexOf('\n', from)
    const to = newline === -1 ? text.length : newline
    const segment = text.slice(from, to)
    // A carriage return within a segment is a line ending of its own; old files have no other.
    for (const part of segment.includes('\r') ? segment.split('\r') : [segment]) {
      const line = indent !== '' && part.startsWith(indent) ? part.slice(indent.length) : part
      if (line !== '') yield line
    }
    from = to + 1
  }
}

/** Byte order marks, also one that was taken for three letters, blanks and zeros before the first line mean nothing. */
const BEFORE_CONTENT = /(?:[\s\ufeff\u200b\0]|\u00ef\u00bb\u00bf)*/y

/** Where the first line of a text begins, behind what only looks like nothing. */
export function startOfContent(text: string): number {
  BEFORE_CONTENT.lastIndex = 0
  BEFORE_CONTENT.test(text)
  return BEFORE_CONTENT.lastIndex
}

/** The blanks before the first line, if the second one has them too: then the whole text was moved in, and no line is a folded one by them. */
function indentOf(text: string, from: number): string {
  const indent = /[ \t]*$/.exec(text.slice(Math.max(0, from - 80), from))?.[0] ?? ''
  const second = /[\r\n]+([^\r\n]*)/.exec(text.slice(from, from + 1_000))?.[1] ?? ''
  return indent !== '' && /^[A-Z-]+[ \t]*[;:]/i.test(second.slice(indent.length)) && second.startsWith(indent)
    ? indent
    : ''
}
