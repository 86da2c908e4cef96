import type { Generated, Instant, Json, WithDefault } from '../../platform/db/index.ts'

declare module '../../platform/db/tables.ts' {
  interface Tables {
    calendar: CalendarTable
    calendarItem: CalendarItemTable
    goneItem: GoneItemTable
    calendarProblem: CalendarProblemTable
    event: EventTable
    accessToken: AccessTokenTable
    callBudget: CallBudgetTable
    providerAlarm: ProviderAlarmTable
    pushChannel: PushChannelTable
    calendarPush: CalendarPushTable
    usedConsent: UsedConsentTable
  }

  interface SettingKeys {
    /** After the name of a provider. */
    _directory: true
  }
}

interface CalendarTable {
  id: string
  provider: string
  ownerEmail: string
  name: string | null
  deduplicationKey: string
  /** Fernet ciphertext of the address or token; null once the calendar is removed. */
  credential: string | null
  addressLabel: string
  state: 'connected' | 'disconnected'
  stateReason: string | null
  timeZone: string | null
  /** Raised by every sync that writes; a sync that read an older one starts again. */
  revision: WithDefault<number>
  expandedUntil: Instant | null
  /** The version of the zone data with which the events were expanded. */
  zoneData: string | null
  lastAttemptAt: Instant | null
  lastSuccessAt: Instant | null
  lastChangeAt: Instant | null
  nextSyncAt: WithDefault<Instant>
  failureCount: WithDefault<number>
  failureCode: string | null
  failureMessage: string | null
  createdAt: WithDefault<Instant>
  removedAt: Instant | null
  access: 'service_account' | 'oauth' | null
  /** The provider's own text, by which it tells what is new. */
  cursor: string | null
  /** Rises with every notice of a change. */
  changeMarker: WithDefault<number>
  pulledMarker: WithDefault<number>
  watchedUntil: Instant | null
  cursorLosses: WithDefault<number>
  disconnectedAt: Instant | null
  /** The provider's own id of the person, which stays when the address changes; null where there is none. */
  accountId: WithDefault<string | null>
  /** Set while the directory keeps the calendar disconnected. */
  releaseReason: WithDefault<'suspended' | 'archived' | 'left' | 'not_selected' | null>
}

interface CalendarItemTable {
  calendarId: string
  itemId: string
  /** Null while only a part of a series is known that does not say it. */
  uid: string | null
  seriesId: string | null
  content: string
  contentHash: string
  isRecurring: boolean
  firstStartsAt: Instant
  lastEndsAt: Instant | null
  /** How new it is; a greater text is newer. Empty where that is not known. */
  version: WithDefault<string>
}

/** What an item was when it went, so that an older state of it that comes late does not bring it back. */
interface GoneItemTable {
  calendarId: string
  itemId: string
  version: string
  goneAt: Instant
}

interface CalendarProblemTable {
  id: Generated<string>
  calendarId: string
  code: string
  message: string
  uid: string | null
  title: string | null
  noticedAt: WithDefault<Instant>
  raw: WithDefault<string | null>
}

interface EventTable {
  id: string
  calendarId: string
  uid: string
  occurrenceKey: string
  startsAt: Instant
  endsAt: Instant
  isAllDay: boolean
  timeZone: string | null
  title: string
  organizerEmail: string | null
  organizerName: string | null
  attendees: Json<unknown>
  ownResponse: string
  isCancelled: boolean
  visibility: string
  kind: string
  /** Words with # in its texts, lower case. */
  tags: WithDefault<string[]>
  platform: string | null
  roomId: string | null
  roomKey: string | null
  meetingUrl: string | null
  linkWarning: string | null
  variant: string | null
  isOrganizerCopy: WithDefault<boolean>
  namesOwner: WithDefault<boolean>
  /** It is in the calendar no more, and is kept because it had begun. */
  hasVanished: WithDefault<boolean>
  /** Since when the invitation is in this calendar, and since when it stands in this room at this time. */
  knownAt: WithDefault<Instant>
  placedAt: WithDefault<Instant>
  contentHash: string
  createdAt: WithDefault<Instant>
  updatedAt: WithDefault<Instant>
}

interface AccessTokenTable {
  key: string
  token: string | null
  expiresAt: Instant | null
  issuedAt: Instant | null
  refreshingUntil: Instant | null
}

interface CallBudgetTable {
  name: string
  available: number
  countedAt: Instant
  heldUntil: Instant | null
}

interface ProviderAlarmTable {
  name: string
  code: string
  message: string
  raisedAt: Instant
  seenAt: Instant
  probeAt: Instant
}

interface PushChannelTable {
  id: string
  calendarId: string
  state: 'opening' | 'open' | 'closing' | 'closed'
  secretHash: string
  /** Where the provider was told to send. */
  address: string
  /** What the provider calls the watched thing; null until it said so. */
  resourceId: string | null
  expiresAt: Instant
  renewAt: Instant
  lastDeliveryAt: Instant | null
  /** When something came over it that said of a change. */
  lastNoticeAt: WithDefault<Instant | null>
  /** When the provider is to be told, or told again, to stop. */
  stopAt: WithDefault<Instant | null>
  createdAt: WithDefault<Instant>
  changedAt: WithDefault<Instant>
}

interface CalendarPushTable {
  calendarId: string
  isRefused: WithDefault<boolean>
  failureCount: WithDefault<number>
  failureCode: WithDefault<string | null>
  failureMessage: WithDefault<string | null>
  nextTryAt: WithDefault<Instant>
  /** Since when somebody wants no channel here. */
  stoppedAt: WithDefault<Instant | null>
  /** When a change was found that no notice had announced. */
  unannouncedAt: WithDefault<Instant | null>
  lostCount: WithDefault<number>
  lastLostAt: WithDefault<Instant | null>
  /** Since a notice was lost, until the next one comes: until then none is to be expected. */
  silentSince: WithDefault<Instant | null>
}

interface UsedConsentTable {
  stateHash: string
  usedAt: Instant
}
