import type { App } from '../../src/app.ts'
import { newId } from '../../src/base/ids.ts'
import type { Meeting } from '../../src/features/meetings/index.ts'
import { unheld } from '../../src/features/meetings/meeting.ts'
import { writeMeetings } from '../../src/features/meetings/meeting-store.ts'
import { inTransaction } from '../../src/platform/db/index.ts'

/** Where and when a meeting is to be attended, without any calendar that says so. */
export interface PlannedMeeting {
  url: string
  startsAt: Date
  endsAt: Date
  /** What else is stored of it. */
  more?: Partial<Meeting>
}

/** Writes meetings that are to be attended, with their bots and jobs, as one plan. */
export async function planMeetings(
  app: Pick<App, 'db' | 'clock' | 'reconcile'>,
  planned: readonly PlannedMeeting[],
): Promise<Meeting[]> {
  const meetings = planned.map(meetingOf)
  const now = app.clock.now()
  await inTransaction(app.db, async (trx) => {
    await writeMeetings(trx, meetings, new Map(), { now, origin: 'calendar' })
    await app.reconcile.planned(trx, meetings, 'calendar')
  })
  return meetings
}

function meetingOf({ url, startsAt, endsAt, more }: PlannedMeeting): Meeting {
  const id = newId()
  return {
    id,
    platform: 'sandbox',
    roomId: url,
    roomKey: `sandbox:${url}`,
    meetingUrl: url,
    uid: `planned-${id}`,
    occurrenceKey: '',
    startsAt,
    endsAt,
    isAllDay: false,
    title: url,
    isPrivate: false,
    organizerEmail: null,
    attendeeCount: 0,
    copies: 1,
    supporting: 1,
    decision: 'attend',
    reason: 'wanted',
    reasonDetail: { supporting: 1, copies: 1 },
    wish: null,
    wishAt: null,
    wishBy: null,
    ...unheld,
    ...more,
  }
}
