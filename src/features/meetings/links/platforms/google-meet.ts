import { decodeFully, pathSegments, queryParam } from '../web-url.ts'
import { type LinkPlatform, refused } from './link-platform.ts'

// Three, four and three letters; anything else under this host is a page, a nickname or a mistake. Text that ran into it begins with a
// capital or is no letter; an ellipsis behind a whole code cuts nothing off.
const CODE = /^([a-z]{3})-?([a-z]{4})-?([a-z]{3})(?:$|[^a-z0-9_-])/
const STUCK = /^([A-Za-z]{3}-[A-Za-z]{4}-[a-z]{3})[A-Z][a-z].*$/
const STREAMS = 'stream.meet.google.com'

/** Google Meet: the code is the room, and nothing else in the link matters. */
export const googleMeet: LinkPlatform = {
  platform: 'google_meet',
  claims: (host) => host === 'meet.google.com' || host === STREAMS,
  read(url) {
    if (url.hostname === STREAMS) return refused('event_page')
    const [first, ...rest] = withoutAccount(pathSegments(url))
    if (first === undefined) return null
    if (first === 'linkredirect') {
      const target = queryParam(url.search, 'dest')
      return target === null ? null : { kind: 'leads_to', target }
    }
    const code = CODE.exec(decodeFully(first).replace(STUCK, '$1').toLowerCase())?.slice(1, 4).join('-')
    if (rest.length > 0 || code === undefined) return refused('no_room')
    return { kind: 'room', roomId: code, url: `https://meet.google.com/${code}`, entry: 'complete' }
  },
}

/** Pages that open the room for one of several accounts: `/u/1/…`, `/_meet/…`. */
function withoutAccount(segments: readonly string[]): readonly string[] {
  const [first = '', second = ''] = segments
  if (first === 'u' && /^\d{1,2}$/.test(second)) return withoutAccount(segments.slice(2))
  return first === '_meet' ? segments.slice(1) : segments
}
