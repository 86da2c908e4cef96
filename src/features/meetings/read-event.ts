import type { EventReading, SourceEvent } from '../calendars/index.ts'
import { findRoomLink } from './links/find-room-link.ts'
import type { LinkOptions } from './links/platforms/link-platform.ts'
import { hasOptOutWord } from './rules.ts'

/** Reads out of an event where it takes place and whether somebody asked, in any of its texts, not to be recorded. */
export function readEvent(event: SourceEvent, options: LinkOptions): EventReading {
  const { link, warning } = findRoomLink(event.linkTexts, options)
  const { title, location, description } = event.linkTexts
  return {
    room: link,
    linkWarning: warning?.message ?? null,
    isOptedOut: hasOptOutWord([title, location, description]),
  }
}
