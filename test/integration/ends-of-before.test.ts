import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { type Database, migrateToLatest, openDatabase } from '../../src/platform/db/index.ts'
import { migrateTo } from '../../src/platform/db/migrator.ts'
import { cloneDatabase, dropDatabase } from '../support/database.ts'

const AT = '2026-11-23T09:00:00Z'
const MEETING = '11111111-1111-4111-8111-111111111111'

/** A bot of the version before, with what ended it. */
interface Old {
  type: string
  from?: string
  subType?: string | null
  detail?: object
  outcome?: string
}

const ENDS: [string, Old, { subType: string | null; detail?: object; outcome?: string }][] = [
  [
    'one without a place',
    { type: 'fatal_error', subType: 'bot_not_launched', detail: { why: 'state_overdue', reason: 'no_capacity' } },
    { subType: 'no_capacity', detail: { why: 'state_overdue' } },
  ],
  [
    'one of which nobody saw why',
    { type: 'fatal_error', subType: 'bot_not_launched', detail: { reason: 'unknown' } },
    { subType: 'bot_not_launched', detail: {} },
  ],
  [
    'one that could not be started',
    {
      type: 'fatal_error',
      from: 'staged',
      subType: 'bot_not_launched',
      detail: { reason: 'launch_failed', said: 'No browser' },
      outcome: 'infrastructure',
    },
    { subType: 'launch_failed', detail: { said: 'No browser' }, outcome: 'launch_failed' },
  ],
  [
    'one that a server could not start',
    {
      type: 'fatal_error',
      from: 'staged',
      subType: 'bot_not_launched',
      detail: { reportedAt: AT, reason: 'launch_failed' },
      outcome: 'infrastructure',
    },
    { subType: 'server_not_started', detail: { reportedAt: AT }, outcome: 'launch_failed' },
  ],
  [
    'one that a server refused',
    {
      type: 'fatal_error',
      from: 'staged',
      subType: 'bot_not_launched',
      detail: { reason: 'attendee_refused', detail: 'No such link' },
      outcome: 'not_launched',
    },
    { subType: 'attendee_refused', detail: { said: 'No such link' }, outcome: 'order_refused' },
  ],
  [
    'one whose server did not answer',
    { type: 'fatal_error', from: 'staged', subType: 'bot_not_launched', detail: { reason: 'http_timeout' } },
    { subType: 'attendee_failing' },
  ],
  [
    'one that a server forgot',
    { type: 'fatal_error', from: 'joining', subType: 'process_terminated', detail: { reason: 'attendee_forgot' } },
    { subType: 'attendee_forgot', detail: {} },
  ],
  [
    'one whose process ended',
    { type: 'fatal_error', from: 'joining', subType: 'process_terminated' },
    { subType: 'process_terminated' },
  ],
  [
    'one that was called off',
    { type: 'cancelled', subType: 'all_declined' },
    { subType: 'not_wanted', detail: { decision: 'all_declined' } },
  ],
  ['one that a person stopped', { type: 'cancelled', subType: 'stopped_by_person' }, { subType: 'stopped_by_person' }],
  [
    'one whose meeting ended',
    { type: 'meeting_ended', from: 'joined_recording', subType: null },
    { subType: 'meeting_ended' },
  ],
  [
    'one that left without a word',
    { type: 'left_meeting', from: 'joined_recording', subType: null },
    { subType: 'left_unexplained' },
  ],
  ['one that left when it was asked', { type: 'left_meeting', from: 'leaving', subType: null }, { subType: null }],
  [
    'one with a word that nobody knows',
    { type: 'could_not_join_meeting', from: 'joining', subType: 'room_flooded' },
    { subType: 'failed_unexplained', detail: { said: 'room_flooded' } },
  ],
  ['one that begins', { type: 'staged', subType: null }, { subType: null }],
]

const NEXT: Record<string, string> = {
  cancelled: 'cancelled',
  fatal_error: 'fatal_error',
  could_not_join_meeting: 'fatal_error',
  staged: 'staged',
}

test('what ended bots of before is called as it is now, and each bot attends the time that its meeting has', async () => {
  const url = await cloneDatabase('template0')
  const db = await openDatabase({ url, maxConnections: 2 })
  try {
    await migrateTo(db, '0023-silent-channels')
    await sql`
      insert into meeting (id, platform, room_id, room_key, meeting_url, uid, occurrence_key, starts_at, ends_at, is_all_day, title, is_private,
        attendee_count, copies, supporting, decision, reason, reason_detail, decided_at)
      values (${MEETING}::uuid, 'sandbox', 'r', 'r', 'http://r', 'u', '', ${AT}, ${AT}::timestamptz + interval '1 hour', false, 'M', false,
        1, 1, 1, 'attend', 'wanted', '{}', now())`.execute(db)
    for (const [index, [, old]] of ENDS.entries()) {
      const state = NEXT[old.type] ?? 'post_processing'
      await insertBot(db, { id: `bot_${index}`, state, outcome: old.outcome ?? null })
      await sql`insert into bot_event (bot_id, type, sub_type, old_state, new_state, detail, created_at)
        values (${`bot_${index}`}, ${old.type}, ${old.subType ?? null}, ${old.from ?? 'scheduled'}, ${state},
          ${JSON.stringify(old.detail ?? {})}::jsonb, now())`.execute(db)
    }
    // A further attempt, one that was lost before its time was, one of another room, one that waits.
    await insertBot(db, { id: 'further', state: 'ended', joins: 5, since: 20 })
    await insertBot(db, { id: 'early', state: 'fatal_error', joins: 30, since: 10 })
    await insertBot(db, { id: 'elsewhere', state: 'ended', joins: 5, since: 20, room: 'other' })
    await insertBot(db, { id: 'waits', state: 'scheduled', joins: 7, since: 1 })
    await migrateToLatest(db)

    const { rows } = await sql<{ botId: string; subType: string | null; detail: object; outcome: string | null }>`
      select e.bot_id, e.sub_type, e.detail, b.outcome from bot_event e join bot b on b.id = e.bot_id order by e.id`.execute(
      db,
    )
    for (const [index, [what, , now]] of ENDS.entries()) expect(rows[index], what).toMatchObject(now)
    expect(rows.filter(({ detail }) => 'reason' in detail)).toEqual([])
    const { rows: times } = await sql<{ id: string; minutes: number }>`
      select id, extract(epoch from attends_at - ${AT}::timestamptz)::int / 60 as minutes from bot where id !~ '^bot_' order by id`.execute(
      db,
    )
    expect(times).toEqual([
      { id: 'early', minutes: 30 },
      { id: 'elsewhere', minutes: 5 },
      { id: 'further', minutes: 0 },
      { id: 'waits', minutes: 0 },
    ])
  } finally {
    await db.destroy()
    await dropDatabase(url)
  }
})

async function insertBot(
  db: Database,
  bot: { id: string; state: string; outcome?: string | null; joins?: number; since?: number; room?: string },
): Promise<void> {
  const { id, state, outcome = null, joins = 0, since = 0, room = 'r' } = bot
  const after = (minutes: number) => sql`${AT}::timestamptz + ${minutes} * interval '1 minute'`
  // A meeting has one live bot at most that does not linger.
  await sql`insert into bot (id, meeting_id, room_key, runner, state, join_at, state_at, outcome, wanted)
    values (${id}, ${MEETING}::uuid, ${room}, 'attendee', ${state}, ${after(joins)}, ${after(since)}, ${outcome}, 'linger')`.execute(
    db,
  )
}
