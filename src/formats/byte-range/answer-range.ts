export interface RangeQuestion {
  method: string
  /** The request's headers of these names. */
  range?: string | undefined
  ifRange?: string | undefined
  sizeBytes: number
  /** Strong, quotes included. */
  etag: string
  contentType: string
}

interface RangeAnswer {
  status: 200 | 206 | 416
  headers: Record<string, string>
  /** The bytes to send, from `start` up to and without `end`; none where only the headers are. */
  body: { start: number; end: number } | undefined
}

/**
 * How to answer a request for a file, by RFC 9110, section 14: one range is served as such, several and unreadable ones with the whole,
 * one that begins behind the end is refused, one of another version of the file (`If-Range`) is ignored. Pure.
 */
export function answerRange(question: RangeQuestion): RangeAnswer {
  const { sizeBytes, etag, contentType } = question
  const headers = { 'accept-ranges': 'bytes', etag }
  const range = isRangeMeant(question) ? parseRange(question.range ?? '', sizeBytes) : undefined
  if (range === 'unsatisfiable') {
    return {
      status: 416,
      headers: { ...headers, 'content-range': `bytes */${sizeBytes}`, 'content-length': '0' },
      body: undefined,
    }
  }
  const { start, end } = range ?? { start: 0, end: sizeBytes }
  const described = { ...headers, 'content-type': contentType, 'content-length': String(end - start) }
  const body = question.method === 'HEAD' ? undefined : { start, end }
  if (!range) return { status: 200, headers: described, body }
  return { status: 206, headers: { ...described, 'content-range': `bytes ${start}-${end - 1}/${sizeBytes}` }, body }
}

/** Ranges are defined for GET alone. A date in If-Range never matches: we send none. */
function isRangeMeant({ method, range, ifRange, etag }: RangeQuestion): boolean {
  return method === 'GET' && range !== undefined && (ifRange === undefined || ifRange.trim() === etag)
}

function parseRange(header: string, size: number): { start: number; end: number } | 'unsatisfiable' | undefined {
  const [, first, last] = /^\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(header) ?? []
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined
  if (first === '') {
    const length = Math.min(Number(last), size)
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size }
  }
  const start = Number(first)
  if (last !== '' && Number(last) < start) return undefined
  if (start >= size) return 'unsatisfiable'
  return { start, end: last === '' ? size : Math.min(Number(last) + 1, size) }
}
