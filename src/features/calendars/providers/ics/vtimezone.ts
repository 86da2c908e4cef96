import { Temporal } from 'temporal-polyfill'
import type { Observance, ZoneDefinition } from '../../../../formats/time-zones/zone-definition.ts'
import { type Component, createComponent } from './component.ts'

const MAX_OBSERVANCES = 400

/** Reads a VTIMEZONE from its lines. A part that cannot be read is left out; then the zone is likely to match nothing, and says so later. */
export function parseVtimezone(lines: readonly string[]): { id: string; definition: ZoneDefinition } {
  const own: string[] = []
  const observances: Observance[] = []
  let part: string[] | undefined
  for (const line of lines) {
    if (/^BEGIN:(STANDARD|DAYLIGHT)$/i.test(line.trim())) part = []
    else if (/^END:(STANDARD|DAYLIGHT)$/i.test(line.trim())) {
      const observance = part && parseObservance(createComponent(part))
      if (observance && observances.length < MAX_OBSERVANCES) observances.push(observance)
      part = undefined
    } else (part ?? own).push(line)
  }
  const zone = createComponent(own)
  return { id: zone.text('TZID'), definition: { location: zone.text('X-LIC-LOCATION') || null, observances } }
}

function parseObservance(component: Component): Observance | undefined {
  const start = parseLocal(component.text('DTSTART'))
  const offsetMinutes = parseOffset(component.text('TZOFFSETTO'))
  // Outlook for Mac leaves the offset before out where the clock is never changed.
  const offsetBeforeMinutes = parseOffset(component.text('TZOFFSETFROM')) ?? offsetMinutes
  if (start === undefined || offsetBeforeMinutes === undefined || offsetMinutes === undefined) return undefined
  const dates = component.all('RDATE').flatMap((property) => property.values.map(parseLocal))
  return {
    start,
    offsetBeforeMinutes,
    offsetMinutes,
    rules: component.all('RRULE').flatMap((property) => property.values.slice(0, 1)),
    dates: dates.filter((date) => date !== undefined),
  }
}

function parseLocal(text: string): Temporal.PlainDateTime | undefined {
  const match = /^(\d{8})(?:T(\d{6})Z?)?$/i.exec(text.trim())
  if (!match) return undefined
  try {
    return Temporal.PlainDateTime.from(`${match[1]}T${match[2] ?? '000000'}`)
  } catch {
    return undefined
  }
}

function parseOffset(text: string): number | undefined {
  const match = /^([+-]?)(\d{1,2}):?(\d{2})(?::?\d{2})?$/.exec(text)
  if (!match) return undefined
  const minutes = Number(match[2]) * 60 + Number(match[3])
  return match[1] === '-' ? -minutes : minutes
}
