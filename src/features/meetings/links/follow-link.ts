import { openAppLink } from './app-link.ts'
import { trimAddress } from './find-addresses.ts'
import type { OwnHosts } from './platforms/link-platform.ts'
import { isMeetingHost, type PlatformReading, readMeetingUrl } from './platforms/registry.ts'
import { hiddenHost, unwrapLink } from './unwrap-link.ts'
import { decodeTarget, openQuery, parseWebUrl } from './web-url.ts'

/** Honest invitations are wrapped by two mail systems and a launcher at most. */
const MAX_STEPS = 8

export interface Followed extends PlatformReading {
  /** The host at which it ended, for people. */
  host: string
}

/** Reads an address, through the wrappers and launchers around it, without asking anybody. Null where it has nothing to do with meetings. */
export function followLink(address: string, own: OwnHosts): Followed | null {
  let next = address
  for (let step = 0; step < MAX_STEPS; step++) {
    const url = parseWebUrl(openAppLink(next))
    if (!url) return null
    const found = readMeetingUrl(openQuery(url), own)
    if (found && found.reading.kind !== 'leads_to') return { ...found, host: url.host }
    const target = found?.reading.kind === 'leads_to' ? decodeTarget(found.reading.target) : unwrapLink(url)
    if (target === null) return readHidden(url, own)
    next = trimAddress(target, '')
  }
  return null
}

function readHidden(url: URL, own: OwnHosts): Followed | null {
  const host = hiddenHost(url)
  if (host === null || !isMeetingHost(host, own)) return null
  return { platform: null, reading: { kind: 'refused', reason: 'hidden' }, host: url.host }
}
