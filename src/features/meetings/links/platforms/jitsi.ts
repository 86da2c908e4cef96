import { cleanKey, encodeSegment, pathSegments, queryParam } from '../web-url.ts'
import { type LinkPlatform, refused } from './link-platform.ts'

// Paths that a Jitsi server answers itself; an invitation's dial-in page is one of them.
const OWN_PATHS = new Set(
  'static libs images sounds fonts css lang about http-bind xmpp-websocket colibri-ws conference-request'.split(' '),
)
// Jitsi refuses these in names (August 2026); files such as config.js fall under the dot.
const FORBIDDEN = /[?&:"'%#./\\<>\p{C}]/u

/** Jitsi: any server can be one, so only the listed hosts count. A tenant's path belongs to the room. */
export const jitsi: LinkPlatform = {
  platform: 'jitsi',
  claims: (host, { jitsiHosts }) => jitsiHosts.has(host),
  read(url) {
    const names = pathSegments(url)
    if (names.length === 0 || OWN_PATHS.has(names[0] as string)) return null
    if (names.length > 3 || names.some((name) => name.length > 200 || FORBIDDEN.test(name))) return refused('no_room')
    // Newer servers write the token behind the hash, as JSON; both places mean the same.
    const token = cleanKey(queryParam(url.search, 'jwt') ?? queryParam(url.hash, 'jwt')?.replaceAll('"', '') ?? null)
    return {
      kind: 'room',
      roomId: `${url.host}/${names.join('/').normalize('NFC').toLowerCase()}`,
      url: `https://${url.host}/${names.map(encodeSegment).join('/')}${token === null ? '' : `?jwt=${encodeURIComponent(token)}`}`,
      entry: token === null ? 'bare' : 'complete',
    }
  },
}

/** Public servers that do not say in their names that they are Jitsi. */
const KNOWN_SERVERS = new Set(
  'meet.jit.si 8x8.vc kmeet.infomaniak.com meet.ffmuc.net framatalk.org fairmeeting.net talk.brave.com calls.disroot.org meet.systemli.org rendez-vous.renater.fr webconf.numerique.gouv.fr meet.golem.de vc.autistici.org meet.mayfirst.org'.split(
    ' ',
  ),
)

/** Well-known and self-named servers, recognised only to say why they are not used. */
export function looksLikeJitsi(url: URL): boolean {
  const isServer = looksLikeJitsiHost(url.hostname)
  const [first, ...rest] = pathSegments(url)
  return (
    isServer && first !== undefined && !OWN_PATHS.has(first) && ![first, ...rest].some((name) => name.includes('.'))
  )
}

/** Whether a host says by its name that it runs Jitsi, or is known to. */
export function looksLikeJitsiHost(host: string): boolean {
  return KNOWN_SERVERS.has(host) || /^(?:[a-z0-9-]+\.)*jitsi(?:-meet)?\.[a-z0-9.-]+$/.test(host)
}
