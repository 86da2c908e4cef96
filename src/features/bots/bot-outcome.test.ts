import { expect, test } from 'vitest'
import { type BotOutcome, furtherAttempt, type PastAttempt } from './bot-outcome.ts'

const attempts = (...list: [BotOutcome, boolean][]): PastAttempt[] =>
  list.map(([outcome, wasIn]) => ({ outcome, wasIn }))

const FURTHER: [string, PastAttempt[], { afterMs: number } | null][] = [
  ['served: never', attempts(['served', true]), null],
  ['stopped by a person: never', attempts(['stopped', true]), null],
  ['refused by the host: no', attempts(['refused', false]), null],
  ['a captcha or a login: no', attempts(['locked_out', false]), null],
  ['an order that was refused: no', attempts(['order_refused', false]), null],
  ['not launched: at once', attempts(['not_launched', false]), { afterMs: 0 }],
  [
    'not launched again and again: after growing minutes',
    attempts(['infrastructure', false], ['not_launched', false], ['not_launched', false], ['not_launched', false]),
    { afterMs: 120_000 },
  ],
  ['the lobby timed out: once more', attempts(['lobby_timed_out', false]), { afterMs: 0 }],
  ['the lobby timed out twice: no', attempts(['lobby_timed_out', false], ['lobby_timed_out', false]), null],
  ['a loss in the room: at once', attempts(['infrastructure', true]), { afterMs: 0 }],
  [
    'losses in the room again and again: at once',
    attempts(...Array.from({ length: 30 }, (): [BotOutcome, boolean] => ['infrastructure', true])),
    { afterMs: 0 },
  ],
  ['a loss at the door: at once', attempts(['infrastructure', false]), { afterMs: 0 }],
  [
    'three losses at the door: after seconds',
    attempts(['infrastructure', false], ['infrastructure', false], ['infrastructure', false]),
    { afterMs: 4_000 },
  ],
  [
    'six losses at the door: no more',
    attempts(...Array.from({ length: 6 }, (): [BotOutcome, boolean] => ['infrastructure', false])),
    null,
  ],
  [
    'six that could not be started: no more',
    attempts(...Array.from({ length: 6 }, (): [BotOutcome, boolean] => ['launch_failed', false])),
    null,
  ],
  ['no capacity: as soon as there is', attempts(['no_capacity', false]), { afterMs: 0 }],
  [
    'a loss after a lobby that timed out: at once',
    attempts(['lobby_timed_out', false], ['infrastructure', true]),
    { afterMs: 0 },
  ],
  ['nothing has ended', [{ outcome: null, wasIn: true }], null],
  ['no attempt at all', [], null],
]

test.each(FURTHER)('%s', (_, past, further) => {
  expect(furtherAttempt(past)).toEqual(further)
})
