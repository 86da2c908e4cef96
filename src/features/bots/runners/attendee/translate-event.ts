import type { BotEventType } from '../../bot-state.ts'
import type { RemoteBot, RemoteEvent } from './attendee-answers.ts'

/** The server's events that are ours too. All others are kept as what happened, and move nothing. */
const MOVES: readonly BotEventType[] = [
  'join_requested',
  'put_in_waiting_room',
  'joined_meeting',
  'recording_permission_granted',
  'meeting_ended',
  'left_meeting',
  'leave_requested',
  'could_not_join_meeting',
  'fatal_error',
]

/** Told once its results are in, by whoever waits for them. */
const LATER = 'post_processing_completed'

export interface TranslatedEvent {
  /** The move it may be; none for what only happened. */
  move: BotEventType | undefined
  subType: string | undefined
  detail: Record<string, unknown>
}

/**
 * What an event at the server is to us; undefined for one that is told later. Its sub-type is kept, whether we know it or not.
 * `leaveReason`: why we asked the bot to leave.
 */
export function translateEvent(event: RemoteEvent, leaveReason: string | undefined): TranslatedEvent | undefined {
  if (event.type === LATER) return undefined
  return {
    move: MOVES.find((move) => move === event.type),
    subType: subTypeOf(event, leaveReason),
    detail: {
      reportedAt: event.reportedAt,
      // The server could not start it, which is another matter than that we did not want to.
      ...(event.type === 'fatal_error' && event.subType === 'bot_not_launched' ? { reason: 'launch_failed' } : {}),
    },
  }
}

function subTypeOf({ type, subType, metadata }: RemoteEvent, leaveReason: string | undefined): string | undefined {
  // Somebody removed the bot: the meeting itself may go on.
  if (type === 'meeting_ended' && metadata.bot_removed_by) return 'removed_from_meeting'
  if (type === 'leave_requested' && subType === 'user_requested') return leaveReason ?? subType
  return subType ?? undefined
}

const TERMINAL: ReadonlySet<string> = new Set(['ended', 'fatal_error', 'data_deleted'])

/** Whether nothing more happens to it by itself. */
export function isOver({ state }: Pick<RemoteBot, 'state'>): boolean {
  return TERMINAL.has(state)
}

const IN_ROOM: ReadonlySet<string> = new Set([
  'joined_not_recording',
  'joined_recording',
  'joined_recording_paused',
  'joined_recording_permission_denied',
  'joining_breakout_room',
  'leaving_breakout_room',
])

export function isInRoom({ state }: Pick<RemoteBot, 'state'>): boolean {
  return IN_ROOM.has(state)
}
