import type { Farewell } from './messages.ts'

/** How a visit ended: by the room's word, by the own button, or by a connection that was lost. */
export type VisitEnd = Farewell | 'left' | 'dropped'

/** One page at the room's door, from its knock to its end. Somebody who comes back is a new visit under a new id. */
export interface Visit {
  id: string
  /** The name at the knock. Renaming changes `name` only, so whoever counts by this one cannot be fooled. */
  joinedAs: string
  name: string
  knockedAt: Date
  /** Null: never let in, or not yet. */
  enteredAt: Date | null
  leftAt: Date | null
  end: VisitEnd | null
  // A test's clock may stand still, so the order of steps is kept besides the times.
  enteredStep: number | null
  leftStep: number | null
}

/** The most visits of a kind that were in the room at one instant; those who waited in the lobby do not count. */
export function mostAtOnce(visits: readonly Visit[], isCounted: (visit: Visit) => boolean): number {
  const counted = visits.filter((visit) => visit.enteredStep !== null && isCounted(visit))
  const presentAt = (step: number) => counted.filter((visit) => isPresentAt(visit, step)).length
  return counted.reduce((most, { enteredStep }) => Math.max(most, presentAt(enteredStep ?? 0)), 0)
}

function isPresentAt({ enteredStep, leftStep }: Visit, step: number): boolean {
  return enteredStep !== null && enteredStep <= step && (leftStep === null || leftStep > step)
}

/** Forgets the oldest visits that are over: a sandbox may run for weeks. */
export function forgetOldVisits(visits: Visit[], kept: number): void {
  while (visits.length > kept) {
    const oldest = visits.findIndex(({ leftAt }) => leftAt !== null)
    if (oldest < 0) return
    visits.splice(oldest, 1)
  }
}
