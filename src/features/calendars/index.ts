export type { Calendar, EventReading } from './calendar.ts'
export { type CalendarHealth, healthOf, knownUntil } from './calendar-health.ts'
export {
  hasAnyCalendar,
  listCalendars,
  listCredentials,
  listDueCalendars,
  markChanged,
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
export { noteUnannounced } from './channels/channel-store.ts'
export {
  type ChannelOverview,
  listChannelOverviews,
  listSilentCalendars,
  type SilentCalendar,
} from './channels/channel-view-store.ts'
export type { NoticeOutcome, PushNotice } from './channels/judge-notice.ts'
export { openChannel } from './channels/open-channel.ts'
export { createNoticeReceiver } from './channels/receive-notices.ts'
export { type RenewDeps, type RenewResult, renewChannels } from './channels/renew-channels.ts'
export { stopChannels } from './channels/stop-channels.ts'
export { connectByAddress, removeCalendar } from './connect-calendar.ts'
export {
  beginConsent,
  type ConsentAnswer,
  type ConsentDeps,
  type ConsentResult,
  completeConsent,
  consentOff,
} from './consent/connect-by-consent.ts'
export { CONSENT_TAKES_MS } from './consent/consent-state.ts'
export { deleteOldConsents } from './consent/consent-store.ts'
export { type DirectoryState, readDirectoryState } from './directory/directory-store.ts'
export { knowsPeople, listOrganisations, type PeopleDeps } from './directory/organisation.ts'
export type { PeopleChange } from './directory/plan-people.ts'
export { type PeopleResult, syncPeople, syncPeopleIfDue, syncPeopleNow } from './directory/sync-people.ts'
export type { LinkTexts, RoomLink, SourceEvent } from './event.ts'
export { type EventChange, type EventFacts, guestsSaid } from './event-facts.ts'
export { followToRooms, moveEventsToRoom, type NamedRoom } from './event-room-store.ts'
export { replaceEvents } from './event-store.ts'
export {
  type Between,
  type ComingEvent,
  countEventsWithoutRoom,
  type EventWithoutRoom,
  listComingEvents,
  listEventsWithoutRoom,
  startsBetween,
} from './event-view-store.ts'
export { explainEventWithoutRoom } from './explain-event.ts'
export { forgetGone } from './item-store.ts'
export {
  lookAgainJob,
  pollCalendarsJob,
  readLongCalendarJob,
  readNewCalendarJob,
  renewChannelsJob,
  syncCalendarJob,
  syncPeopleJob,
} from './jobs.ts'
export { listProblems } from './problem-store.ts'
export { listProblemGroups, listShownProblems, type ProblemGroup, type ShownProblem } from './problem-view-store.ts'
export type { CallRates, NoticeReader } from './providers/provider.ts'
export { listProviderAlarms, type StandingAlarm } from './providers/provider-alarm-store.ts'
export type { ProviderWords } from './providers/provider-words.ts'
export {
  isProviderName,
  openProviders,
  type ProviderName,
  type Providers,
  providerNamed,
  providerNames,
  pushingProviders,
} from './providers/registry.ts'
export type { SyncDeps } from './sync/deps.ts'
export { type SyncInput, type SyncResult, syncCalendar } from './sync-calendar.ts'
