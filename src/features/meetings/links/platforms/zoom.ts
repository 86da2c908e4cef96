import { cleanKey, encodeSegment, pathSegments, queryParam } from '../web-url.ts'
import { type LinkPlatform, refused } from './link-platform.ts'

const HOST = /^(?:((?:[a-z0-9-]{1,63}\.){1,3}))?(zoom\.us|zoom\.com|zoomgov\.com|zoom\.com\.cn|zoom-x\.de)$/
/** With text that ran into it. */
const MEETING_NUMBER = /^(\d{9,11})(?!\d)/
const LONGEST_NUMBER = 11
/** Keys that Zoom makes end so; what stands behind that is text, or the passcode, which some of its applications append (github.com/attendee-labs/attendee/issues/341, July 2025). */
const WHOLE_KEY = /^[\w-]{10,}\.1(?=.|$)/

// `www` is the same site and `app` only the web client's; every other sub-domain is an account's or a data centre's and is kept.
const INTERCHANGEABLE = ['www.', 'app.']

/** Services that number their own meetings, and are kept apart: the government's, the Chinese and the German one. */
const OWN_NUMBERS = ['zoomgov.com', 'zoom.com.cn', 'zoom-x.de']

/** Zoom: the number is the room on whichever of its hosts, but for services with numbers of their own. */
export const zoom: LinkPlatform = {
  platform: 'zoom',
  claims: (host) => HOST.test(host) && !host.includes('xn--'),
  read(url) {
    const [, prefix = '', domain] = HOST.exec(url.hostname) ?? []
    const segments = pathSegments(url)
    if (prefix === 'events.') return refused('event_page')
    const refusal = refusalOf(segments)
    if (refusal) return refused(refusal)
    const written = numberIn(segments)
    if (written === null) return null
    const number = MEETING_NUMBER.exec(written)?.[1]
    if (number === undefined) return refused('no_room')
    if (written[number.length] === '…' && number.length < LONGEST_NUMBER) return refused('damaged')

    const own = OWN_NUMBERS.find((known) => known === domain)
    const host = `${INTERCHANGEABLE.includes(prefix) ? '' : prefix}${own ?? 'zoom.us'}`
    const passcode = cleanKey(queryParam(url.search, 'pwd'))
    const keys = {
      pwd: passcode === null ? null : (WHOLE_KEY.exec(passcode)?.[0] ?? passcode),
      tk: cleanKey(queryParam(url.search, 'tk')),
    }
    const query = Object.entries(keys).flatMap(([name, key]) => (key === null ? [] : [`${name}=${encodeSegment(key)}`]))
    const path = segments[0]?.toLowerCase() === 'w' ? 'w' : 'j'
    const wasCut = query.length === 0 && /[?&]pwd=/i.test(url.search)
    return {
      kind: 'room',
      roomId: own === undefined ? number : `${own}/${number}`,
      url: `https://${host}/${path}/${number}${query.length > 0 ? `?${query.join('&')}` : ''}`,
      entry: query.length > 0 ? 'complete' : wasCut ? 'passcode_missing' : 'bare',
      key: keys.pwd,
    }
  },
  withPasscode: (url, passcode) => `${url}?pwd=${encodeSegment(passcode)}`,
}

/** Whether a key has the form in which Zoom makes them, from beginning to end. */
export function isWholeZoomKey(key: string): boolean {
  return WHOLE_KEY.exec(key)?.[0] === key
}

/** What stands where the meeting number belongs: `/j/`, `/w/` (webinar), `/s/` (host), `/wc/N/join`, `/wc/join/N`; null on other pages. */
function numberIn(segments: readonly string[]): string | null {
  const [kind, second = '', third = ''] = segments.map((part) => part.toLowerCase())
  if (kind === 'j' || kind === 'w' || kind === 's') return second
  if (kind === 'wc') return second === 'join' ? third : second
  return kind === 'join' ? second : null
}

function refusalOf(segments: readonly string[]) {
  const [first, second] = segments.map((part) => part.toLowerCase())
  if (first === 'rec' || first === 'recording') return 'recording'
  if (first === 'events') return 'event_page'
  if (first === 'my') return 'personal_link'
  return (first === 'meeting' || first === 'webinar') && second === 'register' ? 'registration' : null
}
