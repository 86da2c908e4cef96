import { sql } from 'kysely'
import type { Database, Transaction } from '../../platform/db/index.ts'
import type { Bot } from './bot.ts'
import { type BotHappening, outcomeOf } from './bot-end.ts'
import type { BotOutcome } from './bot-outcome.ts'
import { type BotState, finalStates, nextState } from './bot-state.ts'

/** Notices with the id of a bot of which something else is wanted. */
export const BOT_CHANNEL = 'bot_wanted'

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
  await sql`select pg_notify(${BOT_CHANNEL}, ${botId})`.execute(trx)
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

/** Whoever was still there when a bot's sitting ended has left as far as it knows. */
export async function closeParticipants(trx: Transaction, botId: string, at: Date): Promise<void> {
  await trx
    .updateTable('participant')
    .set({ leftAt: at })
    .where('botId', '=', botId)
    .where('leftAt', 'is', null)
    .execute()
  await trx
    .updateTable('participantStay')
    .set({ leftAt: at })
    .where('leftAt', 'is', null)
    .where('participantId', 'in', trx.selectFrom('participant').select('id').where('botId', '=', botId))
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
    email?: string | null | undefined
    person?: string | null | undefined
    /** One of ours, as far as is known; left out, it stays as it was. */
    isOwnBot?: boolean
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
      email: seen.email ?? null,
      person: seen.person ?? null,
      isOwnBot: seen.isOwnBot ?? false,
      joinedAt: seen.at,
      leftAt: seen.hasLeft ? seen.at : null,
    })
    .onConflict((conflict) =>
      conflict.columns(['botId', 'nativeId']).doUpdateSet((eb) => ({
        name: eb.fn.coalesce('excluded.name', 'participant.name'),
        email: eb.fn.coalesce('excluded.email', 'participant.email'),
        person: eb.fn.coalesce('excluded.person', 'participant.person'),
        ...(seen.isOwnBot === undefined ? {} : { isOwnBot: seen.isOwnBot }),
        leftAt: seen.hasLeft ? seen.at : null,
      })),
    )
    .returning('id')
    .executeTakeFirstOrThrow()
  await noteStay(trx, row.id, seen)
  return row.id
}

/**
 * Writes down who was heard, or their name: somebody, also where they are called as our bots are, who say nothing. Whether and since when they are
 * there stays as it is known. Answers the participant's id.
 */
export async function rememberSpeaker(
  trx: Transaction,
  heard: { id: string; meetingId: string; botId: string; nativeId: string; name: string | null; at: Date },
): Promise<string> {
  const { id, meetingId, botId, nativeId, name, at } = heard
  const known = await trx
    .selectFrom('participant')
    .select(['id', 'name', 'isOwnBot'])
    .where('botId', '=', botId)
    .where('nativeId', '=', nativeId)
    .executeTakeFirst()
  if (!known) return upsertParticipant(trx, { id, meetingId, botId, nativeId, name, at, hasLeft: false })
  if (known.isOwnBot || (name !== null && name !== known.name)) {
    const set = { name: name ?? known.name, isOwnBot: false }
    await trx.updateTable('participant').set(set).where('id', '=', known.id).execute()
  }
  return known.id
}

/** Somebody who comes back was away meanwhile, which the one row of a participant does not say. */
async function noteStay(trx: Transaction, participantId: string, seen: { at: Date; hasLeft: boolean }): Promise<void> {
  if (seen.hasLeft) {
    await trx
      .updateTable('participantStay')
      .set({ leftAt: seen.at })
      .where('participantId', '=', participantId)
      .where('leftAt', 'is', null)
      .execute()
    return
  }
  await sql`
    insert into participant_stay (participant_id, joined_at)
    select ${participantId}::uuid, ${seen.at}::timestamptz
    where not exists (select from participant_stay where participant_id = ${participantId}::uuid and left_at is null)
    on conflict (participant_id, joined_at) do update set left_at = null`.execute(trx)
}

/** The meeting that a bot was sent to. */
export async function readMeetingOfBot(db: Database, botId: string): Promise<string | undefined> {
  return (await db.selectFrom('bot').select('meetingId').where('id', '=', botId).executeTakeFirst())?.meetingId
}
