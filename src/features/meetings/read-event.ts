import type { EventReading, LinkTexts, SourceEvent } from '../calendars/index.ts'
import { findRoomLink } from './links/find-room-link.ts'
import type { LinkOptions } from './links/platforms/link-platform.ts'
import { hasOptOutWord } from './rules.ts'

/** Reads out of an event where it takes place and whether somebody asked, in any of its texts, not to be recorded. */
export function readEvent(event: SourceEvent, options: LinkOptions): EventReading {
  return readLinkTexts(event.linkTexts, options)
}

/** The same out of texts alone. */
export function readLinkTexts(texts: LinkTexts, options: LinkOptions): EventReading {
  const { link, warning } = findRoomLink(texts, options)
  const { title, location, description } = texts
  return {
    room: link,
    linkWarning: warning?.message ?? null,
    isOptedOut: hasOptOutWord([title, location, description]),
  }
}
