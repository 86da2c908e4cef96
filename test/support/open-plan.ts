import { sql } from 'kysely'
import { afterAll, beforeEach, expect } from 'vitest'
import { type BotHappening, moveBot } from '../../src/features/bots/index.ts'
import { inTransaction } from '../../src/platform/db/index.ts'
import { type Copy, createPlanWorld, findBrokenInvariants, NOW } from './plan-world.ts'

export const [ana, ben, caro, dan] = ['ana', 'ben', 'caro', 'dan'].map((name) => `${name}@example.com`) as [
  string,
  string,
  string,
  string,
]
export const HOUR = 60
export const DAY = 24 * HOUR
/** The instant that is so many minutes after `NOW`. */
export const at = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000)
export const keyAt = (minutes: number) => at(minutes).toISOString().replace('.000Z', 'Z')

export const standup: Copy = {
  uid: 'standup',
  room: 'one',
  start: HOUR,
  title: 'Stand-up',
  organizer: ana,
  attendees: [ana, ben],
}
/** A daily series: the copies of these days, the first day being 0. */
export const series = (first: number, days: readonly number[], changes: Partial<Copy> = {}): Copy[] =>
  days.map((day) => ({
    ...standup,
    uid: 'series',
    key: keyAt(first + day * DAY),
    start: first + day * DAY,
    ...changes,
  }))

/** What a bot goes through until it is in its room, and until it is over. */
export const joined = ['staged', 'join_requested', 'joined_meeting'] as const
export const left = ['leave_requested', 'left_meeting', 'post_processing_completed'] as const

/** How a bot's attempt ends in these tests, where that is not what they are about. */
const ends = {
  cancelled: 'not_wanted',
  leave_requested: 'auto_leave_only_participant_in_meeting',
  meeting_ended: 'meeting_ended',
  could_not_join_meeting: 'request_to_join_denied',
  fatal_error: 'process_terminated',
} as const

/** A meeting with the states of its bots, oldest first. */
export interface PlanRow {
  id: string
  title: string
  decision: string
  reason: string
  copies: number
  supporting: number
  startsAt: Date
  roomKey: string
  states: string[] | null
  wanted: string[] | null
}

/** A plan for the tests of one file, with attendance on; before each it is empty and the time is `NOW`. */
export async function openPlan() {
  const world = await createPlanWorld({ attendance: 'on' })
  afterAll(() => world[Symbol.asyncDispose]())
  beforeEach(async () => {
    world.clock.set(NOW)
    await world.clear()
  })

  /** The meetings that stand in a calendar, in the order of their start; also those that do not any more where asked. */
  async function meetings(options: { withGone?: boolean } = {}): Promise<PlanRow[]> {
    const { rows } = await sql<PlanRow>`
      select m.id, m.title, m.decision, m.reason, m.copies, m.supporting, m.starts_at, m.room_key,
        (select array_agg(b.state order by b.created_at, b.state) from bot b where b.meeting_id = m.id) as states,
        (select array_agg(b.wanted order by b.created_at, b.state) from bot b where b.meeting_id = m.id) as wanted
      from meeting m where m.copies > 0 or ${options.withGone === true} order by m.starts_at, m.title`.execute(world.db)
    return rows
  }

  return {
    world,
    meetings,
    deps: () => ({ ...world.reconcile, db: world.db, ruleContext: world.ruleContext }),
    /** The same, where nothing has begun and so everything must be in step. */
    async inStep(options: { withGone?: boolean } = {}): Promise<PlanRow[]> {
      expect(await findBrokenInvariants(world.db)).toEqual([])
      return meetings(options)
    },
    /** Moves the one live bot of a meeting, as its worker does. */
    async bot(meetingId: string, ...events: BotHappening['event'][]): Promise<void> {
      for (const event of events) {
        const live = await world.db
          .selectFrom('bot')
          .select(['id', 'state', 'jobId'])
          .where('meetingId', '=', meetingId)
          .where('state', 'not in', ['ended', 'fatal_error', 'cancelled'])
          .executeTakeFirstOrThrow()
        const now = world.clock.now()
        const what = { event, ...(event in ends ? { end: ends[event as keyof typeof ends] } : {}) } as BotHappening
        const state = await inTransaction(world.db, (trx) => moveBot(trx, { ...what, bot: live as never, now }))
        expect(state, event).not.toBeNull()
        // A worker completes the job with its bot.
        if (state === 'ended' || state === 'fatal_error')
          await sql`delete from rapporteur_jobs.job where id = ${live.jobId}::uuid`.execute(world.db)
      }
    },
  }
}
