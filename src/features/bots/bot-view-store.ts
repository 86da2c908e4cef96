import { sql } from 'kysely'
import type { Database } from '../../platform/db/index.ts'
import { STAGING_LEAD_MS } from './bot.ts'

/** A bot as the pages of meetings show it. */
export interface BotView {
  id: string
  meetingId: string
  runner: string
  state: string
  /** What led to it. */
  origin: string
  joinAt: Date
  createdAt: Date
  /** Sub-type of what last happened to it. */
  lastSubType: string | null
  /** Its reason, where it had one. */
  lastReason: string | null
}

/** The bots of some meetings, oldest first. */
export async function listBots(db: Database, meetingIds: readonly string[]): Promise<BotView[]> {
  if (meetingIds.length === 0) return []
  const { rows } = await sql<BotView>`
    select b.id, b.meeting_id, b.runner, b.state, b.origin, b.join_at, b.created_at, last.sub_type as last_sub_type,
      last.reason as last_reason
    from bot b left join lateral (
      select sub_type, detail->>'reason' as reason from bot_event e where e.bot_id = b.id order by e.id desc limit 1) last on true
    where b.meeting_id = any(${meetingIds}::uuid[]) order by b.created_at, b.id`.execute(db)
  return rows
}

/** What happened to a bot at one time. */
export interface BotEventView {
  botId: string
  type: string
  subType: string | null
  /** For `bot_not_launched`: why. */
  reason: string | null
  newState: string
  createdAt: Date
}

/** What happened to the bots of a meeting, in order. */
export async function listBotEvents(db: Database, meetingId: string, limit: number): Promise<BotEventView[]> {
  return db
    .selectFrom('botEvent')
    .innerJoin('bot', 'bot.id', 'botEvent.botId')
    .select(['botEvent.botId', 'botEvent.type', 'botEvent.subType', 'botEvent.newState', 'botEvent.createdAt'])
    .select(sql<string | null>`detail->>'reason'`.as('reason'))
    .where('bot.meetingId', '=', meetingId)
    .orderBy('botEvent.id')
    .limit(limit)
    .execute()
}

/** A bot that is due or soon will be and that no worker has taken yet, with its meeting. */
export interface DueBot extends Pick<BotView, 'meetingId' | 'runner' | 'state' | 'joinAt'> {
  title: string
  isPrivate: boolean
  startsAt: Date
}

/** The first bots of running or beginning meetings that no worker has taken yet, in the order of their meetings. */
export async function listDueBots(db: Database, now: Date, limit: number): Promise<DueBot[]> {
  return db
    .selectFrom('bot')
    .innerJoin('meeting', 'meeting.id', 'bot.meetingId')
    .select(['bot.meetingId', 'bot.runner', 'bot.state', 'bot.joinAt'])
    .select(['meeting.title', 'meeting.isPrivate', 'meeting.startsAt'])
    .where('bot.state', '=', 'scheduled')
    .where('bot.joinAt', '<', new Date(now.getTime() + STAGING_LEAD_MS.attendee.most))
    .where('meeting.endsAt', '>', now)
    .orderBy('meeting.startsAt')
    .orderBy('bot.id')
    .limit(limit)
    .execute()
}
