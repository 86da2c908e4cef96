/** How a pause grows: what it is at first, and what it is at most. */
export interface Growth {
  firstMs: number
  mostMs: number
}

/** More doublings than this bring every pause to its most, and stay a number where the first one is 0. */
const MOST_DOUBLINGS = 50

/** The pause before the next try, in milliseconds, where so many pauses were made before: doubled with each of them. */
export function backoffMs(pausesBefore: number, { firstMs, mostMs }: Growth): number {
  return Math.min(firstMs * 2 ** Math.min(pausesBefore, MOST_DOUBLINGS), mostMs)
}

/** A quarter more or less, so that many who began together do not all come back at once. */
export function jitteredMs(ms: number, random: () => number = Math.random): number {
  return ms * (0.75 + random() / 2)
}
