import type { Temporal } from 'temporal-polyfill'

/** A time zone as a calendar file describes it itself (VTIMEZONE): no name that can be trusted, but a behaviour. */
export interface ZoneDefinition {
  /** What the file says the zone is called elsewhere (X-LIC-LOCATION). */
  location: string | null
  observances: readonly Observance[]
}

/** From its start, and again at each repetition, the clock shows `offsetMinutes` instead of `offsetBeforeMinutes`. */
export interface Observance {
  /** Wall time by the clock that is about to be changed. */
  start: Temporal.PlainDateTime
  offsetBeforeMinutes: number
  offsetMinutes: number
  rules: readonly string[]
  dates: readonly Temporal.PlainDateTime[]
}
