import { cleanKey, pathSegments, queryParam } from '../web-url.ts'
import { type LinkPlatform, refused } from './link-platform.ts'

const HOST = /^(?:((?:[a-z0-9-]{1,63}\.){1,3}))?(zoom\.us|zoom\.com|zoomgov\.com)$/
const MEETING_NUMBER = /^\d{9,11}$/

// `www` is the same site and `app` only the web client's; every other sub-domain is an account's or a data centre's and is kept.
const INTERCHANGEABLE = ['www.', 'app.']

/** Zoom: the number is the room on whichever of its hosts; the government's service numbers its own. */
export const zoom: LinkPlatform = {
  platform: 'zoom',
  claims: (host) => HOST.test(host) && !host.includes('xn--'),
  read(url) {
    const [, prefix = '', domain] = HOST.exec(url.hostname) ?? []
    const segments = pathSegments(url)
    if (prefix === 'events.') return refused('event_page')
    const refusal = refusalOf(segments)
    if (refusal) return refused(refusal)
    const number = numberIn(segments)
    if (number === null) return null
    if (!MEETING_NUMBER.test(number)) return refused('no_room')

    const isGovernment = domain === 'zoomgov.com'
    const host = `${INTERCHANGEABLE.includes(prefix) ? '' : prefix}${isGovernment ? domain : 'zoom.us'}`
    const keys = ['pwd', 'tk'].flatMap((name) => {
      const value = cleanKey(queryParam(url.search, name))
      return value === null ? [] : [`${name}=${encodeURIComponent(value)}`]
    })
    const path = segments[0]?.toLowerCase() === 'w' ? 'w' : 'j'
    return {
      kind: 'room',
      roomId: isGovernment ? `zoomgov.com/${number}` : number,
      url: `https://${host}/${path}/${number}${keys.length > 0 ? `?${keys.join('&')}` : ''}`,
      entry: keys.length > 0 ? 'complete' : 'bare',
    }
  },
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
