import { expect, test } from 'vitest'
import { createTestDatabase } from '../support/database.ts'

test('text with a NUL, from wherever it comes, is stored with a mark in its place', async () => {
  await using database = await createTestDatabase()
  const { db } = database
  const value = JSON.stringify({ name: 'A\0na', backslash: '\\u0000' })
  await db.insertInto('setting').values({ key: 'of\0somebody', value }).execute()
  const row = await db.selectFrom('setting').select(['key', 'value']).executeTakeFirstOrThrow()
  expect(row).toEqual({ key: 'of\uFFFDsomebody', value: { name: 'A\uFFFDna', backslash: '\\u0000' } })
})
