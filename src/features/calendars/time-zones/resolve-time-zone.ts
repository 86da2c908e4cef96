import { matchZone } from './match-zone.ts'
import { zoneOfPlace, zoneOfWindowsName } from './windows-zones.ts'
import type { ZoneDefinition } from './zone-definition.ts'
import { findIanaZone, parseOffsetZone, zoneOfCity } from './zone-names.ts'

export interface ResolveTimeZoneOptions {
  /** From when on a definition is compared with the known zones. */
  now?: Date
  /** Zones to prefer where several behave as the definition says, such as the calendar's own. */
  preferred?: readonly string[]
}

/**
 * The IANA zone (or fixed offset, `+05:30`) that a name of any of the usual makers means; else the zone that behaves as the
 * file's own definition says; undefined if neither can be told. Never the zone of this machine.
 */
export function resolveTimeZone(
  name: string,
  definition?: ZoneDefinition,
  options: ResolveTimeZoneOptions = {},
): string | undefined {
  const known = resolveName(name, definition !== undefined)
  if (known !== undefined) return known
  if (definition === undefined) return undefined
  const located = definition.location === null ? undefined : resolveName(definition.location, false)
  const matched = matchZone(definition, options.now ?? new Date(), options.preferred)
  // A name without a region ("EST", which in the zone data has no summer time) is believed only where nothing describes it.
  return located ?? matched ?? resolveName(name, false)
}

function resolveName(given: string, isDescribed: boolean): string | undefined {
  const name = given
    .trim()
    .replace(/^["']+|["']+$/g, '')
    .trim()
  const isShort = !name.includes('/') && !/^(utc|gmt|z|zulu)$/i.test(name)
  if (!(isDescribed && isShort)) {
    const iana = findIanaZone(name)
    if (iana !== undefined) return iana
  }
  return (
    zoneOfWindowsName(name) ??
    parseOffsetZone(name) ??
    resolveMicrosoftUri(name) ??
    resolvePath(name) ??
    resolveLongName(name)
  )
}

/** `tzone://Microsoft/Utc`; its sibling `Custom` says nothing and is left to the definition. */
function resolveMicrosoftUri(name: string): string | undefined {
  const match = /^tzone:\/\/microsoft\/(.+)$/i.exec(name)
  return match?.[1] === undefined ? undefined : (findIanaZone(match[1]) ?? zoneOfWindowsName(match[1]))
}

/** `/freeassociation.sourceforge.net/Europe/Berlin`, `/mozilla.org/20050126_1/America/Argentina/Ushuaia`: the longest tail that is a zone. */
function resolvePath(name: string): string | undefined {
  const parts = name.split('/').filter((part) => part !== '')
  for (let length = Math.min(3, parts.length - 1); length >= 2; length--) {
    const zone = findIanaZone(parts.slice(-length).join('/'))
    if (zone !== undefined) return zone
  }
  return undefined
}

/** `(UTC+01:00) Amsterdam, Berlin, Bern`: the first place that is known. The offset in front is the winter's only and does not count. */
function resolveLongName(name: string): string | undefined {
  const match = /^\((?:UTC|GMT)([+-]\d{1,2}:?\d{2})?\)\s*(.+)$/i.exec(name)
  if (match?.[2] === undefined) return undefined
  const places = [match[2], ...match[2].split(',')]
  for (const place of places.slice(0, 12)) {
    const zone = zoneOfPlace(place) ?? zoneOfWindowsName(place) ?? zoneOfCity(place)
    if (zone !== undefined) return zone
  }
  return undefined
}
