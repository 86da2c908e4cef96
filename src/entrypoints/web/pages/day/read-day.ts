import { boundsOfDay, boundsOfWholeDay } from '../../../../base/time.ts'
import { listBots } from '../../../../features/bots/index.ts'
import {
  type CalendarTotals,
  countEventsWithoutRoom,
  type EventWithoutRoom,
  listEventsWithoutRoom,
  readCalendarTotals,
} from '../../../../features/calendars/index.ts'
import {
  type AttendanceMode,
  countCopies,
  listMeetings,
  type Meeting,
  readAttendanceMode,
  readNextMeeting,
} from '../../../../features/meetings/index.ts'
import { listHeardMeetings } from '../../../../features/recordings/index.ts'
import { type Attention, readAttention } from '../../attention.ts'
import { type Standing, standingOf, unfitOf } from '../../meeting-status.ts'
import type { WebDeps } from '../../web-deps.ts'

const MAX_MEETINGS = 1_000
const MAX_EVENTS = 100

export interface DayMeeting extends Standing {
  meeting: Meeting
}

/** Everything the plan of a day shows. */
export interface DayView {
  day: string
  zone: string
  now: Date
  /** Length of the day: 23 or 25 where clocks change. */
  hours: number
  meetings: DayMeeting[]
  /** Whether there are more meetings than are shown. */
  isCut: boolean
  withoutRoom: EventWithoutRoom[]
  withoutRoomCount: number
  copies: { events: number; calendars: number }
  calendars: CalendarTotals
  attention: Attention
  attendance: AttendanceMode
  sandbox: boolean
  /** The first wanted meeting after the day, or from now on where the day is today. */
  next: Meeting | undefined
}

export async function readDayView(deps: WebDeps, input: { day: string; zone: string }): Promise<DayView> {
  const { db } = deps
  const now = deps.clock.now()
  const between = { ...boundsOfDay(input.day, input.zone), wholeDays: boundsOfWholeDay(input.day) }
  const [meetings, withoutRoom, withoutRoomCount, copies, calendars, attention, attendance, next, capacity] =
    await Promise.all([
      listMeetings(db, between, MAX_MEETINGS + 1),
      listEventsWithoutRoom(db, between, MAX_EVENTS),
      countEventsWithoutRoom(db, between),
      countCopies(db, between),
      readCalendarTotals(db),
      readAttention(deps),
      readAttendanceMode(db),
      readNextMeeting(db, between.from > now ? between.to : now),
      deps.capacity(),
    ])
  const shown = meetings.slice(0, MAX_MEETINGS)
  const ids = shown.map(({ id }) => id)
  const bots = Map.groupBy(await listBots(db, ids), (bot) => bot.meetingId)
  const heard = await listHeardMeetings(db, ids)
  return {
    ...input,
    now,
    hours: Math.round((between.to.getTime() - between.from.getTime()) / 3_600_000),
    meetings: shown.map((meeting) => {
      const facts = { capacity, isHeard: heard.has(meeting.id), now, unfit: unfitOf(deps, meeting) }
      return { meeting, ...standingOf(meeting, bots.get(meeting.id), facts) }
    }),
    isCut: meetings.length > MAX_MEETINGS,
    withoutRoom,
    withoutRoomCount,
    copies,
    calendars,
    attention,
    attendance: deps.sandbox ? 'on' : attendance,
    sandbox: deps.sandbox,
    next,
  }
}
