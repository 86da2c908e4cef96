import { sql } from 'kysely'
import { type Database, inTransaction, type Transaction } from '../../../../platform/db/index.ts'
import type { Bot } from '../../bot.ts'
import { holdsFence } from '../../bot-store.ts'

/** Told our bot's id whenever its server had something to say. */
export const ATTENDEE_CHANNEL = 'attendee_notice'

/** What ties a bot of ours to the one at the server. */
export interface RemoteTie {
  deduplicationKey: string
  /** Null while the server was not heard of having made one. */
  remoteId: string | null
  /** Whether somebody may have asked the server before. */
  isNew: boolean
}

type Claimed = Pick<Bot, 'id' | 'fence'>

/**
 * The tie of a bot, made where there is none: its key is our bot's id and the fence of whoever asked first, and stays. Undefined where the
 * bot has another holder by now.
 */
export async function keepTie(db: Database, bot: Claimed, now: Date): Promise<RemoteTie | undefined> {
  return inTransaction(db, async (trx) => {
    if (!(await holdsFence(trx, bot))) return undefined
    const made = await trx
      .insertInto('attendeeBot')
      .values({ botId: bot.id, deduplicationKey: `${bot.id}-${bot.fence}`, remoteId: null, createdAt: now })
      .onConflict((conflict) => conflict.column('botId').doNothing())
      .executeTakeFirst()
    const row = await trx
      .selectFrom('attendeeBot')
      .select(['deduplicationKey', 'remoteId'])
      .where('botId', '=', bot.id)
      .executeTakeFirstOrThrow()
    return { ...row, isNew: (made.numInsertedOrUpdatedRows ?? 0n) > 0n }
  })
}

/** Notes which bot of the server is ours, or that none is any more; false where ours has another holder by now. */
export async function writeRemoteId(db: Database, bot: Claimed, remoteId: string | null): Promise<boolean> {
  return inTransaction(db, async (trx) => {
    if (!(await holdsFence(trx, bot))) return false
    await trx.updateTable('attendeeBot').set({ remoteId }).where('botId', '=', bot.id).execute()
    return true
  })
}

/** What the server reported of a bot and was written down: `type reportedAt` of each event. */
export async function readReported(db: Database, botId: string): Promise<Set<string>> {
  const { rows } = await sql<{ name: string }>`
    select type || ' ' || (detail ->> 'reportedAt') as name from bot_event
    where bot_id = ${botId} and detail ? 'reportedAt'`.execute(db)
  return new Set(rows.map(({ name }) => name))
}

/**
 * Whether a later meeting in the same room, or the same one at a later time, has its own bot there, or should have had it for so long: two of the server's bots cannot share
 * a seat, so the earlier one goes once the later one is in.
 */
export async function hasSuccessor(db: Database, botId: string, waitsSince: Date): Promise<boolean> {
  const { rows } = await sql`
    select from bot mine join bot other on other.room_key = mine.room_key and other.runner = mine.runner
      and other.id <> mine.id and other.join_at > mine.join_at
    where mine.id = ${botId} and (other.state = 'joined_recording'
      or (other.state in ('staged', 'joining', 'waiting_room') and other.join_at <= ${waitsSince}
        -- One that waits for the room is not ordered yet.
        and exists (select from attendee_bot ordered where ordered.bot_id = other.id and ordered.created_at <= ${waitsSince})))
    limit 1`.execute(db)
  return rows.length > 0
}

export interface Notice {
  idempotencyKey: string
  remoteId: string
  /** Our own id for the bot, from its metadata: a notice can be faster than the answer that tells us the server's. */
  botId: string | undefined
  eventType: string
}

/**
 * Writes a notice down and wakes whoever holds its bot once the transaction commits; false where it came before, or is about a bot that
 * is none of ours.
 */
export async function writeNotice(trx: Transaction, notice: Notice, now: Date): Promise<boolean> {
  const { idempotencyKey, eventType } = notice
  const botId = await findBot(trx, notice)
  if (botId === undefined) return false
  const written = await trx
    .insertInto('attendeeNotice')
    .values({ idempotencyKey, botId, eventType, receivedAt: now })
    .onConflict((conflict) => conflict.column('idempotencyKey').doNothing())
    .executeTakeFirst()
  if ((written.numInsertedOrUpdatedRows ?? 0n) === 0n) return false
  await sql`select pg_notify(${ATTENDEE_CHANNEL}, ${botId})`.execute(trx)
  return true
}

/** Wakes whoever holds a bot of the server once the transaction commits; answers our bot's id, undefined where it is none of ours. */
export async function wakeHolder(
  trx: Transaction,
  about: Pick<Notice, 'remoteId' | 'botId'>,
): Promise<string | undefined> {
  const botId = await findBot(trx, about)
  if (botId !== undefined) await sql`select pg_notify(${ATTENDEE_CHANNEL}, ${botId})`.execute(trx)
  return botId
}

async function findBot(
  trx: Transaction,
  { remoteId, botId = null }: { remoteId: string; botId?: string | null | undefined },
): Promise<string | undefined> {
  const { rows } = await sql<{ botId: string }>`
    select bot_id from attendee_bot where remote_id = ${remoteId}
    union all select bot_id from attendee_bot where bot_id = ${botId}::text and remote_id is null limit 1`.execute(trx)
  return rows[0]?.botId
}
