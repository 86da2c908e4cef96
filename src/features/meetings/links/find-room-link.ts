import type { LinkTexts, RoomLink } from '../../calendars/index.ts'
import { type Platform, platformLabel } from '../platform.ts'
import { type Candidate, findCandidates, readableTexts } from './candidates.ts'
import { followLink } from './follow-link.ts'
import { type LinkWarning, numberOnly, passcodeMissing, unusableLink } from './link-warning.ts'
import { type Entry, type LinkOptions, ownHosts } from './platforms/link-platform.ts'
import { isWorthReading, withPasscode } from './platforms/registry.ts'
import { isWholeZoomKey } from './platforms/zoom.ts'
import { findPasscode, namesNumberOnly } from './written-passcode.ts'

interface FoundLink extends RoomLink {
  platform: Platform
}

interface RoomLinkResult {
  link: FoundLink | null
  /** Set if the link lacks something, or if there is none although something looked like one. */
  warning: LinkWarning | null
}

/** A room's link with what is needed to compare it with others. */
interface Found extends Pick<Candidate, 'isJoined' | 'isDisowned'> {
  link: FoundLink
  entry: Entry
  /** The passcode it carries; undefined where its platform has none in links. */
  key: string | null | undefined
}

/**
 * The room in which an event takes place: the first usable link in the order in which the texts are trusted, but for one that is called old
 * or was cut off. Pure; asks nobody, and takes time in proportion to the texts' length. Of several links to the room the one that lets people
 * in is taken; a passcode in words is added where the platform takes it.
 */
export function findRoomLink(texts: LinkTexts, options: LinkOptions): RoomLinkResult {
  const own = ownHosts(options)
  let best: Found | null = null
  let refusal: LinkWarning | null = null
  for (const { address, isJoined, isDisowned } of findCandidates(texts, (host) => isWorthReading(host, own))) {
    const followed = followLink(address, own)
    if (!followed) continue
    const { platform, reading } = followed
    if (reading.kind === 'refused') refusal ??= unusableLink(followed, reading.reason)
    if (reading.kind !== 'room' || platform === null) continue
    const link = { platform, roomId: reading.roomId, url: reading.url }
    const found = { link, entry: reading.entry, key: reading.key, isJoined, isDisowned }
    if (best === null || isBetter(found, best)) best = found
    if (isBeyondDoubt(best)) break
  }
  if (best === null) return { link: null, warning: refusal ?? warnOfNumber(texts) }
  return best.entry === 'complete' ? { link: best.link, warning: null } : addPasscode(best, texts)
}

/** Whether no other link can be better: it is whole, and not called old. */
function isBeyondDoubt({ entry, key, isDisowned, isJoined }: Found): boolean {
  if (entry !== 'complete' || isDisowned) return false
  return key === undefined || (typeof key === 'string' && !isJoined && isWholeZoomKey(key))
}

/** Whether a later link is to be taken instead of the one that more trust was put in. */
function isBetter(next: Found, best: Found): boolean {
  if (next.isDisowned !== best.isDisowned) return best.isDisowned
  if (next.link.platform !== best.link.platform) return false
  // Numbers can be cut off so that they are numbers still; names, which other platforms have, can just begin alike.
  if (next.link.roomId !== best.link.roomId)
    return best.key !== undefined && !next.isJoined && isContinued(best.link.url, next.link.url)
  if (next.entry !== best.entry) return next.entry === 'complete'
  if (typeof next.key !== 'string' || typeof best.key !== 'string') return false
  // A line that follows may have been joined by mistake, so that only a key of Zoom's own form proves that it belongs to the link.
  if (next.isJoined) return next.key.startsWith(best.key) && isWholeZoomKey(next.key) && !isWholeZoomKey(best.key)
  return isContinued(best.key, next.key)
}

/** Whether a text is the beginning of another, cut off where the other goes on, and no mere word ran into that one. */
function isContinued(cut: string, whole: string): boolean {
  return (
    whole.length > cut.length &&
    whole.startsWith(cut) &&
    !/^(?:Meeting|Passcode|Password|Join|One|Dial|Find)/.test(whole.slice(cut.length))
  )
}

function addPasscode(found: Found, texts: LinkTexts): RoomLinkResult {
  const { link, entry } = found
  const number = /\d+$/.exec(link.roomId)?.[0]
  const written =
    number === undefined ? null : ((texts.conferencePasscode || findPasscode(readableTexts(texts), number)) ?? null)
  const url = written === null ? null : withPasscode(link.platform, link.url, written)
  if (url !== null) return { link: { ...link, url }, warning: null }
  const isMissing = entry === 'passcode_missing' || written !== null
  return { link, warning: isMissing ? passcodeMissing(platformLabel(link.platform), written !== null) : null }
}

function warnOfNumber(texts: LinkTexts): LinkWarning | null {
  return namesNumberOnly(readableTexts(texts)) ? numberOnly : null
}
