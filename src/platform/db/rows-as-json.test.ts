import { expect, test } from 'vitest'
import { rowsAsJson } from './rows-as-json.ts'

test('rows are written with the names of columns, and only the columns asked for', () => {
  const startsAt = new Date('2026-03-01T09:00:00Z')
  const rows = [{ roomKey: 'one', startsAt, tags: ['norecord'], title: 'not asked for' }]
  expect(JSON.parse(rowsAsJson(rows, ['roomKey', 'startsAt', 'tags']))).toEqual([
    { room_key: 'one', starts_at: '2026-03-01T09:00:00.000Z', tags: ['norecord'] },
  ])
})

test('half a character, which the server would refuse in JSON, is replaced', () => {
  expect(rowsAsJson([{ title: 'Party \ud83c' }], ['title'])).toBe('[{"title":"Party \ufffd"}]')
})
