import { type FoundZone, findTimeZone } from '../time-zones/resolve-time-zone.ts'
import { type Moment, momentAtWall, momentOnWallDay } from './moment.ts'
import { parseWritten } from './parse-written.ts'

/** A property of iCalendar, taken apart. */
export interface DateProperty {
  /** Keys in lower case. */
  params: ReadonlyMap<string, string>
  values: readonly string[]
}

/** More names of zones than this are in no item; each takes a while to find out about. */
const MAX_ZONE_NAMES = 50

/** How the zones of one item are read. */
export interface ZoneContext {
  /** What the source's own definitions were found to be, by TZID. */
  zones: ReadonlyMap<string, FoundZone>
  /** For floating times, whole days and unknown zones. */
  fallbackZone: string
  /** Collects the TZIDs nobody knows. */
  unknownZones: Set<string>
  /** Collects what was guessed for others, by TZID. */
  guessedZones: Map<string, string>
  /** Those that were found by their name alone. */
  namedZones?: Map<string, FoundZone>
}

/** A moment with the zone in which it was written: null for whole days and floating times. */
export interface WrittenMoment {
  moment: Moment
  zone: string | null
}

/**
 * Reads a DATE or DATE-TIME. A floating time takes `floatingZone` (the series' zone for its exceptions, the calendar's otherwise).
 * Undefined if the value is no time.
 */
export function readMoment(
  property: DateProperty,
  context: ZoneContext,
  floatingZone = context.fallbackZone,
): WrittenMoment | undefined {
  return readMomentValue(property.values[0] ?? '', property.params.get('tzid'), context, floatingZone)
}

/** As `readMoment`, of one value. */
export function readMomentValue(
  value: string,
  tzid: string | undefined,
  context: ZoneContext,
  floatingZone = context.fallbackZone,
): WrittenMoment | undefined {
  const written = parseWritten(value)
  if (written === undefined) return undefined
  const { wall, isDate, isUtc } = written
  if (isDate) return { moment: momentOnWallDay(wall, context.fallbackZone), zone: null }
  const zone = isUtc ? 'UTC' : tzid === undefined ? null : zoneOf(tzid, context)
  return { moment: momentAtWall(wall, zone ?? floatingZone), zone }
}

function zoneOf(tzid: string, context: ZoneContext): string {
  context.namedZones ??= new Map()
  const { zones, namedZones, unknownZones, guessedZones } = context
  const isAsked = unknownZones.has(tzid) || namedZones.size + unknownZones.size >= MAX_ZONE_NAMES
  const known = zones.get(tzid) ?? namedZones.get(tzid)
  const found = known ?? (isAsked ? undefined : findTimeZone(tzid))
  if (found === undefined) {
    if (unknownZones.size < MAX_ZONE_NAMES) unknownZones.add(tzid)
    return context.fallbackZone
  }
  if (known === undefined) namedZones.set(tzid, found)
  if (found.isGuess) guessedZones.set(tzid, found.zone)
  return found.zone
}
