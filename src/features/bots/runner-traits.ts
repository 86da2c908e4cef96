import { MINUTE_MS, SECOND_MS } from '../../base/time.ts'

/** What sets a runner apart, as far as planning, claiming and seating its bots go by it. */
export interface RunnerTraits {
  /** Its bots stay in their rooms when their worker is gone; whoever claims one then sits down with it again. */
  survivesWorker: boolean
  /** A bot takes a place in its worker's browsers, besides one of the total. */
  takesPlace: boolean
  /**
   * Its bot tells what it hears as it hears it, so the meetings that follow each other in a room share one seat there. Of others each meeting's
   * bot is ordered by itself.
   */
  sharesSeat: boolean
  /** Its bot is `joining` for as long as it waits for a host or in a lobby, and is asked for until it is out. */
  waitsWhileJoining: boolean
  /** A bot is staged this long before it joins, so that it is in the room at the start itself; meetings that start together are spread. */
  stagedBefore: { leastMs: number; mostMs: number }
  /** It is ordered this long before it joins, at the earliest. */
  orderedBeforeMs: number
}

/** What executes bots: our own Chromium, or an Attendee server. */
export const runnerTraits = {
  browser: {
    survivesWorker: false,
    takesPlace: true,
    sharesSeat: true,
    waitsWhileJoining: false,
    stagedBefore: { leastMs: MINUTE_MS, mostMs: 90 * SECOND_MS },
    // At the door.
    orderedBeforeMs: 90 * SECOND_MS,
  },
  attendee: {
    survivesWorker: true,
    takesPlace: false,
    sharesSeat: false,
    waitsWhileJoining: true,
    // An Attendee server takes times that are at least two minutes ahead.
    stagedBefore: { leastMs: 3 * MINUTE_MS, mostMs: 4 * MINUTE_MS },
    orderedBeforeMs: 20 * MINUTE_MS,
  },
} as const satisfies Record<string, RunnerTraits>

export type RunnerName = keyof typeof runnerTraits
export const runnerNames = Object.keys(runnerTraits) as [RunnerName, ...RunnerName[]]

/** The runners of which something holds. */
export function runnersThat(holds: (traits: RunnerTraits) => boolean): RunnerName[] {
  return runnerNames.filter((name) => holds(runnerTraits[name]))
}
