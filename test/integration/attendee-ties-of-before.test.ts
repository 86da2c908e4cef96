import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { listUnsettled } from '../../src/features/bots/index.ts'
import { migrateToLatest, openDatabase } from '../../src/platform/db/index.ts'
import { migrateTo } from '../../src/platform/db/migrator.ts'
import { cloneDatabase, dropDatabase } from '../support/database.ts'

const MEETING = '11111111-1111-4111-8111-111111111111'

test('of a server’s bots of before those of the last day that brought nothing are looked after once more, and no others', async () => {
  const url = await cloneDatabase('template0')
  const db = await openDatabase({ url, maxConnections: 2 })
  try {
    await migrateTo(db, '0024-ends-of-bots')
    await sql`
      insert into meeting (id, platform, room_id, room_key, meeting_url, uid, occurrence_key, starts_at, ends_at, is_all_day, title, is_private,
        attendee_count, copies, supporting, decision, reason, reason_detail, decided_at)
      values (${MEETING}::uuid, 'sandbox', 'r', 'r', 'http://r', 'u', '', now(), now() + interval '1 hour', false, 'M', false,
        1, 1, 1, 'attend', 'wanted', '{}', now())`.execute(db)
    for (const [id, state, hours] of [
      ['followed', 'joined_recording', 0],
      ['brought', 'ended', 1],
      ['lost', 'ended', 1],
      ['old', 'ended', 48],
    ] as const) {
      await sql`insert into bot (id, meeting_id, room_key, runner, state, join_at, attends_at, state_at, wanted)
        values (${id}, ${MEETING}::uuid, 'r', 'attendee', ${state}, now(), now(), now() - ${hours} * interval '1 hour', 'linger')`.execute(
        db,
      )
      await sql`insert into attendee_bot (bot_id, deduplication_key, created_at) values (${id}, ${id}, now())`.execute(
        db,
      )
    }
    await sql`insert into recording (meeting_id, state, started_at, updated_at) values (${MEETING}::uuid, 'none', now(), now())`.execute(
      db,
    )
    await sql`insert into part (bot_id, meeting_id, started_ms) values ('brought', ${MEETING}::uuid, 0)`.execute(db)
    await migrateToLatest(db)
    expect(await listUnsettled(db, new Date(), 10)).toEqual(['lost'])
  } finally {
    await db.destroy()
    await dropDatabase(url)
  }
})
