/** Longer than any invitation's link, wrapped three times over; what is longer is not read. */
const MAX_URL_LENGTH = 8_192

/** How often an over-encoded text is decoded; mail systems that re-encode do it once or twice. */
const MAX_DECODINGS = 4

/** An absolute address, http read as https; null for anything else, and for what is too long to be a meeting link. */
export function parseWebUrl(text: string): URL | null {
  if (text.length > MAX_URL_LENGTH) return null
  const url = URL.parse(text)
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) return null
  url.protocol = 'https:'
  // `meet.google.com.` is the same host written in full.
  if (url.hostname.endsWith('.')) url.hostname = url.hostname.slice(0, -1)
  return url
}

/** The address with its parameters readable where the question mark came encoded or as `&`: `/j/123456789%3Fpwd%3Dabc`. */
export function openQuery(url: URL): URL {
  if (url.search !== '') {
    if (/=/.test(url.search) || !/%3d/i.test(url.search)) return url
    url.search = decodeText(url.search)
    return url
  }
  const mark = /%3f|&(?=\w{1,20}=)/i.exec(url.pathname)
  if (!mark) return url
  const rest = url.pathname.slice(mark.index + mark[0].length)
  const opened = URL.parse(url.href)
  if (!opened) return url
  opened.pathname = url.pathname.slice(0, mark.index)
  opened.search = mark[0] === '&' ? rest : decodeText(rest)
  return opened
}

/** Percent-decoded, or as it is where that is not possible. */
export function decodeText(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Percent-decoded until nothing is left to decode, within bounds. */
export function decodeFully(text: string): string {
  let current = text
  for (let i = 0; i < MAX_DECODINGS && current.includes('%'); i++) {
    const next = decodeText(current)
    if (next === current) break
    current = next
  }
  return current
}

const WITH_SCHEME = /^(?:https?:\/\/|(?:zoommtg|zoomus|ms-?teams):)/i

/** An address that stands encoded inside another one, decoded as far as its own scheme, and no further: the rest is its own encoding. */
export function decodeTarget(text: string): string {
  let current = text.trim()
  for (let i = 0; i < MAX_DECODINGS && !WITH_SCHEME.test(current) && current.includes('%'); i++) {
    const next = decodeText(current)
    if (next === current) break
    current = next
  }
  return current
}

/** The parts of the path, each decoded, without empty ones. */
export function pathSegments(url: URL): string[] {
  return url.pathname
    .split('/')
    .filter((part) => part !== '')
    .map(decodeText)
}

/** A parameter's value, decoded once. Unlike `searchParams` it keeps `+`, which passcodes contain, and ignores the name's case. */
export function queryParam(query: string, name: string): string | null {
  for (const pair of query.replace(/^[?#]/, '').split('&')) {
    const equals = pair.indexOf('=')
    if (equals > 0 && pair.slice(0, equals).toLowerCase() === name) return decodeText(pair.slice(equals + 1))
  }
  return null
}

/** A passcode or token without the punctuation or words of the text that ran into it; null if nothing is left, or if its end was cut off. */
export function cleanKey(value: string | null): string | null {
  const key = /^[\w.~+=/@*!$^#&-]{1,2048}/.exec(value ?? '')?.[0] ?? ''
  if (value?.[key.length] === '…') return null
  return key.replace(STUCK_WORDS, '').replace(/[.&]+$/, '') || null
}

/** The words that follow a link in invitations, and run into it where a line break was lost. */
const STUCK_WORDS = /(?<=.{6})(?:Meeting|Passcode|Password|Kenncode|Kennwort|Besprechung)(?:ID)?$/

/** Encoded so that nothing at the end can be taken for the punctuation of a sentence. */
export function encodeSegment(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
