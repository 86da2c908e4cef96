import type { Platform } from '../../platform.ts'

/** What an installation allows beyond the public platforms. */
export interface LinkOptions {
  /** Hosts of Jitsi servers that may be used, with the port where it is not 443. */
  jitsiHosts: readonly string[]
  /** Origin of the sandbox's meeting room, where there is one. */
  sandboxOrigin?: string
}

/** The same, in the form in which hosts are compared. */
export interface OwnHosts {
  jitsiHosts: ReadonlySet<string>
  sandbox: URL | null
}

/** Done once a search; what is no host is left out. */
export function ownHosts({ jitsiHosts, sandboxOrigin }: LinkOptions): OwnHosts {
  const hosts = jitsiHosts.flatMap((host) => URL.parse(`https://${host.trim()}`)?.host || [])
  return { jitsiHosts: new Set(hosts), sandbox: URL.parse(sandboxOrigin ?? '') }
}

/** Why an address that belongs to a platform is not a way into a meeting. */
export type Refusal =
  | 'recording'
  | 'registration'
  | 'event_page'
  | 'personal_link'
  | 'no_room'
  | 'damaged'
  | 'disguised'
  | 'host_not_listed'
  | 'hidden'
  | 'no_way'

/**
 * How far the link alone lets somebody in: `complete`; `bare` where there may be a passcode that it does not carry;
 * `passcode_missing` where there certainly is one.
 */
export type Entry = 'complete' | 'bare' | 'passcode_missing'

/** What a platform makes of an address; `key` is the passcode that a room's link carries, where the platform has any; null means that it has nothing to do with meetings. */
export type LinkReading =
  | { kind: 'room'; roomId: string; url: string; entry: Entry; key?: string | null }
  | { kind: 'leads_to'; target: string }
  | { kind: 'refused'; reason: Refusal }
  | null

export interface LinkPlatform {
  platform: Platform
  /** Whether this host is the platform's own, exactly. `host` is lower case and carries a port unless it is the scheme's usual one. */
  claims(host: string, own: OwnHosts): boolean
  /** Reads an address whose host it claimed and that carries no user name. */
  read(url: URL, own: OwnHosts): LinkReading
  /** A room's link with a passcode as people type it, where the platform takes that. */
  withPasscode?(url: string, passcode: string): string
}

/** Short for the reading that most branches end in. */
export function refused(reason: Refusal): LinkReading {
  return { kind: 'refused', reason }
}
