import type { EventReading, LinkTexts, SourceEvent } from '../calendars/index.ts'
import { findRoomLink } from './links/find-room-link.ts'
import type { LinkOptions } from './links/platforms/link-platform.ts'
import { findTags } from './rules/tags.ts'

/** Reads out of an event where it takes place and the words with # in any of its texts. */
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
    tags: findTags([title, location, description]),
  }
}
