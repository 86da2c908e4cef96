import type { Platform } from '../../platform.ts'
import { googleMeet } from './google-meet.ts'
import { jitsi, looksLikeJitsi, looksLikeJitsiHost } from './jitsi.ts'
import type { LinkPlatform, LinkReading, OwnHosts } from './link-platform.ts'
import { isNamedHost, nameService } from './named-services.ts'
import { sandbox } from './sandbox.ts'
import { teams } from './teams.ts'
import { zoom } from './zoom.ts'

// A record, so that a new platform without a reader does not compile. The sandbox and the listed Jitsi servers come first: they
// are what somebody configured.
const READERS: Record<Platform, LinkPlatform> = { sandbox, jitsi, google_meet: googleMeet, teams, zoom }

// A known host with more glued to it (`meet.google.com.evil.example`, `zoom.us@…`, a port). `zoom.com` is left out: zoom.com.cn is genuine.
const IMITATION = /(?:^|[.@-])(?:meet\.google\.com|teams\.microsoft\.com|teams\.live\.com|zoom\.us|zoomgov\.com)[.:@-]/

export interface PlatformReading {
  /** Null where the address belongs to nobody we know. */
  platform: Platform | null
  /** The name of a service that cannot be joined. */
  service?: string
  reading: NonNullable<LinkReading>
}

/** What the platform that owns this address makes of it; null where no platform does, or where it is an ordinary page. */
export function readMeetingUrl(url: URL, own: OwnHosts): PlatformReading | null {
  const owner = ownerOf(url.host, own)
  const hasUserName = url.username !== '' || url.password !== ''
  if (owner && !hasUserName) {
    const reading = owner.read(url, own)
    return reading && { platform: owner.platform, reading }
  }
  // A user name in front of the host has no use in a meeting link but to deceive.
  if (owner || imitates(`${url.username}@${url.host}`)) return refusal(null, 'disguised')
  if (looksLikeJitsi(url)) return refusal('jitsi', 'host_not_listed')
  const service = nameService(url)
  return service === null ? null : { ...refusal(null, 'no_way'), service }
}

/** A room's link with a passcode as people type it; null where the platform does not take that. */
export function withPasscode(platform: Platform, url: string, passcode: string): string | null {
  return READERS[platform].withPasscode?.(url, passcode) ?? null
}

/** Whether a host is a platform's own. */
export function isMeetingHost(host: string, own: OwnHosts): boolean {
  return ownerOf(host, own) !== null
}

/** Whether a host that stands in a text without a scheme is worth reading as a link. */
export function isWorthReading(host: string, own: OwnHosts): boolean {
  return isMeetingHost(host, own) || imitates(host) || isNamedHost(host) || looksLikeJitsiHost(host)
}

function ownerOf(host: string, own: OwnHosts): LinkPlatform | null {
  return Object.values(READERS).find((reader) => reader.claims(host, own)) ?? null
}

function imitates(authority: string): boolean {
  return IMITATION.test(authority)
}

function refusal(platform: Platform | null, reason: 'disguised' | 'host_not_listed' | 'no_way'): PlatformReading {
  return { platform, reading: { kind: 'refused', reason } }
}
