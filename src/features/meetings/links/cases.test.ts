import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import type { LinkTexts } from '../../calendars/index.ts'
import { findRoomLink } from './find-room-link.ts'
import { OPTIONS, textsOf } from './link-table.contract.ts'

/** Texts as people and programs really send them, each made for this project after one that some reader failed on. */
const cases: { id: string; in: string | Partial<LinkTexts>; want: string }[] = JSON.parse(
  readFileSync(new URL('./testdata/cases.json', import.meta.url), 'utf8'),
)

it.each(cases.map((row) => [row.id, row] as const))('finds what is there in %s', (_id, { in: given, want }) => {
  const { link } = findRoomLink(textsOf(given), OPTIONS)
  expect(link === null ? 'none' : `${link.platform} ${link.url}`).toBe(want)
})
