import { expect, test } from 'vitest'
import { type BotOutcome, furtherAttempt, outcomeOf, type PastAttempt } from './bot-outcome.ts'
import { botEventTypes } from './bot-state.ts'

const ENDINGS: [Parameters<typeof outcomeOf>[0], string | null, string | null, BotOutcome | null][] = [
  // event, sub-type, reason, outcome
  ['leave_requested', 'user_requested', null, 'stopped'],
  ['leave_requested', 'auto_leave_only_participant_in_meeting', null, 'served'],
  ['leave_requested', 'auto_leave_silence', null, 'served'],
  ['leave_requested', 'auto_leave_max_uptime_exceeded', null, 'served'],
  ['leave_requested', 'lease_lost', null, 'infrastructure'],
  ['leave_requested', 'process_terminated', null, 'infrastructure'],
  ['leave_requested', 'handed_over', null, 'infrastructure'],
  ['left_meeting', null, null, 'served'],
  ['left_meeting', 'handed_on', null, 'gave_way'],
  ['leave_requested', 'room_says_no', null, 'gave_way'],
  ['meeting_ended', null, null, 'served'],
  ['meeting_ended', 'removed_from_meeting', null, 'refused'],
  ['could_not_join_meeting', 'request_to_join_denied', null, 'refused'],
  ['could_not_join_meeting', 'waiting_room_timeout_exceeded', null, 'lobby_timed_out'],
  ['could_not_join_meeting', 'login_required', null, 'locked_out'],
  ['could_not_join_meeting', 'captcha', null, 'locked_out'],
  ['could_not_join_meeting', 'meeting_not_found', null, 'locked_out'],
  ['could_not_join_meeting', 'unable_to_connect_to_meeting', null, 'infrastructure'],
  ['could_not_join_meeting', 'ui_element_not_found', null, 'infrastructure'],
  ['fatal_error', 'process_terminated', null, 'infrastructure'],
  ['fatal_error', 'browser_crashed', null, 'infrastructure'],
  ['fatal_error', 'media_dead', null, 'infrastructure'],
  ['fatal_error', 'bot_not_launched', 'no_capacity', 'no_capacity'],
  ['fatal_error', 'bot_not_launched', 'launch_failed', 'infrastructure'],
  ['fatal_error', 'bot_not_launched', 'no_worker', 'not_launched'],
  ['fatal_error', 'bot_not_launched', 'no_runner', 'not_launched'],
  ['fatal_error', 'bot_not_launched', 'found_too_late', 'not_launched'],
  // Of an Attendee server.
  ['leave_requested', 'next_meeting', null, 'gave_way'],
  ['could_not_join_meeting', 'blocked_by_captcha', null, 'locked_out'],
  ['could_not_join_meeting', 'bot_login_attempt_failed', null, 'locked_out'],
  ['could_not_join_meeting', 'meeting_not_started_waiting_for_host', null, 'lobby_timed_out'],
  ['could_not_join_meeting', 'zoom_sdk_internal_error', null, 'infrastructure'],
  ['fatal_error', 'out_of_credits', null, 'locked_out'],
  ['fatal_error', 'heartbeat_timeout', null, 'infrastructure'],
  ['fatal_error', 'bot_not_launched', 'attendee_key_refused', 'not_launched'],
  ['cancelled', 'not_wanted', null, 'cancelled'],
  ['cancelled', 'stopped_by_person', null, 'stopped'],
  ['joined_meeting', null, null, null],
  ['post_processing_completed', null, null, null],
]

test.each(ENDINGS)('%s %s (%s) is: %s', (event, subType, reason, outcome) => {
  expect(outcomeOf(event, subType, reason)).toBe(outcome)
})

test('no event has no answer, and none throws', () => {
  for (const event of botEventTypes) expect(() => outcomeOf(event, 'a sub-type nobody knows')).not.toThrow()
})

const attempts = (...list: [BotOutcome, boolean][]): PastAttempt[] =>
  list.map(([outcome, wasIn]) => ({ outcome, wasIn }))

const FURTHER: [string, PastAttempt[], { afterMs: number } | null][] = [
  ['served: never', attempts(['served', true]), null],
  ['stopped by a person: never', attempts(['stopped', true]), null],
  ['refused by the host: no', attempts(['refused', false]), null],
  ['a captcha or a login: no', attempts(['locked_out', false]), null],
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
