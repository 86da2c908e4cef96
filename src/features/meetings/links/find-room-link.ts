import type { LinkTexts, RoomLink } from '../../calendars/index.ts'
import { type Platform, platformLabel } from '../platform.ts'
import { findCandidates } from './candidates.ts'
import { followLink } from './follow-link.ts'
import { type LinkWarning, passcodeMissing, unusableLink } from './link-warning.ts'
import { type Entry, type LinkOptions, ownHosts } from './platforms/link-platform.ts'
import { isWorthReading } from './platforms/registry.ts'

export interface FoundLink extends RoomLink {
  platform: Platform
}

export interface RoomLinkResult {
  link: FoundLink | null
  /** Set if the link lacks something, or if there is none although something looked like one. */
  warning: LinkWarning | null
}

/**
 * The room in which an event takes place: the first usable link in the order in which the texts are trusted. Pure; asks nobody, and takes
 * time in proportion to the texts' length. Another link to the same room is preferred if it carries the passcode that the first one lacks.
 */
export function findRoomLink(texts: LinkTexts, options: LinkOptions): RoomLinkResult {
  const own = ownHosts(options)
  let link: FoundLink | null = null
  let entry: Entry = 'bare'
  let refusal: LinkWarning | null = null
  for (const address of findCandidates(texts, (host) => isWorthReading(host, own))) {
    const followed = followLink(address, own)
    if (!followed) continue
    const { platform, reading } = followed
    if (reading.kind === 'refused') refusal ??= unusableLink(followed, reading.reason)
    if (reading.kind !== 'room' || platform === null) continue
    if (link && !(reading.entry === 'complete' && link.platform === platform && link.roomId === reading.roomId))
      continue
    link = { platform, roomId: reading.roomId, url: reading.url }
    entry = reading.entry
    if (entry === 'complete') break
  }
  if (!link) return { link, warning: refusal }
  return { link, warning: entry === 'passcode_missing' ? passcodeMissing(platformLabel(link.platform)) : null }
}
