import type { Generated, Instant, Json, WithDefault } from '../../platform/db/index.ts'

declare module '../../platform/db/tables.ts' {
  interface Tables {
    bot: BotTable
    botEvent: BotEventTable
    participant: ParticipantTable
    participantStay: ParticipantStayTable
    attendeeBot: AttendeeBotTable
    attendeeNotice: AttendeeNoticeTable
  }
}

interface BotTable {
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

interface BotEventTable {
  id: Generated<string>
  botId: string
  type: string
  subType: string | null
  oldState: string
  newState: string
  detail: Json<unknown>
  createdAt: Instant
}

interface ParticipantTable {
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
interface ParticipantStayTable {
  participantId: string
  joinedAt: Instant
  leftAt: Instant | null
}

/** What ties a bot to the one that an Attendee server made for it. */
interface AttendeeBotTable {
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

interface AttendeeNoticeTable {
  idempotencyKey: string
  botId: string
  eventType: string
  receivedAt: Instant
  remover: WithDefault<string | null>
}
