import { expect, test } from 'vitest'
import { explainEnd } from '../../../bots/bot-end.ts'
import type { RemoteEvent } from './attendee-answers.ts'
import { deniedRecording, endOfLaunch, translateEvent } from './translate-event.ts'

const event = (type: string, subType: string | null = null): RemoteEvent => ({
  type,
  subType,
  reportedAt: '2026-11-23T09:00:00Z',
})
const endOf = (...told: Parameters<typeof event>) => translateEvent(event(...told))?.move?.end

test('a word of the server is the end of that name; that it could not start a bot has one of its own', () => {
  expect(endOf('could_not_join_meeting', 'zoom_sdk_internal_error')).toBe('zoom_sdk_internal_error')
  expect(endOf('fatal_error', 'bot_not_launched')).toBe('server_not_started')
  expect(endOf('meeting_ended')).toBe('meeting_ended')
  expect(translateEvent(event('joined_meeting'))?.move).toMatchObject({ event: 'joined_meeting' })
})

test('a word that we do not know is an end that says so, with the word', () => {
  for (const [type, end] of [
    ['fatal_error', 'failed_unexplained'],
    ['could_not_join_meeting', 'failed_unexplained'],
    ['leave_requested', 'left_unexplained'],
    ['meeting_ended', 'left_unexplained'],
  ] as const) {
    const move = translateEvent(event(type, 'room_flooded'))?.move
    expect(move).toMatchObject({ end, detail: { said: 'room_flooded' } })
    expect(explainEnd(end, move?.detail as { said: string })).toContain('“room_flooded”')
  }
  // Ours alone are never taken from a server.
  expect(endOf('fatal_error', 'lease_lost')).toBe('failed_unexplained')
  expect(endOf('fatal_error', 'toString')).toBe('failed_unexplained')
})

test('who removed it is known where a notice says so', () => {
  const removed = translateEvent(event('meeting_ended'), { remover: 'Ana Lima' })
  expect(removed?.move).toMatchObject({ end: 'removed_from_meeting', detail: { by: 'Ana Lima' } })
  expect(translateEvent(event('meeting_ended'), { remover: '' })?.move?.end).toBe('removed_from_meeting')
  expect(endOf('meeting_ended')).toBe('meeting_ended')
  const denied = translateEvent(event('could_not_join_meeting', 'request_to_join_denied'), { remover: 'Ana Lima' })
  expect(denied?.move).toMatchObject({ end: 'request_to_join_denied', detail: { by: 'Ana Lima' } })
})

test('that it was asked to leave has the reason for which we asked', () => {
  const asked = event('leave_requested', 'user_requested')
  expect(translateEvent(asked, { leaveReason: 'next_meeting' })?.move).toMatchObject({ end: 'next_meeting' })
  expect(translateEvent(asked)?.move).toMatchObject({ end: 'user_requested' })
})

test('a bot that was not allowed to record ended for that, unless somebody ended it or allowed it later', () => {
  const no = event('recording_permission_denied', 'host_denied_permission')
  const yes = event('recording_permission_granted')
  expect(deniedRecording([no])).toBe('host_denied_permission')
  expect(deniedRecording([no, yes])).toBeUndefined()
  expect(deniedRecording([yes])).toBeUndefined()
  const denied = deniedRecording([yes, no])
  expect(translateEvent(no, { denied })?.move).toBeUndefined()
  expect(translateEvent(event('meeting_ended'), { denied })?.move).toMatchObject({ end: 'host_denied_permission' })
  const alone = event('leave_requested', 'auto_leave_only_participant_in_meeting')
  expect(translateEvent(alone, { denied })?.move).toMatchObject({ end: 'host_denied_permission' })
  expect(
    translateEvent(event('leave_requested', 'user_requested'), { denied, leaveReason: 'room_says_no' })?.move,
  ).toMatchObject({ end: 'room_says_no' })
})

test('a launch that failed ends as its code says, and otherwise as a server that does not answer', () => {
  expect(endOfLaunch('attendee_key_refused')).toBe('attendee_key_refused')
  expect(endOfLaunch('attendee_refused')).toBe('attendee_refused')
  expect(endOfLaunch('http_timeout')).toBe('attendee_failing')
})
