import { sql } from 'kysely'
import type { Database } from '../../platform/db/index.ts'

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
}

/** The bots of some meetings, oldest first. */
export async function listBots(db: Database, meetingIds: readonly string[]): Promise<BotView[]> {
  if (meetingIds.length === 0) return []
  const { rows } = await sql<BotView>`
    select b.id, b.meeting_id, b.runner, b.state, b.origin, b.join_at, b.created_at, last.sub_type as last_sub_type
    from bot b left join lateral (
      select sub_type from bot_event e where e.bot_id = b.id order by e.id desc limit 1) last on true
    where b.meeting_id = any(${meetingIds}::uuid[]) order by b.created_at, b.id`.execute(db)
  return rows
}

/** What happened to a bot at one time. */
export interface BotEventView {
  botId: string
  type: string
  subType: string | null
  newState: string
  createdAt: Date
}

/** What happened to the bots of a meeting, in order. */
export async function listBotEvents(db: Database, meetingId: string, limit: number): Promise<BotEventView[]> {
  return db
    .selectFrom('botEvent')
    .innerJoin('bot', 'bot.id', 'botEvent.botId')
    .select(['botEvent.botId', 'botEvent.type', 'botEvent.subType', 'botEvent.newState', 'botEvent.createdAt'])
    .where('bot.meetingId', '=', meetingId)
    .orderBy('botEvent.id')
    .limit(limit)
    .execute()
}
