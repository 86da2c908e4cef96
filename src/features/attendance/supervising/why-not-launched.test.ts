import { expect, test } from 'vitest'
import type { BotEnd } from '../../bots/bot-end.ts'
import { defaultLimits } from '../../bots/sitting-limits.ts'
import type { BotAtMeeting } from '../seat/held-bot-store.ts'
import type { WorkerFacts } from '../workers/worker-store.ts'
import { whyNotLaunched } from './why-not-launched.ts'

const at = (time: string) => new Date(`2026-11-23T${time}:00Z`)

function found(bot: Partial<BotAtMeeting['bot']> = {}): BotAtMeeting {
  const row = {
    state: 'scheduled',
    runner: 'browser',
    joinAt: at('09:00'),
    createdAt: at('08:00'),
    placeMissingAt: null,
  }
  return { bot: { ...row, ...bot }, meeting: { startsAt: at('09:00'), endsAt: at('10:00') } } as BotAtMeeting
}

function worker(facts: Partial<WorkerFacts> = {}): WorkerFacts {
  const row = { id: 'w', startedAt: at('07:00'), seenAt: at('10:00'), capacity: 20, seats: 2, isDraining: false }
  return { ...row, runners: ['browser'], place: null, ...facts }
}

test.each<[string, BotAtMeeting, WorkerFacts[], BotEnd]>([
  ['two of twenty places taken', found(), [worker()], 'bot_not_launched'],
  ['a worker saw to the end that no place was free', found({ placeMissingAt: at('09:57') }), [worker()], 'no_capacity'],
  ['places were missing, but not at the end', found({ placeMissingAt: at('09:20') }), [worker()], 'bot_not_launched'],
  ['a worker held it to the end', found({ state: 'staged' }), [worker()], 'bot_not_launched'],
  ['nobody was there', found(), [], 'no_worker'],
  ['whoever is there came too late', found(), [worker({ startedAt: at('09:59') })], 'no_worker'],
  ['a worker was there and died', found(), [worker({ seenAt: at('09:30') })], 'bot_not_launched'],
  ['a worker had died before', found(), [worker({ seenAt: at('08:30') })], 'no_worker'],
  ['nobody can join the platform', found({ runner: 'attendee' }), [worker()], 'no_runner'],
  ['it was found at the end', found({ createdAt: at('09:58') }), [worker()], 'found_too_late'],
])('%s', (_, bot, workers, reason) => {
  expect(whyNotLaunched(bot, workers, defaultLimits)).toBe(reason)
})
