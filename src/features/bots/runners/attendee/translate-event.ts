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
 * `leaveReason`: why we asked the bot to leave. `remover`: who removed it, empty where somebody did whose name is not known.
 */
export function translateEvent(
  event: RemoteEvent,
  leaveReason: string | undefined,
  remover?: string,
): TranslatedEvent | undefined {
  if (event.type === LATER) return undefined
  return {
    move: MOVES.find((move) => move === event.type),
    subType: subTypeOf(event, leaveReason, remover),
    detail: {
      reportedAt: event.reportedAt,
      ...(remover ? { by: remover } : {}),
      // The server could not start it, which is another matter than that we did not want to.
      ...(event.type === 'fatal_error' && event.subType === 'bot_not_launched' ? { reason: 'launch_failed' } : {}),
    },
  }
}

/** Whether an event may be somebody's removing the bot, which only a notice says. */
export function canBeRemoval({ type, subType }: RemoteEvent): boolean {
  return type === 'meeting_ended' || (type === 'could_not_join_meeting' && subType === 'request_to_join_denied')
}

function subTypeOf(
  { type, subType }: RemoteEvent,
  leaveReason: string | undefined,
  remover?: string,
): string | undefined {
  // Somebody removed the bot: the meeting itself may go on.
  if (type === 'meeting_ended' && remover !== undefined) return 'removed_from_meeting'
  if (type === 'leave_requested' && subType === 'user_requested') return leaveReason ?? subType
  return subType ?? undefined
}

const TERMINAL: ReadonlySet<string> = new Set(['ended', 'fatal_error', 'data_deleted'])

/** Whether nothing more happens to it by itself. */
export function isOver({ state }: Pick<RemoteBot, 'state'>): boolean {
  return TERMINAL.has(state)
}

/** Whether it is out of its room, and nobody lets it in any more. */
export function isOut(bot: Pick<RemoteBot, 'state'>): boolean {
  return bot.state === 'post_processing' || isOver(bot)
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

/** Whether it can be asked to leave; the server answers 400 to whoever asks in another state, and writes an exception into its log. */
export function canLeave(bot: Pick<RemoteBot, 'state'>): boolean {
  return bot.state === 'joining' || bot.state === 'waiting_room' || isInRoom(bot)
}
