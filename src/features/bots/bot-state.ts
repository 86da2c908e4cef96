/** The states of a bot, in the order in which a good meeting passes through them. Attendee's names, and `cancelled`. */
export const botStates = [
  'scheduled',
  'staged',
  'joining',
  'waiting_room',
  'joined_recording',
  'leaving',
  'post_processing',
  'ended',
  'fatal_error',
  'cancelled',
] as const
export type BotState = (typeof botStates)[number]

/** What can happen to a bot. Attendee's names and four of our own. */
export const botEventTypes = [
  'staged',
  'join_requested',
  'put_in_waiting_room',
  'joined_meeting',
  'recording_permission_granted',
  'meeting_ended',
  'left_meeting',
  'leave_requested',
  'could_not_join_meeting',
  'fatal_error',
  'post_processing_completed',
  /** Ours: the meeting is not to be attended any more, before its bot began. */
  'cancelled',
  /** Ours: the meeting moved while its bot was scheduled. */
  'rescheduled',
  /** Ours: a bot of the same room hands its seat over to this one. */
  'continued',
] as const
export type BotEventType = (typeof botEventTypes)[number]

/** `null`: such an event is refused in that state. */
type Moves = Record<BotEventType, BotState | null>

const refused: Moves = Object.fromEntries(botEventTypes.map((type) => [type, null])) as Moves

/** Every pair of state and event: the compiler refuses a state that is missing. */
const transitions: Record<BotState, Moves> = {
  scheduled: {
    ...refused,
    staged: 'staged',
    join_requested: 'joining',
    continued: 'joined_recording',
    rescheduled: 'scheduled',
    cancelled: 'cancelled',
    fatal_error: 'fatal_error',
  },
  staged: {
    ...refused,
    join_requested: 'joining',
    continued: 'joined_recording',
    rescheduled: 'scheduled',
    leave_requested: 'leaving',
    cancelled: 'cancelled',
    fatal_error: 'fatal_error',
  },
  joining: {
    ...refused,
    put_in_waiting_room: 'waiting_room',
    joined_meeting: 'joined_recording',
    recording_permission_granted: 'joined_recording',
    could_not_join_meeting: 'fatal_error',
    leave_requested: 'leaving',
    meeting_ended: 'post_processing',
    fatal_error: 'fatal_error',
  },
  waiting_room: {
    ...refused,
    joined_meeting: 'joined_recording',
    recording_permission_granted: 'joined_recording',
    could_not_join_meeting: 'fatal_error',
    leave_requested: 'leaving',
    meeting_ended: 'post_processing',
    fatal_error: 'fatal_error',
  },
  joined_recording: {
    ...refused,
    recording_permission_granted: 'joined_recording',
    // Put out of the room and back into its lobby.
    put_in_waiting_room: 'waiting_room',
    leave_requested: 'leaving',
    left_meeting: 'post_processing',
    meeting_ended: 'post_processing',
    fatal_error: 'fatal_error',
  },
  leaving: {
    ...refused,
    left_meeting: 'post_processing',
    meeting_ended: 'post_processing',
    fatal_error: 'fatal_error',
  },
  post_processing: { ...refused, post_processing_completed: 'ended', fatal_error: 'fatal_error' },
  ended: refused,
  fatal_error: refused,
  cancelled: refused,
}

/** The state an event leads to; null where it is refused. Never throws for a state and an event that exist. */
export function nextState(state: BotState, event: BotEventType): BotState | null {
  return transitions[state][event]
}

/** States that nothing leaves. */
export const finalStates = ['ended', 'fatal_error', 'cancelled'] as const satisfies BotState[]

export function isFinal(state: BotState): boolean {
  return (finalStates as readonly BotState[]).includes(state)
}

/** Not begun: such a bot can still be moved or cancelled. */
export function isWaitingToBegin(state: BotState): boolean {
  return state === 'scheduled' || state === 'staged'
}
