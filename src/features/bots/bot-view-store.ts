import { sql } from 'kysely'
import { DAY_MS, HOUR_MS } from '../../base/time.ts'
import type { Database } from '../../platform/db/index.ts'
import { isAwaited, mayStillBeInRoom } from './attendee-bot-store.ts'
import { botEnds } from './bot-end.ts'
import { refusalEnds } from './explain-refusal.ts'
import { runnerNames, runnerTraits } from './runner-traits.ts'

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
  /** What it brought is still being made at its server. */
  awaitsWords: boolean
  /** It is over here, and its server has not said yet that it is out of every room. */
  mayBeInRoom: boolean
}

/** The bots of some meetings, oldest first. */
export async function listBots(db: Database, meetingIds: readonly string[]): Promise<BotView[]> {
  if (meetingIds.length === 0) return []
  const { rows } = await sql<BotView>`
    select b.id, b.meeting_id, b.runner, b.state, b.origin, b.join_at, b.created_at, b.outcome, e.sub_type as end, e.by, e.said,
      coalesce(t.awaits_words, false) as awaits_words, coalesce(t.may_be_in_room, false) as may_be_in_room
    from bot b left join lateral (
      select sub_type, detail ->> 'by' as by, detail ->> 'said' as said from bot_event
      where bot_id = b.id and old_state <> new_state and sub_type = any(${botEnds}::text[])
      order by type = 'fatal_error' desc, id limit 1) e on true
      left join lateral (select ${isAwaited(sql`b`)} as awaits_words, ${mayStillBeInRoom(sql`b`)} as may_be_in_room) t on true
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

/** A meeting whose bot an Attendee server refused to send, and that no bot has got into since. */
export interface RefusedMeeting {
  id: string
  title: string
  isPrivate: boolean
  startsAt: Date
  endsAt: Date
  /** As of the bot: why, and what the server said. */
  end: string
  said: string | null
  at: Date
}

/** The refused meetings of the last day and of now, the newest first, each with the last refusal. */
export async function listRefusedMeetings(db: Database, now: Date, limit: number): Promise<RefusedMeeting[]> {
  const { rows } = await sql<RefusedMeeting>`
    select * from (
      select distinct on (m.id) m.id, m.title, m.is_private, m.starts_at, m.ends_at, e.sub_type as end, e.detail ->> 'said' as said,
        e.created_at as at
      from bot b join meeting m on m.id = b.meeting_id join bot_event e on e.bot_id = b.id
      where b.join_at between ${new Date(now.getTime() - DAY_MS)} and ${new Date(now.getTime() + HOUR_MS)}
        and b.state = 'fatal_error' and e.type = 'fatal_error' and e.old_state <> e.new_state
        and e.sub_type = any(${refusalEnds}::text[]) and m.decision = 'attend'
        and not exists (select from bot o where o.meeting_id = m.id and (o.created_at, o.id) > (b.created_at, b.id)
          and o.state not in ('scheduled', 'staged', 'fatal_error', 'cancelled'))
      order by m.id, e.created_at desc) refused
    order by at desc limit ${limit}`.execute(db)
  return rows
}

/** A bot that is due or soon will be and that no worker has taken yet, with its meeting. */
export interface DueBot extends Pick<BotView, 'meetingId' | 'runner' | 'state' | 'joinAt'> {
  title: string
  isPrivate: boolean
  startsAt: Date
}

/** So long before it joins, one of any runner may be staged. */
const SOON_MS = Math.max(...runnerNames.map((name) => runnerTraits[name].stagedBefore.mostMs))

/** The first bots of running or beginning meetings that no worker has taken yet, in the order of their meetings. */
export async function listDueBots(db: Database, now: Date, limit: number): Promise<DueBot[]> {
  return db
    .selectFrom('bot')
    .innerJoin('meeting', 'meeting.id', 'bot.meetingId')
    .select(['bot.meetingId', 'bot.runner', 'bot.state', 'bot.joinAt'])
    .select(['meeting.title', 'meeting.isPrivate', 'meeting.startsAt'])
    .where('bot.state', '=', 'scheduled')
    .where('bot.joinAt', '<', new Date(now.getTime() + SOON_MS))
    .where('meeting.endsAt', '>', now)
    .orderBy('meeting.startsAt')
    .orderBy('bot.id')
    .limit(limit)
    .execute()
}
