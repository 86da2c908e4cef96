import { expect, test } from 'vitest'
import { reasons } from '../meetings/index.ts'
import { botSubTypes, explainNotLaunched, explainSubType } from './explain-bot-event.ts'
import { notLaunchedReasons } from './why-not-launched.ts'

const sentence = /^[A-Z].+\.$/

test('every reason for which a bot was not launched is a sentence of its own', () => {
  const said = notLaunchedReasons.map(explainNotLaunched)
  for (const text of said) expect(text).toMatch(sentence)
  expect(new Set(said).size).toBe(notLaunchedReasons.length)
  for (const reason of notLaunchedReasons)
    expect(explainSubType('bot_not_launched', reason)).toBe(explainNotLaunched(reason))
})

test('every sub-type that a person can meet is a sentence; what is not known is not guessed', () => {
  for (const subType of botSubTypes) expect(explainSubType(subType), subType).toMatch(sentence)
  expect(explainSubType('something_newer')).toBeNull()
  expect(explainSubType('toString')).toBeNull()
  expect(explainSubType(null)).toBeNull()
  // A bot that was called off has the reason of the decision, which has a sentence of its own.
  for (const reason of reasons) expect(botSubTypes as readonly string[]).not.toContain(reason)
})
