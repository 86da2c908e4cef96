import { sql } from 'kysely'
import type { Database } from '../../platform/db/index.ts'
import { STAGING_LEAD_MS } from './bot.ts'
import { botEnds } from './bot-end.ts'

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
  outcome: string | null
  /** Why it ended, as `explainEnd` says it; null while it has not. A failure goes before what it was asked for. */
  end: string | null
  /** Who did that, and what was said of it in other words than ours, where it is known. */
  by: string | null
  said: string | null
}

/** The bots of some meetings, oldest first. */
export async function listBots(db: Database, meetingIds: readonly string[]): Promise<BotView[]> {
  if (meetingIds.length === 0) return []
  const { rows } = await sql<BotView>`
    select b.id, b.meeting_id, b.runner, b.state, b.origin, b.join_at, b.created_at, b.outcome, e.sub_type as end, e.by, e.said
    from bot b left join lateral (
      select sub_type, detail ->> 'by' as by, detail ->> 'said' as said from bot_event
      where bot_id = b.id and old_state <> new_state and sub_type = any(${botEnds}::text[])
      order by type = 'fatal_error' desc, id limit 1) e on true
    where b.meeting_id = any(${meetingIds}::uuid[]) order by b.created_at, b.id`.execute(db)
  return rows
}

/** What happened to a bot at one time. */
export interface BotEventView {
  botId: string
  type: string
  subType: string | null
  by: string | null
  said: string | null
  /** Of one that was called off: the reason of the decision against its meeting. */
  decision: string | null
  newState: string
  createdAt: Date
}

/** What happened to the bots of a meeting, in order. */
export async function listBotEvents(db: Database, meetingId: string, limit: number): Promise<BotEventView[]> {
  return db
    .selectFrom('botEvent')
    .innerJoin('bot', 'bot.id', 'botEvent.botId')
    .select(['botEvent.botId', 'botEvent.type', 'botEvent.subType', 'botEvent.newState', 'botEvent.createdAt'])
    .select(({ ref }) =>
      (['by', 'said', 'decision'] as const).map((key) => sql<string | null>`${ref('detail')} ->> ${key}`.as(key)),
    )
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
