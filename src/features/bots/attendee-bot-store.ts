import { type RawBuilder, sql } from 'kysely'
import { type Database, inTransaction, type Transaction } from '../../platform/db/index.ts'
import { exactHosts } from '../../platform/http/index.ts'
import type { Bot } from './bot.ts'
import { finalStates, isFinal } from './bot-state.ts'
import { holdsFence } from './bot-store.ts'

/** Told our bot's id whenever its server had something to say. */
export const ATTENDEE_SIGNAL = 'attendee_notice'

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
 * The tie of a bot, made where there is none: its key is our bot's id and the fence of whoever asked first, and stays for as long as the bot
 * that it was asked for. Undefined where the bot has another holder by now. `mediaFormat`: what it is to keep of the recording.
 */
export async function keepTie(
  db: Database,
  bot: Claimed,
  now: Date,
  mediaFormat = 'mp3',
): Promise<RemoteTie | undefined> {
  return inTransaction(db, async (trx) => {
    if (!(await holdsFence(trx, bot))) return undefined
    const made = await trx
      .insertInto('attendeeBot')
      .values({
        botId: bot.id,
        deduplicationKey: `${bot.id}-${bot.fence}`,
        remoteId: null,
        createdAt: now,
        mediaFormat,
      })
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

/** Whether a server may have been asked for a bot. */
export async function hasTie(db: Database, botId: string): Promise<boolean> {
  return (
    (await db.selectFrom('attendeeBot').select('botId').where('botId', '=', botId).executeTakeFirst()) !== undefined
  )
}

/** Whether no recording is kept of a meeting, only its words: so was ordered for every bot that was in it. */
export async function keepsNoRecording(db: Database, meetingId: string): Promise<boolean> {
  const { rows } = await sql<{ isSo: boolean | null }>`
    select bool_and(coalesce(t.media_format = 'none', false)) as is_so
    from bot b left join attendee_bot t on t.bot_id = b.id
    where b.meeting_id = ${meetingId}::uuid
      and exists (select from bot_event e where e.bot_id = b.id and e.new_state = 'joined_recording')`.execute(db)
  return rows[0]?.isSo === true
}

/** Notes which bot of the server is ours; false where ours has another holder by now. */
export function writeRemoteId(db: Database, bot: Claimed, remoteId: string): Promise<boolean> {
  return writeTie(db, bot, { remoteId })
}

/** Makes the tie fit for another bot, the one before being out of the way: with a key of its own, by which that one is not found again. */
export function renewTie(db: Database, bot: Claimed, now: Date): Promise<boolean> {
  return writeTie(db, bot, { remoteId: null, deduplicationKey: `${bot.id}-${bot.fence}-${now.getTime()}` })
}

async function writeTie(
  db: Database,
  bot: Claimed,
  tie: { remoteId: string | null; deduplicationKey?: string },
): Promise<boolean> {
  return inTransaction(db, async (trx) => {
    if (!(await holdsFence(trx, bot))) return false
    await trx
      .updateTable('attendeeBot')
      .set({ ...tie, goneAt: null })
      .where('botId', '=', bot.id)
      .execute()
    return true
  })
}

/** Notes that a bot of the server is out of every room, or was never made. */
export async function noteGone(db: Database, botId: string, now: Date): Promise<void> {
  await db
    .updateTable('attendeeBot')
    .set((eb) => ({ goneAt: eb.fn.coalesce('goneAt', eb.val(now)) }))
    .where('botId', '=', botId)
    .execute()
}

/** A bot of the server that may still be in a room, or come there. */
export interface RemoteInTheWay extends RemoteTie {
  botId: string
  /** Since when nobody follows it any more; null while somebody does, who has it leave. */
  overAt: Date | null
}

/**
 * Bots of the server in a bot's room that must be out before it is asked for: those that nobody follows any more, that have been told to go, or
 * that wait to be let in. One that is in the room for its meeting is not among them: it hands over.
 */
export async function listInTheWay(db: Database, botId: string): Promise<RemoteInTheWay[]> {
  const { rows } = await sql<Omit<RemoteInTheWay, 'isNew'> & { state: Bot['state']; stateAt: Date }>`
    select t.bot_id, t.deduplication_key, t.remote_id, o.state, o.state_at from bot mine
      join bot o on o.room_key = mine.room_key and o.runner = mine.runner and o.id <> mine.id
      join attendee_bot t on t.bot_id = o.id and t.gone_at is null
    where mine.id = ${botId} and (o.state = any(${[...finalStates]}::text[]) or o.wanted = 'leave'
      or o.state in ('joining', 'waiting_room', 'leaving'))
    order by t.bot_id`.execute(db)
  return rows.map(({ state, stateAt, ...tie }) => ({ ...tie, isNew: false, overAt: isFinal(state) ? stateAt : null }))
}

/** Bots of the server that are not known to be gone, of a meeting. */
export async function countNotGone(db: Database, meetingId: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from bot b join attendee_bot t on t.bot_id = b.id
    where b.meeting_id = ${meetingId}::uuid and t.gone_at is null`.execute(db)
  return rows[0]?.count ?? 0
}

/** A bot that is over here, as far as the server has still to be asked for it. */
export interface UnsettledBot extends Pick<Bot, 'id' | 'meetingId' | 'roomKey'> {
  deduplicationKey: string
  remoteId: string | null
  overAt: Date
  goneAt: Date | null
  broughtAt: Date | null
  mediaAt: Date | null
  /** `none`: no file is to be kept. */
  mediaFormat: string
}

/** A bot as `UnsettledBot`; undefined while somebody follows it, and once it is settled. */
export async function readUnsettled(db: Database, botId: string): Promise<UnsettledBot | undefined> {
  const { rows } = await sql<UnsettledBot>`
    select b.id, b.meeting_id, b.room_key, b.state_at as over_at, t.deduplication_key, t.remote_id, t.gone_at,
      t.brought_at, t.media_at, t.media_format
    from attendee_bot t join bot b on b.id = t.bot_id
    where t.bot_id = ${botId} and t.settled_at is null and b.state = any(${[...finalStates]}::text[])`.execute(db)
  return rows[0]
}

/** The bots that the server is to be asked for now. */
export async function listUnsettled(db: Database, now: Date, limit: number): Promise<string[]> {
  const { rows } = await sql<{ botId: string }>`
    select t.bot_id from attendee_bot t join bot b on b.id = t.bot_id
    where t.settled_at is null and b.state = any(${[...finalStates]}::text[]) and coalesce(t.looks_at <= ${now}, true)
    order by t.looks_at nulls first, t.bot_id limit ${limit}`.execute(db)
  return rows.map(({ botId }) => botId)
}

/** What was learned of a bot that is over: what is left out stays. */
export async function noteSettling(
  db: Database | Transaction,
  botId: string,
  learned: Partial<Record<'goneAt' | 'broughtAt' | 'mediaAt' | 'settledAt' | 'looksAt', Date>> & {
    trouble?: string | null
    remoteId?: string
  },
): Promise<void> {
  await db.updateTable('attendeeBot').set(learned).where('botId', '=', botId).execute()
}

/** Whether the words of some bot of a meeting are still being made at its server; `meetingId`: a column or value of type uuid. */
export function awaitsWords(meetingId: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql<boolean>`exists (select from bot tied where tied.meeting_id = ${meetingId} and ${isAwaited(sql`tied`)})`
}

/** The same of one bot, by the name of its table in a query. */
export function isAwaited(bot: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql<boolean>`(${bot}.state = any(${[...finalStates]}::text[])
    and exists (select from attendee_bot t where t.bot_id = ${bot}.id and t.brought_at is null and t.settled_at is null)
    and exists (select from bot_event e where e.bot_id = ${bot}.id and e.new_state = 'joined_recording'))`
}

/** Whether a bot is over here and its server has not said yet that it is gone. */
export function mayStillBeInRoom(bot: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql<boolean>`(${bot}.state = any(${[...finalStates]}::text[])
    and exists (select from attendee_bot t where t.bot_id = ${bot}.id and t.gone_at is null))`
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

interface Notice {
  idempotencyKey: string
  remoteId: string
  /** Our own id for the bot, from its metadata: a notice can be faster than the answer that tells us the server's. */
  botId: string | undefined
  eventType: string
  /** Who removed the bot; empty where somebody without a name did. */
  remover: string | undefined
}

/** Who removed a bot from its meeting by the server's notices; undefined where none says so. */
export async function readRemover(db: Database, botId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('attendeeNotice')
    .select('remover')
    .where('botId', '=', botId)
    .where('remover', 'is not', null)
    .executeTakeFirst()
  return row?.remover ?? undefined
}

/** Whether a notice of an event came already. */
export async function hasNotice(db: Database, botId: string, eventType: string): Promise<boolean> {
  const row = await db
    .selectFrom('attendeeNotice')
    .select('botId')
    .where('botId', '=', botId)
    .where('eventType', '=', eventType)
    .executeTakeFirst()
  return row !== undefined
}

/**
 * Writes a notice down and wakes whoever holds its bot once the transaction commits; answers our bot, undefined where the notice came before or
 * is about none of ours.
 */
export async function writeNotice(trx: Transaction, notice: Notice, now: Date): Promise<string | undefined> {
  const { idempotencyKey, eventType, remover = null } = notice
  const botId = await findBot(trx, notice)
  if (botId === undefined) return undefined
  const written = await trx
    .insertInto('attendeeNotice')
    .values({ idempotencyKey, botId, eventType, receivedAt: now, remover })
    .onConflict((conflict) => conflict.column('idempotencyKey').doNothing())
    .executeTakeFirst()
  if ((written.numInsertedOrUpdatedRows ?? 0n) === 0n) return undefined
  await sql`select pg_notify(${ATTENDEE_SIGNAL}, ${botId})`.execute(trx)
  return botId
}

/** Wakes whoever holds a bot of the server once the transaction commits; answers our bot's id, undefined where it is none of ours. */
export async function wakeHolder(
  trx: Transaction,
  about: Pick<Notice, 'remoteId' | 'botId'>,
): Promise<string | undefined> {
  const botId = await findBot(trx, about)
  if (botId !== undefined) await sql`select pg_notify(${ATTENDEE_SIGNAL}, ${botId})`.execute(trx)
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

/** Why a bot's recording could not be fetched so far. */
interface MediaProblem {
  /** The code of the error, such as `attendee_media_private`. */
  code: string
  message: string
  /** Where it lies, where that is known. */
  host: string | null
}

/** Notes why a bot's recording could not be fetched, or that nothing is known to be wrong with it any more. */
export async function noteMediaProblem(
  db: Database | Transaction,
  botId: string,
  problem: MediaProblem | null,
  now: Date,
): Promise<void> {
  const { code = null, message = null, host = null } = problem ?? {}
  await db
    .updateTable('attendeeBot')
    .set({ mediaProblem: code, mediaProblemText: message, mediaHost: host, mediaProblemAt: problem ? now : null })
    .where('botId', '=', botId)
    .where((eb) => eb.or([eb('mediaProblem', 'is not', null), eb.val(problem !== null)]))
    .execute()
}

/**
 * Has recordings asked for once more that lay at a private host which is allowed by now, however long ago their meetings were. May run twice.
 */
export async function fetchMissingAgain(
  db: Database,
  { url, storageHosts = [] }: { url: URL; storageHosts?: readonly string[] },
): Promise<void> {
  const hosts = await db
    .selectFrom('attendeeBot')
    .select('mediaHost')
    .distinct()
    .where('mediaProblem', '=', 'attendee_media_private')
    .execute()
  const isAllowed = exactHosts([url.hostname, ...storageHosts])
  const allowed = hosts.flatMap(({ mediaHost }) => {
    // Whether it was asked by http or https is not known, and where a port is said does not matter.
    const at = URL.parse(`http://${mediaHost}/`)
    return at && (isAllowed(at) || isAllowed(new URL(`https://${mediaHost}/`))) ? [mediaHost] : []
  })
  if (allowed.length === 0) return
  await db
    .updateTable('attendeeBot')
    .set({ settledAt: null, looksAt: null })
    .where('mediaProblem', '=', 'attendee_media_private')
    .where('mediaHost', 'in', allowed)
    .execute()
}

/** A recording that could not be fetched so far, with its meeting. */
export interface MissingMedia extends MediaProblem {
  at: Date
  meetingId: string
  title: string
  isPrivate: boolean
  startsAt: Date
}

/** Recordings that could not be fetched so far, of meetings that began since an instant, newest first; of one meeting where it is named. */
export async function listMissingMedia(
  db: Database,
  of: { since: Date } | { meetingId: string },
  limit: number,
): Promise<MissingMedia[]> {
  const rows = await db
    .selectFrom('attendeeBot')
    .innerJoin('bot', 'bot.id', 'attendeeBot.botId')
    .innerJoin('meeting', 'meeting.id', 'bot.meetingId')
    .select(['attendeeBot.mediaProblem', 'attendeeBot.mediaProblemText', 'attendeeBot.mediaHost'])
    .select(['attendeeBot.mediaProblemAt', 'bot.meetingId', 'meeting.title', 'meeting.isPrivate', 'meeting.startsAt'])
    .where('attendeeBot.mediaProblem', 'is not', null)
    .$if('since' in of, (query) => query.where('meeting.startsAt', '>', (of as { since: Date }).since))
    .$if('meetingId' in of, (query) => query.where('meeting.id', '=', (of as { meetingId: string }).meetingId))
    .orderBy('meeting.startsAt', 'desc')
    .orderBy('bot.id')
    .limit(limit)
    .execute()
  return rows.map(({ mediaProblem, mediaProblemText, mediaHost, mediaProblemAt, ...meeting }) => ({
    code: mediaProblem ?? '',
    message: mediaProblemText ?? '',
    host: mediaHost,
    at: mediaProblemAt ?? meeting.startsAt,
    ...meeting,
  }))
}
