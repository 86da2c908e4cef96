export type { Calendar, EventReading } from './calendar.ts'
export { type CalendarHealth, healthOf, knownUntil } from './calendar-health.ts'
export {
  hasAnyCalendar,
  listCalendars,
  listDueCalendars,
  listProblems,
  makeDue,
  readCalendar,
} from './calendar-store.ts'
export {
  type CalendarOverview,
  type CalendarTotals,
  listCalendarOverviews,
  listTroubledCalendars,
  readCalendarTotals,
  type TroubledCalendar,
} from './calendar-view-store.ts'
export type { NoticeOutcome, PushNotice } from './channels/judge-notice.ts'
export { createNoticeReceiver } from './channels/receive-notices.ts'
export { connectIcsCalendar, removeCalendar } from './connect-calendar.ts'
export type { Attendee, LinkTexts, ResponseStatus, RoomLink, SourceEvent, SourceProblem } from './event.ts'
export { type EventChange, type EventFacts, isOrganizerCopy } from './event-facts.ts'
export {
  type ComingEvent,
  countEventsWithoutRoom,
  type EventWithoutRoom,
  listComingEvents,
  listEventsWithoutRoom,
} from './event-view-store.ts'
export { explainEventWithoutRoom } from './explain-event.ts'
export { pollCalendarsJob, syncCalendarJob } from './jobs.ts'
export { listProblemGroups, listShownProblems, type ProblemGroup, type ShownProblem } from './problem-view-store.ts'
export {
  createGoogleClient,
  createProviders,
  forgetSpentGrants,
  type GoogleAccess,
  type GoogleApi,
  type Providers,
} from './providers/registry.ts'
export { type SyncDeps, type SyncResult, syncCalendar } from './sync-calendar.ts'
