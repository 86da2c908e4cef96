import type { ColumnType, Generated } from 'kysely'

// What migrations/ make, as the code sees it: camelCase, instants as Date. A test compares this with the real database.

/** Read as a Date; written as one too. */
type Instant = Date
type WithDefault<T> = ColumnType<T, T | undefined, T>
/** Written as a string of JSON, read parsed. */
type Json<T> = ColumnType<T, string, string>

export interface SettingTable {
  key: string
  value: Json<unknown>
  updatedAt: WithDefault<Instant>
}

export interface SecretFingerprintTable {
  name: string
  fingerprint: string
  createdAt: WithDefault<Instant>
  weakSince: Instant | null
}

export interface CalendarTable {
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

export interface CalendarItemTable {
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
export interface GoneItemTable {
  calendarId: string
  itemId: string
  version: string
  goneAt: Instant
}

export interface CalendarProblemTable {
  id: Generated<string>
  calendarId: string
  code: string
  message: string
  uid: string | null
  title: string | null
  noticedAt: WithDefault<Instant>
  raw: WithDefault<string | null>
}

export interface AccessTokenTable {
  key: string
  token: string | null
  expiresAt: Instant | null
  issuedAt: Instant | null
  refreshingUntil: Instant | null
}

export interface CallBudgetTable {
  name: string
  available: number
  countedAt: Instant
  heldUntil: Instant | null
}

export interface ProviderAlarmTable {
  name: string
  code: string
  message: string
  raisedAt: Instant
  seenAt: Instant
  probeAt: Instant
}

export interface EventTable {
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

export interface MeetingTable {
  id: string
  hubId: string | null
  platform: string
  roomId: string
  roomKey: string
  meetingUrl: string
  uid: string
  occurrenceKey: string
  startsAt: Instant
  endsAt: Instant
  isAllDay: boolean
  title: string
  isPrivate: boolean
  organizerEmail: string | null
  attendeeCount: number
  copies: number
  supporting: number
  decision: 'attend' | 'observe' | 'no_runner' | 'skip'
  reason: string
  reasonDetail: Json<unknown>
  decidedAt: Instant
  wish: WithDefault<'attend' | 'none' | null>
  wishAt: WithDefault<Instant | null>
  wishBy: WithDefault<string | null>
  /** Whose own calendar holds the invitation as theirs; null where that is nobody's here. */
  provenOrganizer: WithDefault<string | null>
  /** Where nobody is proven: people of the first circle, the owner of its first copy first. */
  circle: WithDefault<string[]>
  isRanked: WithDefault<boolean>
  /** Whether its own people said that it is not to be recorded. */
  saysNo: WithDefault<boolean>
  /** Whether somebody besides its owner accepted it. */
  isAcceptedByOthers: WithDefault<boolean>
  /** Whether its owner did. */
  isAcceptedByOwner: WithDefault<boolean>
  /** Since when it stands in its room, for which instants: `[{from, until, since}]` in Unix milliseconds. */
  standing: ColumnType<unknown, string | undefined, string>
  /** What was decided of it by itself, before the other meetings of its room were looked at. */
  ownVerdict: ColumnType<unknown, string | null | undefined, string | null>
  /** When its bot is to have the room, where that is later than its start. */
  seatFrom: WithDefault<Instant | null>
  /** When it first held its room in fact. */
  heldAt: WithDefault<Instant | null>
  /** Whether a meeting of somebody else wants its room at the same time. */
  hasRival: WithDefault<boolean>
  createdAt: WithDefault<Instant>
  updatedAt: WithDefault<Instant>
}

export interface OccurrenceTable {
  roomKey: string
  uid: string
  occurrenceKey: string
  meetingId: string | null
}

export interface OccurrenceVariantTable {
  roomKey: string
  uid: string
  occurrenceKey: string
  variant: string
  startsAt: Instant
  endsAt: Instant
  isAllDay: boolean
  title: string
  organizerEmail: string | null
  isOrganizerCopy: boolean
  visibility: string
  kind: string
  tags: WithDefault<string[]>
  meetingUrl: string
  platform: string
  roomId: string
  copies: number
  supporting: number
  declined: number
  cancelled: number
  accepted: WithDefault<number>
  tentative: WithDefault<number>
  vanished: WithDefault<number>
  namesOwner: WithDefault<boolean>
  firstKnownAt: WithDefault<Instant>
  placedAt: WithDefault<Instant>
  /** How many of its copies do not speak, and for which authority that was counted. */
  muteFor: WithDefault<string | null>
  mute: ColumnType<unknown, string | null | undefined, string | null>
}

/** Whose invitation a UID is: the organiser whom the copy known first names, and since when their own calendar is known to hold it. */
export interface InvitationTable {
  uid: string
  organizerEmail: string
  provenAt: Instant | null
  firstKnownAt: Instant
}

/** A room as such: who brought it, and whether it is closed to meetings of others. */
export interface RoomTable {
  roomKey: string
  broughtBy: string | null
  broughtAt: Instant | null
  broughtHow: 'first_known' | 'recognised' | 'administrator' | null
  closedAt: WithDefault<Instant | null>
  closedBy: WithDefault<string | null>
  knownSince: WithDefault<Instant>
}

export interface RoomAliasTable {
  /** What a link calls the room. */
  aliasKey: string
  platform: string
  roomId: string
  /** What the room calls itself. */
  roomKey: string
  knownAt: Instant
}

export interface MeetingDecisionTable {
  id: Generated<string>
  meetingId: string
  decision: string
  reason: string
  reasonDetail: Json<unknown>
  startsAt: Instant
  decidedAt: Instant
  origin: WithDefault<string>
}

export interface RuleVersionTable {
  version: number
  document: Json<unknown>
  source: string
  sourceHash: string
  path: string | null
  changedBy: string
  changedAt: Instant
}

export interface WishTable {
  id: Generated<string>
  uid: string
  occurrenceKey: string
  meetingId: string
  /** The UID without what tells the parts of a split series apart. */
  seriesUid: string
  wish: 'attend' | 'none' | 'as_planned'
  wishedBy: string
  wishedAt: Instant
}

export interface BotTable {
  id: string
  meetingId: string
  roomKey: string
  runner: string
  state: string
  joinAt: Instant
  attendsAt: Instant
  fence: WithDefault<number>
  wanted: WithDefault<string>
  jobId: string | null
  holder: WithDefault<string | null>
  stateAt: WithDefault<Instant>
  outcome: WithDefault<string | null>
  origin: WithDefault<string>
  placeMissingAt: WithDefault<Instant | null>
  createdAt: WithDefault<Instant>
  updatedAt: WithDefault<Instant>
}

/** A process that attends meetings. */
export interface WorkerTable {
  id: string
  startedAt: Instant
  seenAt: Instant
  capacity: number
  seats: number
  runners: string[]
  isDraining: WithDefault<boolean>
  machine: WithDefault<string | null>
  booted: WithDefault<string | null>
  socket: WithDefault<string | null>
}

export interface BotEventTable {
  id: Generated<string>
  botId: string
  type: string
  subType: string | null
  oldState: string
  newState: string
  detail: Json<unknown>
  createdAt: Instant
}

/** What ties a bot to the one that an Attendee server made for it. */
export interface AttendeeBotTable {
  botId: string
  deduplicationKey: string
  remoteId: string | null
  createdAt: Instant
  /** Why its recording could not be fetched so far, as a code and in words; null where nothing is known to be wrong. */
  mediaProblem: string | null
  mediaProblemText: string | null
  /** Where that recording lies, with its port. */
  mediaHost: string | null
  mediaProblemAt: Instant | null
  goneAt: WithDefault<Instant | null>
  broughtAt: WithDefault<Instant | null>
  mediaAt: WithDefault<Instant | null>
  settledAt: WithDefault<Instant | null>
  looksAt: WithDefault<Instant | null>
  trouble: WithDefault<string | null>
  mediaFormat: WithDefault<string>
}

/** What an Attendee server last said when it was tried. */
export interface AttendeeTrialTable {
  /** A platform, or `recordings`. */
  subject: string
  triedAt: Instant
  /** The code of what went wrong; null where nothing did. */
  code: string | null
  said: string | null
  /** Why the bot of the trial could not be taken back. */
  leftBehind: string | null
}

export interface AttendeeNoticeTable {
  idempotencyKey: string
  botId: string
  eventType: string
  receivedAt: Instant
  remover: WithDefault<string | null>
}

export interface SignInLinkTable {
  tokenHash: string
  /** Null for the link printed at the first start: an administrator without an address. */
  email: string | null
  isAdmin: boolean
  expiresAt: Instant
  usedAt: Instant | null
  createdAt: WithDefault<Instant>
}

export interface SessionTable {
  tokenHash: string
  email: string | null
  isAdmin: boolean
  expiresAt: Instant
  createdAt: WithDefault<Instant>
}

export interface RecordingTable {
  meetingId: string
  state: 'recording' | 'finishing' | 'complete' | 'failed' | 'none'
  startedAt: Instant
  endedAt: Instant | null
  fileKey: string | null
  durationMs: number | null
  sizeBytes: string | null
  /** Null: a file of our own making. */
  contentType: WithDefault<string | null>
  /** Where on the meeting's time line the file begins: one of our own at 0. */
  fileStartedMs: WithDefault<number>
  /** The other meetings whose sound the file holds as well. */
  alsoOf: WithDefault<string[]>
  updatedAt: WithDefault<Instant>
}

export interface PartTable {
  botId: string
  meetingId: string
  startedMs: number
  endedMs: number | null
  /** Its recorder was to turn speech into text too, and could not for all of it. */
  isSpeechMissing: WithDefault<boolean>
}

export interface ParticipantTable {
  id: string
  meetingId: string
  botId: string
  nativeId: string
  name: string | null
  isOwnBot: WithDefault<boolean>
  /** The address that the platform vouches for. */
  email: WithDefault<string | null>
  /** Who it is, where recognised: as features/people names persons. */
  person: WithDefault<string | null>
  joinedAt: Instant
  leftAt: Instant | null
}

/** From when until when somebody was in the room, each time anew. */
export interface ParticipantStayTable {
  participantId: string
  joinedAt: Instant
  leftAt: Instant | null
}

export interface AudioStepTable {
  id: Generated<string>
  meetingId: string
  botId: string
  /** Null for the mix of all. */
  participantId: string | null
  startedMs: number
  durationMs: number
  opus: Buffer
  createdAt: WithDefault<Instant>
}

export interface UtteranceTable {
  id: string
  meetingId: string
  participantId: string
  seq: string | number
  startedMs: number
  durationMs: number
  state: 'heard' | 'done' | 'empty' | 'failed'
  text: WithDefault<string>
  confidence: number | null
  language: string | null
  /** The speech itself, until it has become text for good. */
  opus: Buffer | null
  createdAt: WithDefault<Instant>
  updatedAt: WithDefault<Instant>
}

export interface TranscriptTable {
  meetingId: string
  state: 'live' | 'finishing' | 'complete' | 'partial' | 'failed' | 'none'
  lastSeq: ColumnType<string, number | undefined, number>
  finishedAt: Instant | null
  updatedAt: WithDefault<Instant>
  /** When the people invited at the meeting's end were written down. */
  readersAt: WithDefault<Instant | null>
}

export interface MeetingReaderTable {
  meetingId: string
  /** An account's id, or an address where no account was known. */
  person: string
  address: string
  why: 'invited' | 'given' | 'removed'
  by: string | null
  at: Instant
}

export interface LinkRevocationTable {
  id: Generated<string>
  meetingId: string | null
  email: string | null
  revokedAt: Instant
}

export interface PushChannelTable {
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

export interface CalendarPushTable {
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

export interface UsedConsentTable {
  stateHash: string
  usedAt: Instant
}

export interface AccountTable {
  id: string
  provider: string
  nativeId: string
  fullName: string | null
  /** The full name as it is compared. */
  nameKey: string | null
  status: 'active' | 'suspended' | 'archived'
  createdAt: WithDefault<Instant>
  goneAt: Instant | null
}

export interface AccountAddressTable {
  /** Lower case. */
  address: string
  accountId: string
  isPrimary: boolean
  since: Instant
  until: Instant | null
}

export interface GroupReadingTable {
  groupAddress: string
  notedAt: Instant
  readAt: Instant | null
  /** Null while the directory never answered. */
  isGroup: boolean | null
  failure: string | null
}

export interface GroupMemberTable {
  groupAddress: string
  memberAddress: string
}

export interface AuditTable {
  id: Generated<string>
  at: Instant
  by: string
  action: string
  subject: string
  detail: Json<unknown>
  fromWhere: string | null
}

export interface Tables {
  setting: SettingTable
  secretFingerprint: SecretFingerprintTable
  calendar: CalendarTable
  calendarItem: CalendarItemTable
  goneItem: GoneItemTable
  accessToken: AccessTokenTable
  callBudget: CallBudgetTable
  providerAlarm: ProviderAlarmTable
  calendarProblem: CalendarProblemTable
  event: EventTable
  meeting: MeetingTable
  occurrence: OccurrenceTable
  occurrenceVariant: OccurrenceVariantTable
  invitation: InvitationTable
  room: RoomTable
  roomAlias: RoomAliasTable
  meetingDecision: MeetingDecisionTable
  ruleVersion: RuleVersionTable
  wish: WishTable
  bot: BotTable
  botEvent: BotEventTable
  worker: WorkerTable
  attendeeBot: AttendeeBotTable
  attendeeNotice: AttendeeNoticeTable
  attendeeTrial: AttendeeTrialTable
  signInLink: SignInLinkTable
  session: SessionTable
  recording: RecordingTable
  part: PartTable
  participant: ParticipantTable
  audioStep: AudioStepTable
  utterance: UtteranceTable
  transcript: TranscriptTable
  linkRevocation: LinkRevocationTable
  pushChannel: PushChannelTable
  calendarPush: CalendarPushTable
  usedConsent: UsedConsentTable
  account: AccountTable
  accountAddress: AccountAddressTable
  groupReading: GroupReadingTable
  groupMember: GroupMemberTable
  audit: AuditTable
  meetingReader: MeetingReaderTable
  participantStay: ParticipantStayTable
}
