import { sql } from 'kysely'
import type { Database, Transaction } from '../../platform/db/index.ts'
import type { Bot } from './bot.ts'
import { type BotEventType, type BotState, finalStates, nextState } from './bot-state.ts'

/** The bots of some meetings, oldest first. */
export async function readBotsOfMeetings(trx: Transaction, meetingIds: readonly string[]): Promise<Bot[]> {
  if (meetingIds.length === 0) return []
  const rows = await trx
    .selectFrom('bot')
    .select(['id', 'meetingId', 'roomKey', 'runner', 'state', 'joinAt', 'fence', 'wanted', 'wantedVersion', 'jobId'])
    .where('meetingId', '=', sql<string>`any(${meetingIds}::uuid[])`)
    .orderBy('createdAt')
    .orderBy('id')
    .execute()
  return rows as Bot[]
}

export async function insertBots(trx: Transaction, bots: readonly Bot[], now: Date): Promise<void> {
  if (bots.length === 0) return
  await trx
    .insertInto('bot')
    .values(bots.map((bot) => ({ ...bot, createdAt: now, updatedAt: now })))
    .execute()
}

export interface BotMove {
  bot: Pick<Bot, 'id' | 'state'> & Partial<Pick<Bot, 'fence'>>
  event: BotEventType
  subType?: string
  detail?: Record<string, unknown>
  /** Columns that change with the state. */
  set?: Partial<Pick<Bot, 'joinAt' | 'roomKey' | 'runner' | 'jobId'>>
  now: Date
}

/**
 * Moves a bot by one event: a guarded update of its row and one appended event row. Answers the new state, or null where the table
 * refuses the event, or the row is not in the state or under the fence any more; then nothing was written.
 */
export async function moveBot(trx: Transaction, move: BotMove): Promise<BotState | null> {
  const state = nextState(move.bot.state, move.event)
  if (state === null) return null
  const updated = await trx
    .updateTable('bot')
    .set({ ...move.set, state, updatedAt: move.now })
    .where('id', '=', move.bot.id)
    .where('state', '=', move.bot.state)
    .$if(move.bot.fence !== undefined, (query) => query.where('fence', '=', move.bot.fence as number))
    .executeTakeFirst()
  if (updated.numUpdatedRows === 0n) return null
  await trx
    .insertInto('botEvent')
    .values({
      botId: move.bot.id,
      type: move.event,
      subType: move.subType ?? null,
      oldState: move.bot.state,
      newState: state,
      detail: JSON.stringify(move.detail ?? {}),
      createdAt: move.now,
    })
    .execute()
  return state
}

/** Appends something that happened to a bot and moved nothing. */
export async function noteBotEvent(
  trx: Transaction,
  note: {
    bot: Pick<Bot, 'id' | 'state'>
    event: string
    subType?: string
    detail?: Record<string, unknown>
    now: Date
  },
): Promise<void> {
  const { bot, event, subType = null, detail = {}, now } = note
  await trx
    .insertInto('botEvent')
    .values({
      botId: bot.id,
      type: event,
      subType,
      oldState: bot.state,
      newState: bot.state,
      detail: JSON.stringify(detail),
      createdAt: now,
    })
    .execute()
}

/** Asks the worker that holds a bot to do something else; announced when the transaction commits. */
export async function wantOfBot(trx: Transaction, botId: string, wanted: Bot['wanted'], now: Date): Promise<void> {
  const updated = await trx
    .updateTable('bot')
    .set((eb) => ({ wanted, wantedVersion: eb('wantedVersion', '+', 1), updatedAt: now }))
    .where('id', '=', botId)
    .where('wanted', '!=', wanted)
    .executeTakeFirst()
  if (updated.numUpdatedRows > 0n) await sql`select pg_notify('bot_wanted', ${botId})`.execute(trx)
}

/** The bots that are not in a final state, of all meetings. */
export async function readLiveBots(trx: Transaction): Promise<Bot[]> {
  const rows = await trx
    .selectFrom('bot')
    .select(['id', 'meetingId', 'roomKey', 'runner', 'state', 'joinAt', 'fence', 'wanted', 'wantedVersion', 'jobId'])
    .where('state', 'not in', [...finalStates])
    .orderBy('id')
    .execute()
  return rows as Bot[]
}

/** The bots of one meeting, oldest first, locked until the transaction ends. */
export async function lockBotsOfMeeting(trx: Transaction, meetingId: string): Promise<Bot[]> {
  const rows = await trx
    .selectFrom('bot')
    .select(['id', 'meetingId', 'roomKey', 'runner', 'state', 'joinAt', 'fence', 'wanted', 'wantedVersion', 'jobId'])
    .where('meetingId', '=', meetingId)
    .orderBy('createdAt')
    .orderBy('id')
    .forUpdate()
    .execute()
  return rows as Bot[]
}

/** Raises a bot's fence: from now on only whoever got the answer can write for it. */
export async function raiseFence(trx: Transaction, bot: Bot, now: Date): Promise<Bot> {
  const fence = bot.fence + 1
  await trx.updateTable('bot').set({ fence, updatedAt: now }).where('id', '=', bot.id).execute()
  return { ...bot, fence }
}

/** Whether a bot is still under this fence; its row stays locked until the transaction ends. */
export async function holdsFence(trx: Transaction, bot: Pick<Bot, 'id' | 'fence'>): Promise<boolean> {
  const row = await trx.selectFrom('bot').select('fence').where('id', '=', bot.id).forUpdate().executeTakeFirst()
  return row?.fence === bot.fence
}

/** What is asked of some bots now, and when their meetings end. */
export async function readWishes(
  db: Database,
  botIds: readonly string[],
): Promise<{ id: string; wanted: string; fence: number; endsAt: Date }[]> {
  if (botIds.length === 0) return []
  return db
    .selectFrom('bot')
    .innerJoin('meeting', 'meeting.id', 'bot.meetingId')
    .select(['bot.id', 'bot.wanted', 'bot.fence', 'meeting.endsAt'])
    .where('bot.id', '=', sql<string>`any(${botIds}::text[])`)
    .execute()
}

/** Whoever was still there when a bot's sitting ended has left as far as it knows. */
export async function closeParticipants(trx: Transaction, botId: string, at: Date): Promise<void> {
  await trx
    .updateTable('participant')
    .set({ leftAt: at })
    .where('botId', '=', botId)
    .where('leftAt', 'is', null)
    .execute()
}

/** Writes down who a bot saw, or a better name, or that they left. Answers the participant's id. */
export async function upsertParticipant(
  trx: Transaction,
  seen: {
    id: string
    meetingId: string
    botId: string
    nativeId: string
    name: string | null
    at: Date
    hasLeft: boolean
  },
): Promise<string> {
  const row = await trx
    .insertInto('participant')
    .values({
      id: seen.id,
      meetingId: seen.meetingId,
      botId: seen.botId,
      nativeId: seen.nativeId,
      name: seen.name,
      joinedAt: seen.at,
      leftAt: seen.hasLeft ? seen.at : null,
    })
    .onConflict((conflict) =>
      conflict.columns(['botId', 'nativeId']).doUpdateSet((eb) => ({
        name: eb.fn.coalesce('excluded.name', 'participant.name'),
        leftAt: seen.hasLeft ? seen.at : null,
      })),
    )
    .returning('id')
    .executeTakeFirstOrThrow()
  return row.id
}

/** The meeting that a bot was sent to. */
export async function readMeetingOfBot(db: Database, botId: string): Promise<string | undefined> {
  return (await db.selectFrom('bot').select('meetingId').where('id', '=', botId).executeTakeFirst())?.meetingId
}
