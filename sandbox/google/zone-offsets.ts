import { Temporal } from 'temporal-polyfill'
import { DAY_MS } from '../../src/base/time.ts'

interface Stretch {
  fromMs: number
  offsetMs: number
}

const FIRST_AT = Date.UTC(1985, 0, 1)
const LAST_AT = Date.UTC(2050, 0, 1)

const zones = new Map<string, readonly Stretch[]>()

/** How far a zone's clocks are ahead of UTC at an instant, in milliseconds. */
export function offsetAt(timeZone: string, at: number): number {
  const stretches = stretchesOf(timeZone)
  let low = 0
  let high = stretches.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((stretches[middle]?.fromMs ?? 0) <= at) low = middle
    else high = middle - 1
  }
  return stretches[low]?.offsetMs ?? 0
}

/** The instant at which clocks show this (written as if it were UTC), the earlier one of two; undefined where they leave it out. */
export function instantOf(timeZone: string, wallMs: number): number | undefined {
  const offsets = new Set([offsetAt(timeZone, wallMs - DAY_MS), offsetAt(timeZone, wallMs + DAY_MS)])
  const instants = [...offsets].map((offset) => wallMs - offset)
  return instants.filter((at) => wallOf(timeZone, at) === wallMs).sort((a, b) => a - b)[0]
}

/** The same where clocks leave it out: as far after the change as the time is after the last one that was shown. */
export function instantMovedLater(timeZone: string, wallMs: number): number {
  return instantOf(timeZone, wallMs) ?? wallMs - offsetAt(timeZone, wallMs - DAY_MS)
}

/** What clocks show at an instant, written as if it were UTC. */
export function wallOf(timeZone: string, at: number): number {
  return at + offsetAt(timeZone, at)
}

function stretchesOf(timeZone: string): readonly Stretch[] {
  const known = zones.get(timeZone)
  if (known) return known
  // Google writes such zones too, and they are in no table.
  const zone = timeZone.replace(/^GMT(?=[+-]\d\d:\d\d$)/, '')
  const first = Temporal.Instant.fromEpochMilliseconds(FIRST_AT).toZonedDateTimeISO(zone)
  const stretches = [{ fromMs: FIRST_AT, offsetMs: first.offsetNanoseconds / 1e6 }]
  for (let at = first.getTimeZoneTransition('next'); at && at.epochMilliseconds < LAST_AT; ) {
    stretches.push({ fromMs: at.epochMilliseconds, offsetMs: at.offsetNanoseconds / 1e6 })
    at = at.getTimeZoneTransition('next')
  }
  zones.set(timeZone, stretches)
  return stretches
}
