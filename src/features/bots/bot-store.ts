import { sql } from 'kysely'
import type { Transaction } from '../../platform/db/index.ts'
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
  bot: Pick<Bot, 'id' | 'state'>
  event: BotEventType
  subType?: string
  detail?: Record<string, unknown>
  /** Columns that change with the state. */
  set?: Partial<Pick<Bot, 'joinAt' | 'roomKey' | 'runner' | 'jobId'>>
  now: Date
}

/**
 * Moves a bot by one event: a guarded update of its row and one appended event row. Answers the new state, or null where the table
 * refuses the event or the row is not in the state any more; then nothing was written.
 */
export async function moveBot(trx: Transaction, move: BotMove): Promise<BotState | null> {
  const state = nextState(move.bot.state, move.event)
  if (state === null) return null
  const updated = await trx
    .updateTable('bot')
    .set({ ...move.set, state, updatedAt: move.now })
    .where('id', '=', move.bot.id)
    .where('state', '=', move.bot.state)
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
