import { countOf } from '../../base/text.ts'
import { DAY_MS } from '../../base/time.ts'
import { listTrials, type StoredTrial } from '../../features/attendance/index.ts'
import { explainEnd, listMissingMedia, listRefusedMeetings } from '../../features/bots/index.ts'
import type { WebDeps } from './web-deps.ts'

/** One reason for which an Attendee server does not do something, with the meetings that it is about. */
export interface Trouble {
  what: string
  /** What the server said or would say, and what to do. */
  why: string
  meetings: readonly { id: string; title: string; isPrivate: boolean }[]
}

/** What an Attendee server does not do for us. */
export interface AttendeeTroubles {
  troubles: readonly Trouble[]
  /** What was last found when it was tried, good or bad. */
  trials: readonly StoredTrial[]
}

const MAX_MEETINGS = 200
const MISSING_SINCE_MS = 30 * DAY_MS

/** Reads it; undefined where there is no such server. */
export async function readTroubles({ db, attendee }: WebDeps, now: Date): Promise<AttendeeTroubles | undefined> {
  if (!attendee) return undefined
  const [refused, unfit, missing, trials] = await Promise.all([
    listRefusedMeetings(db, now, MAX_MEETINGS),
    attendee.listUnfit(),
    listMissingMedia(db, { since: new Date(now.getTime() - MISSING_SINCE_MS) }, MAX_MEETINGS),
    listTrials(db),
  ])
  const troubles = [
    ...byReason(
      refused,
      ({ end, said }) => explainEnd(end, { said }) ?? end,
      (count) => `${countOf(count, 'meeting')} refused`,
    ),
    ...byReason(
      unfit,
      ({ why }) => why,
      (count) => `${countOf(count, 'meeting')} to come`,
    ),
    ...byReason(
      missing.map(({ meetingId: id, ...media }) => ({ id, ...media })),
      ({ message }) => `${message} It is asked for again.`,
      (count) => `${countOf(count, 'recording')} missing`,
    ),
  ]
  return { troubles, trials }
}

function byReason<T extends Trouble['meetings'][number]>(
  meetings: readonly T[],
  why: (meeting: T) => string,
  what: (count: number) => string,
): Trouble[] {
  return [...Map.groupBy(meetings, why)].map(([reason, of]) => ({ what: what(of.length), why: reason, meetings: of }))
}

/** How many things they are: each reason counts once. */
export function countTroubles({ troubles, trials }: AttendeeTroubles): number {
  return troubles.length + trials.filter(({ problem, leftBehind }) => problem !== null || leftBehind !== null).length
}
