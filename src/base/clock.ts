/** Where the time comes from. Everything that asks for "now" is given one, so that tests can set it. */
export interface Clock {
  now(): Date
  /** False while what it rests on disagrees: then nothing is to be judged as over. Certain where unset. */
  isCertain?(): boolean
}

/** Whether something may be judged as late by a clock. */
export function isCertain(clock: Clock): boolean {
  return clock.isCertain?.() ?? true
}

export const systemClock: Clock = { now: () => new Date() }

/** Milliseconds of a clock that nobody sets and that all processes of this machine share: for leases, never to be stored. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1_000n) / 1_000
}
