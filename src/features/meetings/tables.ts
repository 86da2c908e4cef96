import type { ColumnType, Generated, Instant, Json, WithDefault } from '../../platform/db/index.ts'

declare module '../../platform/db/tables.ts' {
  interface Tables {
    meeting: MeetingTable
    occurrence: OccurrenceTable
    occurrenceVariant: OccurrenceVariantTable
    invitation: InvitationTable
    room: RoomTable
    roomAlias: RoomAliasTable
    meetingDecision: MeetingDecisionTable
    ruleVersion: RuleVersionTable
    wish: WishTable
  }

  interface SettingKeys {
    attendance: true
  }
}

interface MeetingTable {
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

interface OccurrenceTable {
  roomKey: string
  uid: string
  occurrenceKey: string
  meetingId: string | null
}

interface OccurrenceVariantTable {
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
interface InvitationTable {
  uid: string
  organizerEmail: string
  provenAt: Instant | null
  firstKnownAt: Instant
}

/** A room as such: who brought it, and whether it is closed to meetings of others. */
interface RoomTable {
  roomKey: string
  broughtBy: string | null
  broughtAt: Instant | null
  broughtHow: 'first_known' | 'recognised' | 'administrator' | null
  closedAt: WithDefault<Instant | null>
  closedBy: WithDefault<string | null>
  knownSince: WithDefault<Instant>
}

interface RoomAliasTable {
  /** What a link calls the room. */
  aliasKey: string
  platform: string
  roomId: string
  /** What the room calls itself. */
  roomKey: string
  knownAt: Instant
}

interface MeetingDecisionTable {
  id: Generated<string>
  meetingId: string
  decision: string
  reason: string
  reasonDetail: Json<unknown>
  startsAt: Instant
  decidedAt: Instant
  origin: WithDefault<string>
}

interface RuleVersionTable {
  version: number
  document: Json<unknown>
  source: string
  sourceHash: string
  path: string | null
  changedBy: string
  changedAt: Instant
}

interface WishTable {
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
