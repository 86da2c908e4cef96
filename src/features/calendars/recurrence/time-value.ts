import { Temporal } from 'temporal-polyfill'
import { resolveTimeZone } from '../time-zones/resolve-time-zone.ts'
import { type Moment, momentAtLocal, momentOnDay } from './moment.ts'

/** A property of iCalendar, taken apart. */
export interface DateProperty {
  /** Keys in lower case. */
  params: ReadonlyMap<string, string>
  values: readonly string[]
}

/** How the zones of one item are read. */
export interface ZoneContext {
  /** What the source's own definitions were found to be, by TZID. */
  zones: ReadonlyMap<string, string>
  /** For floating times, whole days and unknown zones. */
  fallbackZone: string
  /** Collects the TZIDs nobody knows. */
  unknownZones: Set<string>
}

const FORM = /^(\d{8})(?:T(\d{4}(?:\d{2})?)(Z?))?$/i

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
  const match = FORM.exec(value.trim())
  if (!match) return undefined
  const [, date = '', time, utc] = match
  try {
    if (time === undefined)
      return { moment: momentOnDay(Temporal.PlainDate.from(date), context.fallbackZone), zone: null }
    const zone = utc ? 'UTC' : tzid === undefined ? null : zoneOf(tzid, context)
    const local = Temporal.PlainDateTime.from(`${date}T${time.padEnd(6, '0')}`)
    return { moment: momentAtLocal(local, zone ?? floatingZone), zone }
  } catch {
    return undefined
  }
}

function zoneOf(tzid: string, context: ZoneContext): string {
  const zone = context.zones.get(tzid) ?? resolveTimeZone(tzid)
  if (zone !== undefined) return zone
  context.unknownZones.add(tzid)
  return context.fallbackZone
}
