import { createHash } from 'node:crypto'
import { MINUTE_MS } from '../../../../base/time.ts'
import { type HttpClient, redactUrl } from '../../../../platform/http/index.ts'
import type { CalendarProvider, Cursor, Page, Provider, ReadInput } from '../provider.ts'
import { expandIcsItem } from './expand-item.ts'
import { formatVersion, parseVersion } from './feed-version.ts'
import { parseIcsAddress, readIcsAddress } from './read-address.ts'
import { readIcsFeed } from './read-feed.ts'

const WEB_POLL_MS = 5 * MINUTE_MS
const FILE_POLL_MS = MINUTE_MS

/** Calendars in iCalendar format: whoever knows the address reads them. */
export const ics: Provider = {
  words: { label: 'ICS', calendar: 'calendar', knownBy: 'address' },
  open: createIcsProvider,
}

/** Calendars in iCalendar format, from files or the web. A feed knows all or nothing: it is listed whole, or has not changed; it never says so itself. */
function createIcsProvider(deps: { http: HttpClient }): CalendarProvider {
  async function* list({ reader, signal }: ReadInput, cursor: Cursor | null): AsyncGenerator<Page> {
    const known = parseVersion(cursor)
    const answer = await readIcsAddress(deps.http, addressOf(reader), known, signal)
    if (answer.kind === 'unchanged') {
      yield unchanged(cursor)
      return
    }
    const contentHash = createHash('sha256').update(answer.text).digest('base64url')
    const { etag, lastModified } = answer
    const next = formatVersion({ etag, lastModified, contentHash })
    if (contentHash === known.contentHash) {
      yield unchanged(next)
      return
    }
    yield { isWhole: true, removed: [], cursor: next, ...(await readIcsFeed(answer.text)) }
  }

  return {
    identify(given) {
      const address = parseIcsAddress(given)
      return address.kind === 'file'
        ? { credential: address.path, label: address.path }
        : { credential: address.url, label: redactUrl(address.url) }
    },
    listChanges: (input) => list(input, input.cursor),
    listAll: (input) => list(input, null),
    expand(contents, options) {
      const expanded = contents.map((content) => expandIcsItem(content, options))
      return {
        events: expanded.flatMap(({ events }) => events),
        problems: expanded.flatMap(({ problems }) => problems),
        unsure: [],
      }
    },
    // An address that refuses today may answer tomorrow; nobody withdrew anything.
    whyLost: () => undefined,
    pollMs: (reader) => (addressOf(reader).kind === 'file' ? FILE_POLL_MS : WEB_POLL_MS),
  }
}

function unchanged(cursor: Cursor | null): Page {
  return { isWhole: false, items: [], removed: [], problems: [], cursor }
}

function addressOf({ credential }: ReadInput['reader']) {
  return parseIcsAddress(credential ?? '')
}
