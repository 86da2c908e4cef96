import { Temporal } from 'temporal-polyfill'

const EPOCH = Temporal.Instant.fromEpochMilliseconds(0)

/** The zone in its usual spelling if this machine's zone data has it under that name, in whatever case; `Z` and the like are UTC. */
export function findIanaZone(name: string): string | undefined {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{1,63}$/.test(name)) return /^z$/i.test(name) ? 'UTC' : undefined
  if (/^(utc|gmt|zulu|etc\/(utc|gmt|zulu))$/i.test(name)) return 'UTC'
  try {
    return EPOCH.toZonedDateTimeISO(name).timeZoneId
  } catch {
    return undefined
  }
}

/** `+05:30` for 330 minutes; `UTC` for 0. Undefined for what no place on Earth uses. */
export function offsetZone(minutes: number): string | undefined {
  if (!Number.isInteger(minutes) || Math.abs(minutes) > 14 * 60) return undefined
  if (minutes === 0) return 'UTC'
  const absolute = Math.abs(minutes)
  const two = (n: number) => String(n).padStart(2, '0')
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(absolute / 60))}:${two(absolute % 60)}`
}

/** `GMT-07:00`, `UTC+2`, `+0530`: positive is east of Greenwich, as people write it (and unlike `Etc/GMT+5`). */
export function parseOffsetZone(name: string): string | undefined {
  const match = /^(?:UTC|GMT)?\s?([+-])(\d{1,2})(?::?(\d{2}))?$/i.exec(name)
  if (!match) return undefined
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0)
  return Number(match[3] ?? 0) < 60 ? offsetZone(match[1] === '-' ? -minutes : minutes) : undefined
}

let zonesByCity: Map<string, string> | undefined

/** The zone whose last part is this city: `Amsterdam` is `Europe/Amsterdam`. */
export function zoneOfCity(city: string): string | undefined {
  zonesByCity ??= new Map(
    Intl.supportedValuesOf('timeZone').map((zone) => [zone.slice(zone.lastIndexOf('/') + 1).toLowerCase(), zone]),
  )
  return zonesByCity.get(city.trim().toLowerCase().replace(/\s+/g, '_'))
}
