import { sql } from 'kysely'
import { DAY_MS } from '../../../base/time.ts'
import type { Database, Transaction } from '../../../platform/db/index.ts'
import {
  attendedAt,
  type Bot,
  type BotOutcome,
  finalStates,
  NOT_YET_LAUNCHED,
  type PastAttempt,
  refusalEnds,
  runnersThat,
  type SittingLimits,
} from '../../bots/index.ts'
import type { Meeting } from '../../meetings/index.ts'

/** The meeting a bot is sent to, as far as sending it needs to know. */
export interface MeetingToAttend {
  id: string
  platform: string
  roomKey: string
  meetingUrl: string
  startsAt: Date
  endsAt: Date
  /** When it is to have its bot in the room, by the plan. */
  attendedAt: Date
  /** Whether it is to be attended still. */
  isWanted: boolean
}

export interface BotAtMeeting {
  bot: Bot & {
    stateAt: Date
    createdAt: Date
    outcome: BotOutcome | null
    /** When a worker last saw it wait because every place was taken. */
    placeMissingAt: Date | null
    /** Of one that lingers: since when another bot of ours is in the room where its meeting is now. */
    relievedAt: Date | null
  }
  meeting: MeetingToAttend
}

type Row = BotAtMeeting['bot'] &
  Pick<
    Meeting,
    'platform' | 'meetingUrl' | 'startsAt' | 'endsAt' | 'seatFrom' | 'decision' | 'reason' | 'wish' | 'wishAt'
  > & {
    meetingRoomKey: string
  }

/** The live bots of some jobs, with their meetings, in the order in which they join. */
export async function readBotsOfJobs(db: Database | Transaction, jobIds: readonly string[]): Promise<BotAtMeeting[]> {
  if (jobIds.length === 0) return []
  return select(db, sql`b.job_id = any(${jobIds}::uuid[]) and ${isLive}`, sql``)
}

/** Locks the live bots of a job until the transaction ends. */
export async function lockBotsOfJob(trx: Transaction, jobId: string): Promise<BotAtMeeting[]> {
  return select(trx, sql`b.job_id = ${jobId}::uuid and ${isLive}`, sql`for update of b`)
}

/** The jobs of the live bots that a worker holds; the bots are locked until the transaction ends. */
export async function lockJobsOfHolder(trx: Transaction, holder: string): Promise<string[]> {
  const found = await select(
    trx,
    sql`b.holder = ${holder} and b.job_id is not null and ${isLive}`,
    sql`for update of b`,
  )
  return [...new Set(found.flatMap(({ bot }) => bot.jobId ?? []))]
}

/** Locks one bot until the transaction ends. */
export async function lockBot(trx: Transaction, botId: string): Promise<BotAtMeeting | undefined> {
  return (await select(trx, sql`b.id = ${botId}`, sql`for update of b`))[0]
}

/** A page of the live bots that are due before an instant, by id. */
export async function listLiveBots(
  db: Database,
  dueBefore: Date,
  afterId: string,
  limit: number,
): Promise<BotAtMeeting[]> {
  const rows = await select(db, sql`${isLive} and b.join_at < ${dueBefore} and b.id > ${afterId}`, sql`limit ${limit}`)
  return rows
}

const isLive = sql`b.state <> all(${[...finalStates]}::text[])`

async function select(
  db: Database | Transaction,
  where: ReturnType<typeof sql>,
  tail: ReturnType<typeof sql>,
): Promise<BotAtMeeting[]> {
  const { rows } = await sql<Row>`
    select b.id, b.meeting_id, b.room_key, b.runner, b.state, b.join_at, b.attends_at, b.fence, b.wanted, b.job_id,
      b.holder, b.state_at, b.created_at, b.outcome, b.place_missing_at, case when b.wanted = 'linger' then (
        select min(n.state_at) from bot n where n.meeting_id in (m.id, (m.reason_detail ->> 'mergedInto')::uuid) and n.id <> b.id
          and n.state = 'joined_recording' and n.wanted = 'attend') end as relieved_at,
      m.room_key as meeting_room_key, m.platform, m.meeting_url, m.starts_at, m.ends_at, m.seat_from,
      m.decision, m.reason, m.wish, m.wish_at
    from bot b join meeting m on m.id = b.meeting_id
    where ${where} order by b.id ${tail}`.execute(db)
  return rows
    .map(
      ({
        meetingRoomKey,
        platform,
        meetingUrl,
        startsAt,
        endsAt,
        seatFrom,
        decision,
        reason,
        wish,
        wishAt,
        ...bot
      }) => ({
        bot,
        meeting: {
          id: bot.meetingId,
          platform,
          roomKey: meetingRoomKey,
          meetingUrl,
          startsAt,
          endsAt,
          attendedAt: attendedAt({ startsAt, seatFrom, reason, wish, wishAt }),
          isWanted: decision === 'attend',
        },
      }),
    )
    .toSorted((a, b) => a.bot.joinAt.getTime() - b.bot.joinAt.getTime())
}

const sharing = runnersThat(({ sharesSeat }) => sharesSeat)

/** The bot that has a room's seat under another job, or is about to take it; locked until the transaction ends. */
export async function lockOccupant(
  trx: Transaction,
  of: Pick<Bot, 'id' | 'roomKey' | 'jobId'>,
): Promise<Pick<Bot, 'jobId' | 'holder'> | undefined> {
  return trx
    .selectFrom('bot')
    .select(['jobId', 'holder'])
    .where('roomKey', '=', of.roomKey)
    .where('runner', 'in', sharing)
    .where('state', 'in', ['staged', 'joining', 'waiting_room', 'joined_recording', 'leaving'])
    .where('id', '!=', of.id)
    .where('jobId', 'is distinct from', of.jobId)
    .limit(1)
    .forUpdate()
    .executeTakeFirst()
}

/** The scheduled bots of some rooms that join before an instant, with their jobs: the next ones to need those rooms' seats. */
export async function listNextInRooms(
  db: Database,
  roomKeys: readonly string[],
  joinBefore: Date,
): Promise<Pick<Bot, 'id' | 'roomKey' | 'joinAt' | 'jobId'>[]> {
  if (roomKeys.length === 0) return []
  return db
    .selectFrom('bot')
    .select(['id', 'roomKey', 'joinAt', 'jobId'])
    .where('roomKey', '=', sql<string>`any(${roomKeys}::text[])`)
    .where('state', '=', 'scheduled')
    .where('runner', 'in', sharing)
    .where('joinAt', '<', joinBefore)
    .orderBy('joinAt')
    .execute()
}

/** Whether a person or the host said no to a bot at a meeting. */
export async function wasSentAway(trx: Transaction, meetingId: string): Promise<boolean> {
  const row = await trx
    .selectFrom('bot')
    .select('id')
    .where('meetingId', '=', meetingId)
    .where('outcome', 'in', ['stopped', 'refused', 'locked_out'])
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** The jobs of bots that are in their rooms and stay there whatever becomes of their worker. */
export async function listSurvivorJobs(trx: Transaction, now: Date): Promise<string[]> {
  const surviving = runnersThat(({ survivesWorker }) => survivesWorker)
  const { rows } = await sql<{ jobId: string }>`
    select job_id from bot where state not in ('ended', 'fatal_error', 'cancelled') and job_id is not null and runner = any(${surviving}::text[])
      and state = any(${['joining', 'waiting_room', 'joined_recording', 'leaving']}::text[])
      and join_at > ${new Date(now.getTime() - DAY_MS)}`.execute(trx)
  return rows.map(({ jobId }) => jobId)
}

/**
 * The attempts at a meeting that ended, in the room and at the time that it has now, oldest first: what was tried before a meeting moved says
 * nothing of where it is now.
 */
export async function readAttempts(
  trx: Transaction,
  meeting: Pick<MeetingToAttend, 'id' | 'roomKey' | 'attendedAt'>,
): Promise<PastAttempt[]> {
  const { rows } = await sql<PastAttempt>`
    select b.outcome, exists (select from bot_event e where e.bot_id = b.id and e.new_state = 'joined_recording') as was_in
    from bot b where b.meeting_id = ${meeting.id}::uuid and b.state <> 'cancelled' and b.outcome is not null
      and b.room_key = ${meeting.roomKey} and b.attends_at = ${meeting.attendedAt}
    order by b.created_at, b.id`.execute(trx)
  return rows
}

/**
 * Meetings that run and are wanted, whose last bot nobody launched and that have no other: their bots, to be followed by another attempt. Why it
 * was not launched may be over by now, such as a clock that was wrong.
 */
export async function listNotLaunched(
  db: Database,
  now: Date,
  { lateJoinMs }: Pick<SittingLimits, 'lateJoinMs'>,
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select b.id from bot b join meeting m on m.id = b.meeting_id
    where b.outcome = any(${NOT_YET_LAUNCHED}::text[]) and b.join_at > ${new Date(now.getTime() - DAY_MS)} and b.room_key = m.room_key
      and m.decision = 'attend' and m.starts_at <= ${now}
      and m.ends_at - least(${lateJoinMs} * interval '1 millisecond', (m.ends_at - m.starts_at) / 2) > ${now}
      and not exists (select from bot o where o.meeting_id = m.id and o.id <> b.id
        and (o.state <> all(${[...finalStates]}::text[]) or (o.created_at, o.id) > (b.created_at, b.id)))
    order by b.id`.execute(db)
  return rows.map(({ id }) => id)
}

/** Further attempts that wait for their time since an Attendee server refused the one before, of some platforms. */
export async function listWaitingForServer(
  db: Database,
  of: { platforms: readonly string[]; now: Date },
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select b.id from bot b join meeting m on m.id = b.meeting_id
    where b.state = 'scheduled' and b.runner = 'attendee' and b.join_at > ${of.now} and b.attends_at <= ${of.now}
      and m.platform = any(${of.platforms}::text[])
      and exists (select from bot o join bot_event e on e.bot_id = o.id where o.meeting_id = m.id and o.attends_at = b.attends_at
        and e.type = 'fatal_error' and e.sub_type = any(${refusalEnds}::text[]))
    order by b.id`.execute(db)
  return rows.map(({ id }) => id)
}
