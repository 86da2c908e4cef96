import { copyFile, mkdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { restoreDatabase } from '../../src/platform/db/backup/index.ts'
import { forgeBackup, makeBackup, query, readEverything, TemporaryFolder } from '../support/backup.ts'
import { cloneDatabase, createTestDatabase, dropDatabase } from '../support/database.ts'
import { fillWithHostileRows } from '../support/hostile-rows.ts'

// No server listens there: a refusal that names the file came before any database was asked for anything.
const NOWHERE = 'postgres://nobody@127.0.0.1:1/none'

let folder: TemporaryFolder
let good: string
let target: string

beforeAll(async () => {
  folder = await TemporaryFolder.create()
  good = folder.file('good')
  await using source = await createTestDatabase()
  await fillWithHostileRows(source.db)
  await makeBackup(source.url, good)
  target = await cloneDatabase('template0')
})

afterAll(async () => {
  await dropDatabase(target)
  await folder[Symbol.asyncDispose]()
})

const refused = (url: string, file: string) =>
  restoreDatabase({ url, file }).then(
    () => 'loaded',
    (error) => error.code as string,
  )

function positionsIn(size: number): number[] {
  const spread = Array.from({ length: 16 }, (_, n) => Math.floor((size * n) / 16))
  return [...spread, 5, 25, size - 100, size - 72, size - 40, size - 1]
}

test('a backup cut off anywhere is refused before the database is touched', async () => {
  const file = folder.file('cut')
  const codes: string[] = []
  for (const position of positionsIn((await readFile(good)).length)) {
    await copyFile(good, file)
    await truncate(file, position)
    codes.push(await refused(NOWHERE, file))
  }
  expect(codes).toHaveLength(22)
  expect(new Set(codes)).toEqual(new Set(['not_a_backup', 'backup_damaged']))
})

test('a backup with one byte changed anywhere is refused before the database is touched', async () => {
  const file = folder.file('flipped')
  const codes: string[] = []
  const bytes = await readFile(good)
  for (const position of positionsIn(bytes.length)) {
    const flipped = Buffer.from(bytes)
    flipped[position] = (flipped[position] ?? 0) ^ 1
    await writeFile(file, flipped)
    codes.push(await refused(NOWHERE, file))
  }
  expect(codes).toHaveLength(22)
  expect(new Set(codes)).toEqual(new Set(['not_a_backup', 'backup_damaged']))
})

test.each([
  ['an empty file', Buffer.alloc(0)],
  ['a text', Buffer.from('-- PostgreSQL database dump\n')],
  ['compressed data', gzipSync('rapporteur-backup 1\n')],
])('%s is not a backup', async (_name, content) => {
  const file = folder.file('foreign')
  await writeFile(file, content)
  expect(await refused(NOWHERE, file)).toBe('not_a_backup')
})

test('a folder, a device and a missing file are refused with a reason', async () => {
  await mkdir(folder.file('sub'))
  expect(await refused(NOWHERE, folder.file('sub'))).toMatch(/not_a_backup|file_not_readable/)
  expect(await refused(NOWHERE, '/dev/zero')).toBe('not_a_backup')
  expect(await refused(NOWHERE, folder.file('missing'))).toBe('file_not_readable')
})

test('a backup of a newer version is refused before the database is touched', async () => {
  const file = folder.file('newer')
  await copyFile(good, file)
  await forgeBackup(file, ({ header }) => ({ header: { ...header, schemaVersion: '9999-later' } }))
  expect(await refused(NOWHERE, file)).toBe('schema_mismatch')
  await writeFile(file, (await readFile(good)).toString('latin1').replace('backup 1\n', 'backup 2\n'), 'latin1')
  expect(await refused(NOWHERE, file)).toBe('schema_mismatch')
})

const forgeries: Record<string, Parameters<typeof forgeBackup>[1]> = {
  'a NUL in a text': ({ rows }) => ({
    rows: Buffer.from(rows.toString('latin1').replace('emoji', 'emo\0i'), 'latin1'),
  }),
  'bytes that are no text': ({ rows }) => ({
    rows: Buffer.from(rows.toString('latin1').replace('emoji', 'emo\xffi'), 'latin1'),
  }),
  'a column too many': ({ rows }) => ({ rows: Buffer.from(rows.toString().replace('\t', '\t\t')) }),
  'the last row missing': ({ rows }) => ({ rows: rows.subarray(0, rows.lastIndexOf(10, -2) + 1) }),
  'half a row at the end': ({ rows }) => ({ rows: rows.subarray(0, -10) }),
  'a row too many': ({ rows }) => ({ rows: Buffer.concat([rows, Buffer.from('more\n')]) }),
  'an end mark between rows': ({ rows }) => ({ rows: Buffer.concat([Buffer.from('\\.\n'), rows]) }),
  'no rows at all': () => ({ rows: Buffer.alloc(0) }),
  'rows that are not compressed': ({ rows }) => ({ body: rows }),
  'a row twice': ({ rows }) => ({ rows: Buffer.concat([rows.subarray(0, rows.indexOf(10) + 1), rows]) }),
  'rows without those they refer to': ({ header, rows }) => ({
    header: { ...header, tables: header.tables.filter(({ name }) => name !== 'calendar') },
    rows: rows.subarray(rows.indexOf(10, rows.indexOf(10) + 1) + 1),
  }),
}

test.each(Object.entries(forgeries))(
  '%s under a right checksum leaves an empty database empty',
  async (_name, forge) => {
    const file = folder.file('forged')
    await copyFile(good, file)
    await forgeBackup(file, forge)
    expect(await refused(target, file)).toBe('backup_damaged')
    expect(await readEverything(target)).toBeUndefined()
  },
)

test('tables and columns that the version does not have are refused by name, and a migrated database stays migrated', async () => {
  const file = folder.file('altered')
  await using migrated = await createTestDatabase()
  await using altered = await createTestDatabase()
  await query(altered.url, 'alter table meeting add column mood text')
  await makeBackup(altered.url, file)
  await expect(restoreDatabase({ url: migrated.url, file })).rejects.toThrow(/meeting\.mood/)
  expect(await query(migrated.url, 'select name from kysely_migration')).not.toEqual([])
})

test('after a failure the same database takes a good backup', async () => {
  expect(await refused(target, good)).toBe('loaded')
  expect((await readEverything(target))?.bot).toHaveLength(1)
})
