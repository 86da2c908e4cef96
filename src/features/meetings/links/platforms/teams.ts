import { cleanKey, encodeSegment, pathSegments, queryParam } from '../web-url.ts'
import { type LinkPlatform, type LinkReading, refused } from './link-platform.ts'
import { readCoordinates, readInnerPath } from './teams-launcher.ts'
import { readMeetupJoin } from './teams-meetup-join.ts'

/** Each host with the service it belongs to: meeting numbers are unique within one service only. */
const SERVICES: Record<string, string> = {
  'teams.microsoft.com': 'teams.microsoft.com',
  'teams.cloud.microsoft': 'teams.microsoft.com',
  'teams.live.com': 'teams.live.com',
  'teams.microsoft.us': 'gov.teams.microsoft.us',
  'gov.teams.microsoft.us': 'gov.teams.microsoft.us',
  'dod.teams.microsoft.us': 'dod.teams.microsoft.us',
  // The service in China.
  'teams.microsoftonline.cn': 'teams.microsoftonline.cn',
}
const EVENT_PAGES = 'events.teams.microsoft.com'

/** Microsoft Teams: long links with a thread, short links with a number, and the pages that lead to either. */
export const teams: LinkPlatform = {
  platform: 'teams',
  claims: (host) => Object.hasOwn(SERVICES, host) || host === EVENT_PAGES,
  read(url) {
    if (url.hostname === EVENT_PAGES) return refused('event_page')
    const segments = pathSegments(url)
    const [first, second] = segments.map((part) => part.toLowerCase())
    if (first === 'l' && second === 'meetup-join') return readMeetupJoin(url, segments.slice(2))
    if (first === 'meet') return readMeet(url, segments.slice(1))
    if (first === 'light-meetings') return readCoordinates(url)
    if (first === 'registration') return refused('registration')
    if (first === 'convene') return refused('event_page')
    return readInnerPath(url, first === 'dl')
  },
}

/** `/meet/<number>?p=<passcode>`. Without the passcode the meeting is known but nobody is let in. */
function readMeet(url: URL, [number = '', ...rest]: readonly string[]): LinkReading {
  if (number.endsWith('…')) return refused('damaged')
  if (rest.length > 0 || !/^\d{3,20}$/.test(number)) return refused('no_room')
  const passcode = cleanKey(queryParam(url.search, 'p'))
  return {
    kind: 'room',
    roomId: `${SERVICES[url.hostname]}/meet/${number}`,
    url: `https://${url.hostname}/meet/${number}${passcode === null ? '' : `?p=${encodeSegment(passcode)}`}`,
    entry: passcode === null ? 'passcode_missing' : 'complete',
    key: passcode,
  }
}
