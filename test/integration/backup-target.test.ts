import { afterAll, beforeAll, expect, test } from 'vitest'
import { restoreDatabase } from '../../src/platform/db/backup/index.ts'
import { createOrdinaryUser, makeBackup, query, readEverything, TemporaryFolder } from '../support/backup.ts'
import { cloneDatabase, createTestDatabase, dropDatabase } from '../support/database.ts'
import { fillWithHostileRows } from '../support/hostile-rows.ts'

let folder: TemporaryFolder
let file: string
let rows: Awaited<ReturnType<typeof readEverything>>

beforeAll(async () => {
  folder = await TemporaryFolder.create()
  file = folder.file()
  await using source = await createTestDatabase()
  await fillWithHostileRows(source.db)
  await makeBackup(source.url, file)
  rows = await readEverything(source.url)
})
afterAll(() => folder[Symbol.asyncDispose]())

test('a database that is migrated but empty takes a backup', async () => {
  await using target = await createTestDatabase()
  await restoreDatabase({ url: target.url, file })
  expect(await readEverything(target.url)).toEqual(rows)
})

test('a database that holds anything of ours is refused and left as it is', async () => {
  await using target = await createTestDatabase()
  await target.db.insertInto('setting').values({ key: 'kept', value: '1' }).execute()
  const before = await readEverything(target.url)
  await expect(restoreDatabase({ url: target.url, file })).rejects.toMatchObject({
    code: 'database_not_empty',
    message: expect.stringMatching(/setting.*DATABASE_URL/),
  })
  expect(await readEverything(target.url)).toEqual(before)
})

test('triggers do not do again what they did when the rows were written', async () => {
  await using target = await createTestDatabase()
  await query(
    target.url,
    `create function rapporteur.refuse() returns trigger language plpgsql as $$ begin raise 'ran'; end $$;
     create trigger refuse before insert on rapporteur.bot for each row execute function rapporteur.refuse()`,
  )
  await restoreDatabase({ url: target.url, file })
  expect(await readEverything(target.url)).toEqual(rows)
  await expect(query(target.url, "insert into bot select 'x', meeting_id from bot")).rejects.toThrow('ran')
})

test('two restores at once into one database: one loads, the other finds it filled', async () => {
  const target = await cloneDatabase('template0')
  const outcomes = await Promise.allSettled([1, 2].map(() => restoreDatabase({ url: target, file })))
  const codes = outcomes.map((outcome) => (outcome.status === 'fulfilled' ? 'loaded' : outcome.reason.code))
  expect(codes.toSorted()).toEqual(['database_not_empty', 'loaded'])
  expect(await readEverything(target)).toEqual(rows)
  await dropDatabase(target)
})

test('a database that a newer program migrated is refused', async () => {
  await using target = await createTestDatabase()
  await query(target.url, "insert into kysely_migration values ('9999-later', '2099-01-01')")
  await expect(restoreDatabase({ url: target.url, file })).rejects.toMatchObject({ code: 'schema_mismatch' })
})

test('a database user who may not create our schema, or not read it, is told which right is missing', async () => {
  const target = await cloneDatabase('template0')
  await using stranger = await createOrdinaryUser(target, { isOwner: false })
  await expect(restoreDatabase({ url: stranger.url, file })).rejects.toMatchObject({ code: 'database_forbidden' })
  await restoreDatabase({ url: target, file })
  await expect(makeBackup(stranger.url, folder.file('forbidden'))).rejects.toMatchObject({ code: 'database_forbidden' })
  expect(await folder.names()).not.toContain('forbidden')
})
