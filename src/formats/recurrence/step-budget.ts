/**
 * How many days and times may be looked at for one series, whatever its rules say: enough to count a daily rule of 90 years, and done in
 * well under a second.
 */
export const MAX_STEPS = 100_000

/** What an expansion has used of its steps; shared by all rules of a series. */
export interface StepBudget {
  spent: number
  readonly most: number
}

export function createStepBudget(most = MAX_STEPS): StepBudget {
  return { spent: 0, most }
}

/** Takes one step; false when there is none left. */
export function spendStep(budget: StepBudget): boolean {
  if (budget.spent >= budget.most) return false
  budget.spent += 1
  return true
}

/** Whether the steps are used up. */
export function isSpent(budget: StepBudget): boolean {
  return budget.spent >= budget.most
}
