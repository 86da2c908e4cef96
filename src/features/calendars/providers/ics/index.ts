import { createHash } from 'node:crypto'
import { MINUTE_MS } from '../../../../base/time.ts'
import { type HttpClient, redactUrl } from '../../../../platform/http/index.ts'
import type { CalendarProvider } from '../provider.ts'
import { expandIcsItem } from './expand-item.ts'
import { formatVersion, parseVersion } from './feed-version.ts'
import { parseIcsAddress, readIcsAddress } from './read-address.ts'
import { readIcsFeed } from './read-feed.ts'

const WEB_POLL_MS = 5 * MINUTE_MS
const FILE_POLL_MS = MINUTE_MS

/** Calendars in iCalendar format, from files or the web. */
export function createIcsProvider(deps: { http: HttpClient }): CalendarProvider {
  return {
    identify(given) {
      const address = parseIcsAddress(given)
      return address.kind === 'file'
        ? { credential: address.path, label: address.path }
        : { credential: address.url, label: redactUrl(address.url) }
    },
    async list({ credential, cursor, signal }) {
      const known = parseVersion(cursor)
      const answer = await readIcsAddress(deps.http, parseIcsAddress(credential), known, signal)
      if (answer.kind === 'unchanged') return answer
      const contentHash = createHash('sha256').update(answer.text).digest('base64url')
      if (contentHash === known.contentHash) return { kind: 'unchanged' }
      const { etag, lastModified } = answer
      return {
        kind: 'listing',
        ...(await readIcsFeed(answer.text)),
        cursor: formatVersion({ etag, lastModified, contentHash }),
      }
    },
    expand: expandIcsItem,
    pollMs: (credential) => (parseIcsAddress(credential).kind === 'file' ? FILE_POLL_MS : WEB_POLL_MS),
  }
}
