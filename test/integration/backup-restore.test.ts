import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createManualClock } from '../../src/base/clock.ts'
import { backupDatabase, restoreDatabase } from '../../src/platform/db/backup/index.ts'
import { createTestDatabase } from '../support/database.ts'
test('quick', async () => {
  await using source = await createTestDatabase()
  await source.db.insertInto('setting').values({key: 'a\tb\\\n🎉', value: JSON.stringify('x')}).execute()
  const dir = await mkdtemp(path.join(tmpdir(), 'bk-'))
  const file = path.join(dir, 'b')
  console.log(await backupDatabase({url: source.url, file, clock: createManualClock('2026-01-01')}))
  await using t = await createTestDatabase()
  console.log(await restoreDatabase({url: t.url, file}))
  console.log(await t.db.selectFrom('setting').selectAll().execute())
  expect(1).toBe(1)
})
