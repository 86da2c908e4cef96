/** The states of a bot at an Attendee server (v1.64.1, August 2026). */
export type ServerState =
  | 'ready'
  | 'scheduled'
  | 'staged'
  | 'joining'
  | 'waiting_room'
  | 'joined_not_recording'
  | 'joined_recording'
  | 'joined_recording_paused'
  | 'joined_recording_permission_denied'
  | 'joining_breakout_room'
  | 'leaving_breakout_room'
  | 'leaving'
  | 'post_processing'
  | 'ended'
  | 'fatal_error'
  | 'data_deleted'

/** The state that each event leads to. */
const stateAfter = {
  staged: 'staged',
  join_requested: 'joining',
  put_in_waiting_room: 'waiting_room',
  joined_meeting: 'joined_not_recording',
  recording_permission_granted: 'joined_recording',
  recording_permission_denied: 'joined_recording_permission_denied',
  recording_paused: 'joined_recording_paused',
  recording_resumed: 'joined_recording',
  began_joining_breakout_room: 'joining_breakout_room',
  joined_breakout_room: 'joined_recording',
  began_leaving_breakout_room: 'leaving_breakout_room',
  left_breakout_room: 'joined_recording',
  leave_requested: 'leaving',
  left_meeting: 'post_processing',
  meeting_ended: 'post_processing',
  could_not_join_meeting: 'fatal_error',
  fatal_error: 'fatal_error',
  post_processing_completed: 'ended',
  data_deleted: 'data_deleted',
} as const satisfies Record<string, ServerState>

export type ServerEventType = keyof typeof stateAfter

export function stateAfterEvent(type: ServerEventType): ServerState {
  return stateAfter[type]
}

const TERMINAL: ReadonlySet<ServerState> = new Set(['ended', 'fatal_error', 'data_deleted'])

/** Whether nothing more happens by itself; such a bot's deduplication key is free again. */
export function isTerminal(state: ServerState): boolean {
  return TERMINAL.has(state)
}

/** States in which a bot can be asked to leave. */
const LEAVABLE: ReadonlySet<ServerState> = new Set([
  'joining',
  'waiting_room',
  'joined_not_recording',
  'joined_recording',
  'joined_recording_paused',
  'joined_recording_permission_denied',
  'joining_breakout_room',
  'leaving_breakout_room',
])

/** States in which a bot can write into the chat. */
export function canSpeak(state: ServerState): boolean {
  return state.startsWith('joined_')
}

export function canLeave(state: ServerState): boolean {
  return LEAVABLE.has(state)
}

/** Whether it counts against the bots that a project may have in meetings at once. */
export function isInMeeting(state: ServerState): boolean {
  return canLeave(state) || state === 'leaving'
}
