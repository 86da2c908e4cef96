/** 200 notices a second are more calls than Google's quota of 10,000 a minute allows; the bench measures us, and not the quota. */
export const WIDE_RATES = {
  project: { capacity: 100_000, perSecond: 100_000 },
  user: { capacity: 1_000, perSecond: 1_000 },
}
