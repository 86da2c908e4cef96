import { sql } from 'kysely'
import { type Database, lockNames, type Transaction } from '../../platform/db/index.ts'
import type { Bot } from './bot.ts'
import { type BotHappening, outcomeOf } from './bot-end.ts'
import type { BotOutcome } from './bot-outcome.ts'
import { type BotState, finalStates, nextState } from './bot-state.ts'
import { type RunnerName, runnerTraits } from './runner-traits.ts'

/** Signals the id of a bot of which something else is wanted. */
export const BOT_SIGNAL = 'bot_wanted'

const botColumns = [
  'id',
  'meetingId',
  'roomKey',
  'runner',
  'state',
  'joinAt',
  'attendsAt',
  'fence',
  'wanted',
  'jobId',
  'holder',
] as const satisfies (keyof Bot)[]

/** The bots of some meetings, oldest first, locked until the transaction ends: what is decided on them must not have moved meanwhile. */
export async function lockBotsOfMeetings(trx: Transaction, meetingIds: readonly string[]): Promise<LockedBot[]> {
  if (meetingIds.length === 0) return []
  const rows = await trx
    .selectFrom('bot')
    .select([...botColumns, 'stateAt', 'outcome'])
    .where('meetingId', '=', sql<string>`any(${meetingIds}::uuid[])`)
    .orderBy('createdAt')
    .orderBy('id')
    .forUpdate()
    .execute()
  return rows as LockedBot[]
}

/** A bot with the time since when it has its state, and how it ended. */
export type LockedBot = Bot & { stateAt: Date; outcome: BotOutcome | null }

export async function insertBots(trx: Transaction, bots: readonly Bot[], now: Date): Promise<void> {
  if (bots.length === 0) return
  await trx
    .insertInto('bot')
    .values(bots.map((bot) => ({ ...bot, stateAt: now, createdAt: now, updatedAt: now })))
    .execute()
}

type BotMove = BotHappening & {
  bot: Pick<Bot, 'id' | 'state'> & Partial<Pick<Bot, 'fence'>>
  /** Columns that change with the state. */
  set?: Partial<Pick<Bot, 'joinAt' | 'attendsAt' | 'roomKey' | 'runner' | 'jobId' | 'holder' | 'fence'>>
  now: Date
}

/**
 * Moves a bot by one event: a guarded update of its row and one appended event row. Answers the new state, or null where the table
 * refuses the event, or the row is not in the state or under the fence any more; then nothing was written.
 */
export async function moveBot(trx: Transaction, move: BotMove): Promise<BotState | null> {
  const state = nextState(move.bot.state, move.event)
  if (state === null) return null
  const { id: botId, state: oldState, fence } = move.bot
  const isUntold = move.event === 'left_meeting' && oldState !== 'leaving'
  const end = move.end ?? (isUntold ? 'left_unexplained' : undefined)
  const outcome = end === undefined ? null : outcomeOf(end)
  const appended = await trx
    .with('moved', (db) =>
      db
        .updateTable('bot')
        .set({ ...move.set, state, stateAt: move.now, updatedAt: move.now })
        // Its worker had not heard of the later time: this attempt is at the time it has begun, and the meeting gets another one.
        .$if(move.event === 'join_requested', (query) =>
          query.set({ joinAt: unlessAhead('join_at', move.now), attendsAt: unlessAhead('attends_at', move.now) }),
        )
        // What ended the attempt stays, whatever happens on the way out.
        .$if(outcome !== null, (query) => query.set((eb) => ({ outcome: eb.fn.coalesce('outcome', eb.val(outcome)) })))
        .where('id', '=', botId)
        .where('state', '=', oldState)
        .$if(fence !== undefined, (query) => query.where('fence', '=', fence as number))
        .returning('id'),
    )
    .insertInto('botEvent')
    .columns(['botId', 'type', 'subType', 'oldState', 'newState', 'detail', 'createdAt'])
    .expression((eb) =>
      eb
        .selectFrom('moved')
        .select(({ val }) => [
          'moved.id',
          val<string>(move.event).as('type'),
          val<string | null>(end ?? move.note ?? null).as('subType'),
          val(oldState).as('oldState'),
          val(state).as('newState'),
          val(JSON.stringify(move.detail ?? {})).as('detail'),
          val(move.now).as('createdAt'),
        ]),
    )
    .executeTakeFirst()
  return appended.numInsertedOrUpdatedRows === 1n ? state : null
}

/** A time of a bot as it is, or now where the bot was to join further ahead than clocks differ. */
function unlessAhead(column: 'join_at' | 'attends_at', now: Date) {
  return sql<Date>`case when join_at > ${now}::timestamptz + interval '1 minute' then ${now} else ${sql.ref(column)} end`
}

/** Makes the bots of a meeting that are over, and whom they saw, another meeting's: it was that one which they attended. */
export async function moveBotsToMeeting(trx: Transaction, from: string, to: string): Promise<void> {
  await sql`update bot set meeting_id = ${to} where meeting_id = ${from}::uuid and state in ('ended', 'fatal_error')`.execute(
    trx,
  )
  await sql`update participant p set meeting_id = ${to} from bot b
    where b.id = p.bot_id and p.meeting_id = ${from}::uuid and b.meeting_id = ${to}::uuid`.execute(trx)
}

/** Makes the workers look again at what is wanted of a bot, once the transaction commits. */
export async function announceBot(trx: Transaction, botId: string): Promise<void> {
  await sql`select pg_notify(${BOT_SIGNAL}, ${botId})`.execute(trx)
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

/** Asks the worker that holds a bot, which is locked, to do something else; announced when the transaction commits. */
export async function wantOfBot(
  trx: Transaction,
  bot: Pick<Bot, 'id' | 'wanted'>,
  wanted: Bot['wanted'],
  now: Date,
): Promise<void> {
  if (bot.wanted === wanted) return
  await trx.updateTable('bot').set({ wanted, updatedAt: now }).where('id', '=', bot.id).execute()
  await announceBot(trx, bot.id)
}

/** These bots attend their meeting from this time on, whatever time it had. */
export async function writeAttendsAt(trx: Transaction, botIds: readonly string[], attendsAt: Date): Promise<void> {
  if (botIds.length === 0) return
  await trx.updateTable('bot').set({ attendsAt }).where('id', 'in', botIds).execute()
}

/** Gives a bot that a worker holds, but that has not begun, another time; announced when the transaction commits. */
export async function rescheduleStagedBot(
  trx: Transaction,
  change: { bot: Bot; joinAt: Date; detail: Record<string, unknown>; now: Date },
): Promise<void> {
  const { bot, joinAt, detail, now } = change
  await trx.updateTable('bot').set({ joinAt, attendsAt: joinAt, updatedAt: now }).where('id', '=', bot.id).execute()
  await noteBotEvent(trx, { bot, event: 'rescheduled', detail, now })
  await announceBot(trx, bot.id)
}

/** The bots that are not in a final state, of all meetings. */
export async function readLiveBots(trx: Transaction): Promise<Bot[]> {
  const rows = await trx
    .selectFrom('bot')
    .select(botColumns)
    .where('state', 'not in', [...finalStates])
    .orderBy('id')
    .execute()
  return rows as Bot[]
}

/** Raises a bot's fence: from now on only whoever got the answer can write for it. */
export async function raiseFence(
  trx: Transaction,
  bot: Bot,
  set: Pick<Bot, 'holder'> & Partial<Pick<Bot, 'jobId'>>,
  now: Date,
): Promise<Bot> {
  const fence = bot.fence + 1
  await trx
    .updateTable('bot')
    .set({ ...set, fence, updatedAt: now })
    .where('id', '=', bot.id)
    .execute()
  return { ...bot, ...set, fence }
}

/** Whether a bot is still under this fence; its row stays locked until the transaction ends. */
export async function holdsFence(trx: Transaction, bot: Pick<Bot, 'id' | 'fence'>): Promise<boolean> {
  const row = await trx.selectFrom('bot').select('fence').where('id', '=', bot.id).forUpdate().executeTakeFirst()
  return row?.fence === bot.fence
}

/** The meeting that a bot was sent to. */
export async function readMeetingOfBot(db: Database, botId: string): Promise<string | undefined> {
  return (await db.selectFrom('bot').select('meetingId').where('id', '=', botId).executeTakeFirst())?.meetingId
}

/**
 * Whether a meeting has a live bot, `attending`: one that is not about to leave or to linger. Asked by whoever ends one: transactions that end
 * two at once take turns here, so that the second sees what the first has done.
 */
export async function hasLiveBot(
  trx: Transaction,
  meetingId: string,
  options: { attending?: boolean } = {},
): Promise<boolean> {
  await lockNames(trx, [`bots ${meetingId}`])
  const { rows } = await sql`
    select from bot b where b.meeting_id = ${meetingId}::uuid and b.state <> all(${[...finalStates]}::text[])
      and (not ${options.attending === true} or b.wanted = 'attend') limit 1`.execute(trx)
  return rows.length > 0
}

/** The state and fence of a bot as they stand; undefined where there is none. */
export async function readBotState(
  db: Database | Transaction,
  botId: string,
): Promise<{ state: BotState; fence: number } | undefined> {
  const row = await db.selectFrom('bot').select(['state', 'fence']).where('id', '=', botId).executeTakeFirst()
  return row as { state: BotState; fence: number } | undefined
}

/** Whoever has a free place takes what is due within this time. */
const UNTAKEN_MS = 5_000

/** Notes of the bots of some runners that are due and still wait that a worker sees every place taken; once in ten seconds. */
export async function notePlaceMissing(db: Database, runners: readonly RunnerName[], now: Date): Promise<void> {
  for (const runner of runners) {
    const dueMs = now.getTime() + runnerTraits[runner].stagedBefore.leastMs - UNTAKEN_MS
    await sql`update bot set place_missing_at = ${now} where state = 'scheduled' and runner = ${runner}
      and join_at <= ${new Date(dueMs)} and coalesce(place_missing_at < ${now}::timestamptz - interval '10 seconds', true)`.execute(
      db,
    )
  }
}
