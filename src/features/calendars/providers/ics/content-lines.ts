/** No property of a meeting is longer; what is beyond is cut, so that one line cannot take all memory. In UTF-16 units. */
const MAX_LINE_LENGTH = 250_000

/**
 * The logical lines of an iCalendar text, one at a time and without copying the text: folded lines joined, any line ending,
 * byte order mark and blank lines left out, overlong lines cut.
 */
export function* unfoldLines(text: string): Generator<string> {
  let line = ''
  for (const physical of physicalLines(text)) {
    const first = physical.charCodeAt(0)
    if (first === 32 || first === 9) {
      if (line.length < MAX_LINE_LENGTH) line += physical.slice(1)
      continue
    }
    if (line !== '') yield line.slice(0, MAX_LINE_LENGTH)
    line = physical
  }
  if (line !== '') yield line.slice(0, MAX_LINE_LENGTH)
}

function* physicalLines(text: string): Generator<string> {
  let from = text.charCodeAt(0) === 0xfeff ? 1 : 0
  while (from < text.length) {
    const newline = text.indexOf('\n', from)
    const to = newline === -1 ? text.length : newline
    const segment = text.slice(from, to)
    // A carriage return within a segment is a line ending of its own; old files have no other.
    if (!segment.includes('\r')) {
      if (segment !== '') yield segment
    } else {
      for (const part of segment.split('\r')) if (part !== '') yield part
    }
    from = to + 1
  }
}
