import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { botEnds, endOfFailure, explainEnd, outcomeOf } from './bot-end.ts'
import { furtherAttempt } from './bot-outcome.ts'

test('every end is a sentence of its own; what is not known is not guessed', () => {
  const said = botEnds.map((end) => explainEnd(end))
  for (const text of said) expect(text).toMatch(/^[A-Z].+\.$/)
  expect(new Set(said).size).toBe(botEnds.length)
  expect(explainEnd('something_newer')).toBeNull()
  expect(explainEnd('toString')).toBeNull()
  expect(explainEnd(null)).toBeNull()
})

test('who ended it, and what was said of it in other words, stand behind the sentence', () => {
  expect(explainEnd('removed_from_meeting', { by: 'Ana Lima' })).toBe(
    'Somebody in the meeting removed it. It was Ana Lima.',
  )
  expect(explainEnd('attendee_refused', { said: 'Invalid meeting URL' })).toMatch(/\. “Invalid meeting URL”$/)
})

test('the code of a failure is its end where it is one, and a name that only others emit is not taken for one', () => {
  expect(endOfFailure('browser_crashed', 'internal_error')).toBe('browser_crashed')
  expect(endOfFailure('served', 'internal_error')).toBe('internal_error')
  expect(endOfFailure('http_timeout', 'launch_failed')).toBe('launch_failed')
  expect(endOfFailure(undefined, 'launch_failed')).toBe('launch_failed')
})

test('no end has a sentence that nobody emits', async () => {
  const src = path.join(import.meta.dirname, '../..')
  const files = (await readdir(src, { recursive: true })).filter(
    (file) => /(?<!\.test)\.tsx?$/.test(file) && !/bot-end\.ts$|platform\/db\/migrations\//.test(file),
  )
  const code = (await Promise.all(files.map((file) => readFile(path.join(src, file), 'utf8')))).join('\n')
  expect(botEnds.filter((end) => !code.includes(`'${end}'`))).toEqual([])
})

test('a server that refuses the key is asked again while the meeting runs, one that refuses the order is not', () => {
  const after = (end: 'attendee_key_refused' | 'attendee_refused') =>
    furtherAttempt([{ outcome: outcomeOf(end), wasIn: false }])
  expect(after('attendee_key_refused')).toEqual({ afterMs: 0 })
  expect(after('attendee_refused')).toBeNull()
})
