import { Temporal } from 'temporal-polyfill'
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../base/time.ts'
import { expandRule } from '../recurrence/expand-rule.ts'
import { momentAtInstant } from '../recurrence/moment.ts'
import { createStepBudget } from '../recurrence/step-budget.ts'
import { formatOwnZone } from './own-zone.ts'
import { commonZones } from './windows-zones.ts'
import type { Observance, ZoneDefinition } from './zone-definition.ts'
import { offsetZone } from './zone-names.ts'

const YEAR_MS = 366 * DAY_MS
/** More changes of the clock than any zone has in two years. */
const MAX_ONSETS = 64

interface Onset {
  at: number
  offsetMinutes: number
}

/** For so many years the changes of a clock that no zone has are written down; then the last one holds. */
const OWN_YEARS = 12

/**
 * The IANA zone that behaves as the definition says over the year after `now`: same offsets, same instants of change. A clock
 * that never changes gives a fixed offset. `preferred` zones are tried first, since many zones behave alike. Where no zone does, the
 * definition's own offsets count (`own-zone.ts`). Undefined if it cannot be read.
 */
export function matchZone(
  definition: ZoneDefinition,
  now: Date,
  preferred: readonly string[] = [],
): string | undefined {
  const latest = withoutFormerEras(definition.observances, now)
  return (
    matchObservances(definition.observances, now, preferred) ??
    matchObservances(latest, now, preferred) ??
    ownZone(latest, now)
  )
}

function matchObservances(
  observances: readonly Observance[],
  now: Date,
  preferred: readonly string[],
): string | undefined {
  const from = now.getTime()
  const onsets = listOnsets(observances, from, 1)
  if (onsets === undefined) return undefined
  const current = offsetAtTime(onsets, from, observances)
  if (current === undefined) return undefined

  const changes = changesAfter(from, current, onsets, 1)
  if (changes.length === 0) return offsetZone(current)
  const probes = [
    { at: from, offsetMinutes: current },
    ...changes.flatMap((change, i) => around(change, changes[i - 1]?.offsetMinutes ?? current)),
  ]
  const candidates = new Set([...preferred, ...commonZones(), ...Intl.supportedValuesOf('timeZone')])
  return [...candidates].find((zone) => probes.every((probe) => offsetAt(zone, probe.at) === probe.offsetMinutes))
}

/** From the beginning of last year on, so that a definition means the same all the year. */
function ownZone(observances: readonly Observance[], now: Date): string | undefined {
  const from = Date.UTC(now.getUTCFullYear() - 1, 0, 1)
  const onsets = listOnsets(observances, from, OWN_YEARS)
  if (onsets === undefined) return undefined
  const first = offsetAtTime(onsets, from, observances)
  if (first === undefined) return undefined
  const changes = changesAfter(from, first, onsets, OWN_YEARS).slice(0, MAX_ONSETS)
  const isOnEarth = [first, ...changes.map((change) => change.offsetMinutes)].every(
    (offset) => offsetZone(offset) !== undefined,
  )
  return isOnEarth ? formatOwnZone(first, changes) : undefined
}

function offsetAtTime(onsets: readonly Onset[], at: number, observances: readonly Observance[]): number | undefined {
  return onsets.findLast((onset) => onset.at <= at)?.offsetMinutes ?? observances[0]?.offsetBeforeMinutes
}

/**
 * Outlook writes each era of a "Customized Time Zone" with rules that never end, and means that the later ones replace the former: with
 * both the clock would be changed twice. A rule counts as former if another makes the same change of the clock, began a year later or
 * more, and has begun.
 */
function withoutFormerEras(observances: readonly Observance[], now: Date): readonly Observance[] {
  const isReplacedBy = (former: Observance, later: Observance) =>
    later.rules.length > 0 &&
    former.offsetMinutes === later.offsetMinutes &&
    wallMsOf(later.start) >= wallMsOf(former.start) + YEAR_MS &&
    wallMsOf(later.start) <= now.getTime()
  return observances.filter((former) => !observances.some((later) => isReplacedBy(former, later)))
}

/** Just before and just after a change, and two weeks after it, so that a zone with more changes than these does not pass. */
function around(change: Onset, offsetBefore: number): Onset[] {
  return [
    { at: change.at - SECOND_MS, offsetMinutes: offsetBefore },
    change,
    { at: change.at + 14 * DAY_MS, offsetMinutes: change.offsetMinutes },
  ]
}

function changesAfter(from: number, offset: number, onsets: readonly Onset[], years: number): Onset[] {
  let last = offset
  return onsets.filter((onset) => {
    if (onset.at <= from || onset.at > from + years * YEAR_MS || onset.offsetMinutes === last) return false
    last = onset.offsetMinutes
    return true
  })
}

/** Undefined if a rule cannot be read, asks for too much, or changes the clock more often than any zone does. */
function listOnsets(observances: readonly Observance[], from: number, years: number): Onset[] | undefined {
  const onsets: Onset[] = []
  const budget = createStepBudget()
  for (const observance of observances) {
    const shift = observance.offsetBeforeMinutes * MINUTE_MS
    const add = (wallMs: number) => onsets.push({ at: wallMs - shift, offsetMinutes: observance.offsetMinutes })
    const start = wallMsOf(observance.start)
    add(start)
    for (const date of observance.dates.slice(-MAX_ONSETS)) add(wallMsOf(date))
    for (const rule of observance.rules) {
      // Wall times count as UTC here: the rule says what the old clock shows, and the old clock's offset is taken off afterwards.
      const window = { from: new Date(from - YEAR_MS), to: new Date(from + years * YEAR_MS + DAY_MS) }
      const expanded = expandRule(rule, momentAtInstant(start, 'UTC'), window, { budget })
      if (expanded.problem !== undefined || expanded.starts.length > MAX_ONSETS) return undefined
      for (const at of expanded.starts) add(at)
    }
  }
  return onsets.sort((a, b) => a.at - b.at)
}

function wallMsOf(local: Temporal.PlainDateTime): number {
  return local.toZonedDateTime('UTC').epochMilliseconds
}

function offsetAt(zone: string, at: number): number {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).offsetNanoseconds / 60e9
}
