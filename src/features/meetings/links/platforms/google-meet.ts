import { decodeFully, pathSegments, queryParam } from '../web-url.ts'
import { type LinkPlatform, refused } from './link-platform.ts'

// Three, four and three letters; anything else under this host is a page, a nickname or a mistake.
const CODE = /^[a-z]{3}-[a-z]{4}-[a-z]{3}$/

/** Google Meet: the code is the room, and nothing else in the link matters. */
export const googleMeet: LinkPlatform = {
  platform: 'google_meet',
  claims: (host) => host === 'meet.google.com',
  read(url) {
    const [first, ...rest] = pathSegments(url)
    if (first === undefined) return null
    if (first === 'linkredirect') {
      const target = queryParam(url.search, 'dest')
      return target === null ? null : { kind: 'leads_to', target }
    }
    const code = decodeFully(first).toLowerCase()
    if (rest.length > 0 || !CODE.test(code)) return refused('no_room')
    return { kind: 'room', roomId: code, url: `https://meet.google.com/${code}`, entry: 'complete' }
  },
}
