import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { mkdir, open, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { backupDatabase, restoreDatabase } from '../../src/platform/db/backup/index.ts'
import { makeBackup, query, TemporaryFolder } from '../support/backup.ts'
import { cloneDatabase, createTestDatabase, dropDatabase, type TestDatabase } from '../support/database.ts'
import { createManualClock } from '../support/manual-clock.ts'

const END_CONNECTION = `select pg_terminate_backend(pid) from pg_stat_activity
  where application_name = 'rapporteur-backup' and datname = current_database()`
const run = promisify(execFile)
const clock = createManualClock('2026-03-01T10:00:00Z')
let source: TestDatabase
let folder: TemporaryFolder

beforeAll(async () => {
  source = await createTestDatabase()
  // Some megabytes that do not compress well: more than any pipe or buffer on the way holds.
  await query(
    source.url,
    `insert into setting select n::text, to_jsonb(array(select md5(n::text || m::text) from generate_series(1, 100) m))
     from generate_series(1, 3000) n`,
  )
})
beforeEach(async () => {
  folder = await TemporaryFolder.create()
  return () => folder[Symbol.asyncDispose]()
})
afterAll(() => source[Symbol.asyncDispose]())

test('a full disk is said so', async () => {
  await expect(makeBackup(source.url, '/dev/full')).rejects.toMatchObject({ code: 'disk_full' })
  expect((await stat('/dev/full')).isCharacterDevice()).toBe(true)
})

const BACKUP_INDEX = new URL('../../src/platform/db/backup/index.ts', import.meta.url).href
const SCRIPT = `
  const { backupDatabase } = await import(${JSON.stringify(BACKUP_INDEX)})
  const [url, file] = process.argv.slice(1)
  await backupDatabase({ url, file, overwrite: true, clock: { now: () => new Date() } }).catch((error) => console.log(error.code))
`

test('a backup that does not fit leaves the earlier one and nothing else', async () => {
  await writeFile(folder.file(), 'the earlier one')
  const args = ['-c', 'ulimit -f 100; exec "$0" "$@"', process.execPath, '--input-type=module', '-e', SCRIPT]
  const { stdout } = await run('bash', [...args, source.url, folder.file()])
  expect(stdout.trim()).toBe('disk_full')
  expect(await folder.names()).toEqual(['backup'])
  expect(await readFile(folder.file(), 'utf8')).toBe('the earlier one')
})

test('an existing file is left alone unless it may be overwritten', async () => {
  await writeFile(folder.file(), 'mine')
  await expect(makeBackup(source.url, folder.file())).rejects.toMatchObject({ code: 'file_exists' })
  expect(await readFile(folder.file(), 'utf8')).toBe('mine')

  await backupDatabase({ url: source.url, file: folder.file(), clock, overwrite: true })
  expect(await readFile(folder.file(), 'latin1')).toMatch(/^rapporteur-backup 1\n/)
  expect(await folder.names()).toEqual(['backup'])
})

test('a file that appears while the backup is made is left alone too', async () => {
  const log = { info: () => writeFileSync(folder.file(), 'mine') }
  const backup = backupDatabase({ url: source.url, file: folder.file(), clock, log })
  await expect(backup).rejects.toMatchObject({ code: 'file_exists' })
  expect(await folder.names()).toEqual(['backup'])
  expect(await readFile(folder.file(), 'utf8')).toBe('mine')
})

test('overwriting through a link replaces what it points to', async () => {
  await writeFile(folder.file('real'), '')
  await symlink(folder.file('real'), folder.file('link'))
  await backupDatabase({ url: source.url, file: folder.file('link'), clock, overwrite: true })
  expect(await folder.names()).toEqual(['link', 'real'])
  expect(await readFile(folder.file('real'), 'latin1')).toMatch(/^rapporteur-backup 1\n/)
})

test('a path that cannot be written to is refused with what to do', async () => {
  await writeFile(folder.file('plain'), '')
  await mkdir(folder.file('sub'))
  for (const name of ['missing/backup', 'plain/backup', 'sub', 'x'.repeat(300)])
    await expect(makeBackup(source.url, folder.file(name))).rejects.toMatchObject({
      code: 'file_not_writable',
      message: expect.stringContaining('Name a file in an existing folder'),
    })
  expect(await folder.names()).toEqual(['plain', 'sub'])
})

test('a database that cannot be reached, or was never set up, leaves no file', async () => {
  const unreachable = makeBackup('postgres://nobody@127.0.0.1:1/none', folder.file())
  await expect(unreachable).rejects.toMatchObject({ code: 'database_unreachable' })
  const empty = await cloneDatabase('template0')
  await expect(makeBackup(empty, folder.file())).rejects.toMatchObject({ code: 'database_not_set_up' })
  await dropDatabase(empty)
  expect(await folder.names()).toEqual([])
})

test('a connection lost while rows are copied ends the backup', async () => {
  const pipe = folder.file('pipe')
  await run('mkfifo', [pipe])
  const backup = makeBackup(source.url, pipe)
  const outcome = backup.catch((error) => error)
  await using reader = await open(pipe, 'r')
  await reader.read()
  await query(source.url, END_CONNECTION)
  await reader.readFile()
  expect(await outcome).toMatchObject({ code: 'database_unreachable' })
})

test('a connection lost while rows are loaded leaves the database as it was', async () => {
  await makeBackup(source.url, folder.file())
  await using target = await createTestDatabase()
  // Loading cannot get past the settings before the connection is gone, since their check waits for a lock that this test holds.
  await query(
    target.url,
    `create function rapporteur.wait() returns boolean language plpgsql as
       $$ begin perform pg_advisory_xact_lock(1); return true; end $$;
     alter table rapporteur.setting add check (rapporteur.wait())`,
  )
  // Once: what nobody waits for would still be on its way when the database goes.
  let killed: Promise<unknown> | undefined
  const log = {
    info() {
      killed ??= query(target.url, END_CONNECTION)
    },
  }
  await target.db.connection().execute(async (holder) => {
    await sql`select pg_advisory_lock(1)`.execute(holder)
    const restore = restoreDatabase({ url: target.url, file: folder.file(), log })
    await expect(restore).rejects.toMatchObject({ code: 'database_unreachable' })
    expect(await killed).toBeDefined()
  })
  expect(await query(target.url, 'select * from setting')).toEqual([])
})
