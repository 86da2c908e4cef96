import { whatItWaitsFor } from '../../features/attendance/index.ts'
import { type DueBot, listDueBots } from '../../features/bots/index.ts'
import {
  listProblemGroups,
  listSilentCalendars,
  listTroubledCalendars,
  type ProblemGroup,
  type SilentCalendar,
  type TroubledCalendar,
} from '../../features/calendars/index.ts'
import { listRivals, type Meeting } from '../../features/meetings/index.ts'
import { explainWeakSecret } from '../../features/transcripts/index.ts'
import type { DeadLetter } from '../../platform/jobs/index.ts'
import { type AttendeeTroubles, countTroubles, readTroubles } from './attendee-troubles.ts'
import type { WebDeps } from './web-deps.ts'

/** What needs somebody, in the order in which the problems page lists it. */
export interface Attention {
  /** What this machine lacks, a sentence each. */
  missingParts: readonly string[]
  /** What is wrong with a secret, in some sentences. */
  weakSecret: string | undefined
  calendars: TroubledCalendar[]
  /** Calendars whose changes no notice announces, though it should. */
  silent: SilentCalendar[]
  deadLetters: DeadLetter[]
  problemGroups: ProblemGroup[]
  /** Meetings that want their room at the same time as one of somebody else. */
  rivals: Meeting[]
  /** Bots that are due and wait for a free place or a worker. */
  waiting: DueBot[]
  /** What an Attendee server does not do; undefined where there is none. */
  attendee: AttendeeTroubles | undefined
  /** How many things that are: each missing part, a weak secret, each calendar, each failed job, each kind of unreadable entry, that notices do not come, that meetings want one room, that bots wait, and each cause for which an Attendee server does not do something. */
  count: number
}

const MAX_CALENDARS = 200
const MAX_BOTS = 200
const MAX_RIVALS = 50

export async function readAttention(deps: WebDeps): Promise<Attention> {
  const now = deps.clock.now()
  const [missingParts, calendars, silent, deadLetters, problemGroups, rivals, due, capacity, attendee] =
    await Promise.all([
      deps.missingParts(),
      listTroubledCalendars(deps.db, now, MAX_CALENDARS),
      listSilentCalendars(deps.db, now, MAX_CALENDARS),
      deps.deadLetters.list(),
      listProblemGroups(deps.db),
      listRivals(deps.db, now, MAX_RIVALS),
      listDueBots(deps.db, now, MAX_BOTS),
      deps.capacity(),
      readTroubles(deps, now),
    ])
  const { weak } = deps.transcripts.links
  const weakSecret = weak && explainWeakSecret(weak, now)
  const waiting = due.filter((bot) => whatItWaitsFor(bot, capacity, now) !== undefined)
  const count =
    missingParts.length +
    (weakSecret === undefined ? 0 : 1) +
    calendars.length +
    deadLetters.length +
    problemGroups.length +
    Math.min(1, silent.length) +
    Math.min(1, rivals.length) +
    Math.min(1, waiting.length) +
    (attendee ? countTroubles(attendee) : 0)
  return { missingParts, weakSecret, calendars, silent, deadLetters, problemGroups, rivals, waiting, attendee, count }
}
