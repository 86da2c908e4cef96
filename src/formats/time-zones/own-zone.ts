import { MINUTE_MS } from '../../base/time.ts'

/** A stretch of time in which a zone's clock is not changed: from `from` on (milliseconds since 1970) it shows UTC + offset. */
export interface Stretch {
  from: number
  offsetMs: number
}

/** So begins the name of a zone that no table has, with what is known of it: `own:-300;1772953200=-240;…`, minutes from instants in seconds on. */
const PREFIX = 'own:'
const FORM = /^own:-?\d{1,4}(?:;-?\d{1,11}=-?\d{1,4}){0,64}$/

/** Whether this names a zone by its own changes of the clock instead of by a name. */
export function isOwnZone(zone: string): boolean {
  return zone.startsWith(PREFIX) && FORM.test(zone)
}

/** Names a zone by its offset in minutes and the changes that follow, rising. */
export function formatOwnZone(
  offsetMinutes: number,
  changes: readonly { at: number; offsetMinutes: number }[],
): string {
  return PREFIX + [offsetMinutes, ...changes.map((change) => `${change.at / 1_000}=${change.offsetMinutes}`)].join(';')
}

/** The stretches that such a name says; the first one reaches back without end, the last one on. Throws RangeError for another name. */
export function parseOwnZone(zone: string): Stretch[] {
  if (!isOwnZone(zone)) throw new RangeError(`${zone} is no zone of its own`)
  const [first = '', ...changes] = zone.slice(PREFIX.length).split(';')
  return [
    { from: Number.NEGATIVE_INFINITY, offsetMs: Number(first) * MINUTE_MS },
    ...changes.map((change) => {
      const [at, offset] = change.split('=')
      return { from: Number(at) * 1_000, offsetMs: Number(offset) * MINUTE_MS }
    }),
  ]
}
