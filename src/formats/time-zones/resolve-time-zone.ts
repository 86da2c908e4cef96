import { zoneOfLocalName } from './local-zone-names.ts'
import { matchZone } from './match-zone.ts'
import { zoneOfPlace, zoneOfWindowsName } from './windows-zones.ts'
import type { ZoneDefinition } from './zone-definition.ts'
import { findIanaZone, offsetZone, parseOffsetZone, zoneOfCity } from './zone-names.ts'

/** No zone has a longer name. */
const MAX_NAME_LENGTH = 200

interface ResolveTimeZoneOptions {
  /** From when on a definition is compared with the known zones. */
  now?: Date
  /** Zones to prefer where several behave as the definition says, such as the calendar's own. */
  preferred?: readonly string[]
}

/** What a name was found to mean. */
export interface FoundZone {
  /** An IANA zone, a fixed offset (`+05:30`), or a zone of its own (`own-zone.ts`). */
  zone: string
  /** Whether it is likely rather than certain, and should be listed. */
  isGuess: boolean
}

/** As `findTimeZone`, where it does not matter how certain it is. */
export function resolveTimeZone(
  name: string,
  definition?: ZoneDefinition,
  options: ResolveTimeZoneOptions = {},
): string | undefined {
  return findTimeZone(name, definition, options)?.zone
}

/**
 * The zone that a name of any of the usual makers means; else the one that behaves as the file's own definition says, or that
 * definition itself; else what the name's words let one guess. Undefined if none can be told. Never the zone of this machine.
 */
export function findTimeZone(
  name: string,
  definition?: ZoneDefinition,
  options: ResolveTimeZoneOptions = {},
): FoundZone | undefined {
  const plain = plainName(name)
  const known = resolveName(plain, definition !== undefined)
  // "EST" has no summer time in the zone data, and is often meant to have one.
  if (known !== undefined) return { zone: known, isGuess: /^(EST|MST|HST)$/i.test(plain) }
  if (definition !== undefined) {
    const located = definition.location === null ? undefined : resolveName(plainName(definition.location), false)
    const found = located ?? matchZone(definition, options.now ?? new Date(), options.preferred)
    if (found !== undefined) return { zone: found, isGuess: false }
  }
  // A name without a region is believed only where no definition can be read.
  const guess = resolveName(plain, false) ?? guessZone(plain)
  return guess === undefined ? undefined : { zone: guess, isGuess: true }
}

function plainName(given: string): string {
  return given
    .slice(0, MAX_NAME_LENGTH)
    .replace(/&amp;/gi, '&')
    .replaceAll(/["\\]/g, '')
    .replaceAll(/[−–]/g, '-')
    .replace(/^[\s']+|[\s']+$/g, '')
    .replace(/\s+/g, ' ')
}

function resolveName(name: string, isDescribed: boolean): string | undefined {
  const isShort = !name.includes('/') && !/^(utc|gmt|z|zulu)$/i.test(name)
  if (!(isDescribed && isShort)) {
    const iana = findIanaZone(name.replaceAll(' ', '_'))
    if (iana !== undefined) return iana
  }
  return (
    zoneOfWindowsName(name) ??
    parseOffsetZone(name) ??
    resolveMicrosoftUri(name) ??
    resolvePath(name) ??
    zoneOfPlace(name) ??
    resolveLongName(name)
  )
}

/** `tzone://Microsoft/Utc`; its sibling `Custom` says nothing and is left to the definition. */
function resolveMicrosoftUri(name: string): string | undefined {
  const match = /^tzone:\/\/microsoft\/(.+)$/i.exec(name)
  return match?.[1] === undefined ? undefined : (findIanaZone(match[1]) ?? zoneOfWindowsName(match[1]))
}

/** `/Europe/Berlin`, `/mozilla.org/20050126_1/America/Argentina/Ushuaia`: the longest tail that is a zone. */
function resolvePath(name: string): string | undefined {
  const parts = name
    .replaceAll(' ', '_')
    .split('/')
    .filter((part) => part !== '')
  for (let length = Math.min(3, parts.length); length >= 2; length--) {
    const zone = findIanaZone(parts.slice(-length).join('/'))
    if (zone !== undefined) return zone
  }
  return undefined
}

const OFFSET = '(?:UTC|GMT) ?([+-]) ?(\\d{1,2})(?:[:.]?(\\d{2}))?(?!\\d)'
/** In brackets, or with the places right behind it. */
const LONG_NAME = new RegExp(`^(?:\\((?:UTC|GMT)\\)|\\(${OFFSET}\\)|${OFFSET}(?= [A-Za-z]))\\s*(.+)$`, 'i')

/** `(UTC+01:00) Amsterdam, Berlin, Bern`: the first place that is known. The offset in front is the winter's only and does not count. */
function resolveLongName(name: string): string | undefined {
  const rest = LONG_NAME.exec(name)?.at(-1)
  if (rest === undefined) return undefined
  const places = [rest, ...rest.split(/[,/]/)]
  for (const place of places.slice(0, 12)) {
    const plain = place.trim().replace(/ and /i, ' & ')
    const zone = zoneOfPlace(plain) ?? zoneOfWindowsName(plain) ?? zoneOfCity(plain)
    if (zone !== undefined) return zone
  }
  return undefined
}

/** What is likely: the zone in brackets or before them, one called so in another language, else the offset that stands in the name. */
function guessZone(name: string): string | undefined {
  const [, before = '', within = ''] = /^(.*?)\s*\(([^()]*)\)\s*$/.exec(name) ?? []
  for (const part of [before, within, name.replace(/[ _-]?\d{1,2}$/, '')]) {
    const zone = part === '' || part === name ? undefined : (resolveName(part, true) ?? undefined)
    if (zone !== undefined) return zone
  }
  return (
    zoneOfCity(name) ??
    zoneOfLocalName(name) ??
    zoneOfLocalName(before) ??
    zoneOfLocalName(within) ??
    offsetInName(name)
  )
}

/** `GMT -0500 (Standard) / GMT -0400 (Daylight)`: by such a winter's offset alone it would be wrong for half of the year. */
function offsetInName(name: string): string | undefined {
  const offsets = [...name.matchAll(new RegExp(OFFSET, 'gi'))].map(
    ([, sign, hours, minutes]) => (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes ?? 0)),
  )
  const [first] = offsets
  return first === undefined ? undefined : offsetZone(first)
}
