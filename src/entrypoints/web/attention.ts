import {
  listProblemGroups,
  listTroubledCalendars,
  type ProblemGroup,
  type TroubledCalendar,
} from '../../features/calendars/index.ts'
import type { DeadLetter } from '../../platform/jobs/index.ts'
import type { WebDeps } from './web-deps.ts'

/** What needs somebody, in the order in which the problems page lists it. */
export interface Attention {
  /** What this machine lacks, a sentence each. */
  missingParts: readonly string[]
  calendars: TroubledCalendar[]
  deadLetters: DeadLetter[]
  problemGroups: ProblemGroup[]
  /** How many things that are: each missing part, each calendar, each failed job, each kind of unreadable entry. */
  count: number
}

const MAX_CALENDARS = 200

export async function readAttention(deps: WebDeps): Promise<Attention> {
  const [missingParts, calendars, deadLetters, problemGroups] = await Promise.all([
    deps.missingParts(),
    listTroubledCalendars(deps.db, deps.clock.now(), MAX_CALENDARS),
    deps.deadLetters.list(),
    listProblemGroups(deps.db),
  ])
  const count = missingParts.length + calendars.length + deadLetters.length + problemGroups.length
  return { missingParts, calendars, deadLetters, problemGroups, count }
}
