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
  calendars: TroubledCalendar[]
  deadLetters: DeadLetter[]
  problemGroups: ProblemGroup[]
  /** How many things that are: each calendar, each failed job, each kind of unreadable entry. */
  count: number
}

const MAX_CALENDARS = 200

export async function readAttention(deps: WebDeps): Promise<Attention> {
  const [calendars, deadLetters, problemGroups] = await Promise.all([
    listTroubledCalendars(deps.db, deps.clock.now(), MAX_CALENDARS),
    deps.deadLetters.list(),
    listProblemGroups(deps.db),
  ])
  const count = calendars.length + deadLetters.length + problemGroups.length
  return { calendars, deadLetters, problemGroups, count }
}
