import { encodeSegment, pathSegments } from '../web-url.ts'
import { type LinkPlatform, refused } from './link-platform.ts'

/** The sandbox's meeting room: `<origin>/rooms/<name>`, over plain http where its origin is. */
export const sandbox: LinkPlatform = {
  platform: 'sandbox',
  claims: (host, { sandbox: room }) => room !== null && room.host === host,
  read(url, own) {
    const origin = own.sandbox?.origin
    const [folder, name, ...rest] = pathSegments(url)
    if (folder !== 'rooms' || name === undefined) return null
    if (rest.length > 0 || name.length > 200 || /[/\\.\p{C}]/u.test(name)) return refused('no_room')
    return {
      kind: 'room',
      roomId: `${origin}/rooms/${encodeSegment(name.normalize('NFC').toLowerCase())}`,
      url: `${origin}/rooms/${encodeSegment(name)}`,
      entry: 'complete',
    }
  },
}
