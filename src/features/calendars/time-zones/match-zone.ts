import { Temporal } from 'temporal-polyfill'
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../../base/time.ts'
import { expandRule } from '../recurrence/expand-rule.ts'
import { momentAtInstant } from '../recurrence/moment.ts'
import { createStepBudget } from '../recurrence/step-budget.ts'
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

/**
 * The IANA zone that behaves as the definition says over the year after `now`: same offsets, same instants of change. A clock
 * that never changes gives a fixed offset. `preferred` zones are tried first, since many zones behave alike.
 */
export function matchZone(
  definition: ZoneDefinition,
  now: Date,
  preferred: readonly string[] = [],
): string | undefined {
  const from = now.getTime()
  const onsets = listOnsets(definition.observances, from)
  if (onsets === undefined) return undefined
  const before = onsets.findLast((onset) => onset.at <= from)
  const current = before?.offsetMinutes ?? definition.observances[0]?.offsetBeforeMinutes
  if (current === undefined) return undefined

  const changes = changesAfter(from, current, onsets)
  if (changes.length === 0) return offsetZone(current)
  const probes = [
    { at: from, offsetMinutes: current },
    ...changes.flatMap((change, i) => around(change, changes[i - 1]?.offsetMinutes ?? current)),
  ]
  const candidates = new Set([...preferred, ...commonZones(), ...Intl.supportedValuesOf('timeZone')])
  return [...candidates].find((zone) => probes.every((probe) => offsetAt(zone, probe.at) === probe.offsetMinutes))
}

/** Just before and just after a change, and two weeks after it, so that a zone with more changes than these does not pass. */
function around(change: Onset, offsetBefore: number): Onset[] {
  return [
    { at: change.at - SECOND_MS, offsetMinutes: offsetBefore },
    change,
    { at: change.at + 14 * DAY_MS, offsetMinutes: change.offsetMinutes },
  ]
}

function changesAfter(from: number, offset: number, onsets: readonly Onset[]): Onset[] {
  let last = offset
  return onsets.filter((onset) => {
    if (onset.at <= from || onset.at > from + YEAR_MS || onset.offsetMinutes === last) return false
    last = onset.offsetMinutes
    return true
  })
}

function listOnsets(observances: readonly Observance[], from: number): Onset[] | undefined {
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
      const window = { from: new Date(from - YEAR_MS), to: new Date(from + YEAR_MS + DAY_MS) }
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
