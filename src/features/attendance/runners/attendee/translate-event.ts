import { cleanLine } from '../../../../base/text.ts'
import { type BotEnd, type BotHappening, endOfFailure, outcomeOf } from '../../../bots/index.ts'
import type { RemoteBot, RemoteEvent } from './attendee-answers.ts'

/** Told once its results are in, by whoever waits for them. */
const LATER = 'post_processing_completed'

interface TranslatedEvent {
  /** The move it may be; none for what only happened. */
  move: BotHappening | undefined
  /** The server's own word, for what moves nothing. */
  subType: string | undefined
  detail: Record<string, unknown>
}

/**
 * What an event at the server is to us; undefined for one that is told later.
 * `leaveReason`: why we asked the bot to leave. `denied`: what its last word on recording was, if that was a no. `remover`: who removed
 * it by a notice of the server, empty where somebody did whose name is not known.
 */
export function translateEvent(
  event: RemoteEvent,
  {
    leaveReason,
    denied,
    remover,
  }: { leaveReason?: BotEnd | undefined; denied?: BotEnd | undefined; remover?: string | undefined } = {},
): TranslatedEvent | undefined {
  if (event.type === LATER) return undefined
  const detail = { reportedAt: event.reportedAt, ...(remover ? { by: remover } : {}) }
  const told = { subType: event.subType ?? undefined, detail }
  switch (event.type) {
    case 'join_requested':
    case 'put_in_waiting_room':
    case 'joined_meeting':
    case 'recording_permission_granted':
    case 'left_meeting':
      return { ...told, move: { event: event.type, detail } }
    case 'meeting_ended':
    case 'leave_requested':
    case 'could_not_join_meeting':
    case 'fatal_error': {
      const { end, said } = endOf(event, leaveReason, remover !== undefined)
      const isDenied = denied !== undefined && outcomeOf(end) === 'served'
      const move = {
        event: event.type,
        end: isDenied ? denied : end,
        detail: { ...detail, ...(said === undefined ? {} : { said }) },
      }
      return { ...told, move }
    }
    default:
      return { ...told, move: undefined }
  }
}

/** Why its host or nobody let it record, if that is the last that was said of it: such a bot is in the room and brings nothing. */
export function deniedRecording(events: readonly RemoteEvent[]): BotEnd | undefined {
  const last = events.findLast(
    ({ type }) => type === 'recording_permission_denied' || type === 'recording_permission_granted',
  )
  return last?.type === 'recording_permission_denied'
    ? (endOfWord(last.subType) ?? 'host_denied_permission')
    : undefined
}

/** The end that a failure to have a bot made means. */
export function endOfLaunch(code: string): BotEnd {
  return endOfFailure(code, 'attendee_failing')
}

function endOf(
  { type, subType }: RemoteEvent,
  leaveReason: BotEnd | undefined,
  wasRemoved: boolean,
): { end: BotEnd; said?: string } {
  // Somebody removed the bot: the meeting itself may go on.
  if (type === 'meeting_ended' && wasRemoved) return { end: 'removed_from_meeting' }
  if (type === 'meeting_ended' && subType === null) return { end: 'meeting_ended' }
  if (type === 'leave_requested' && subType === 'user_requested') return { end: leaveReason ?? 'user_requested' }
  const known = endOfWord(subType)
  if (known !== undefined) return { end: known }
  const isFailing = type === 'fatal_error' || type === 'could_not_join_meeting'
  const end = isFailing ? 'failed_unexplained' : 'left_unexplained'
  return subType === null ? { end } : { end, said: cleanLine(subType, 100) }
}

function endOfWord(word: string | null): BotEnd | undefined {
  // It could not start the bot, which is another matter than that we did not.
  if (word === 'bot_not_launched') return 'server_not_started'
  return SUB_TYPES.find((name) => name === word)
}

/** Sub-types of an Attendee server (v1.64.1, bots/models.py) that mean the same here. */
const SUB_TYPES = [
  'meeting_not_started_waiting_for_host',
  'process_terminated',
  'zoom_authorization_failed',
  'zoom_meeting_status_failed',
  'unpublished_zoom_app',
  'rtmp_connection_failed',
  'zoom_sdk_internal_error',
  'ui_element_not_found',
  'request_to_join_denied',
  'user_requested',
  'auto_leave_silence',
  'auto_leave_only_participant_in_meeting',
  'heartbeat_timeout',
  'meeting_not_found',
  'waiting_room_timeout_exceeded',
  'auto_leave_max_uptime_exceeded',
  'login_required',
  'bot_login_attempt_failed',
  'out_of_credits',
  'unable_to_connect_to_meeting',
  'attendee_internal_error',
  'host_denied_permission',
  'request_timed_out',
  'host_client_cannot_grant_permission',
  'auto_leave_could_not_enable_closed_captions',
  'authorized_user_not_in_meeting_timeout_exceeded',
  'blocked_by_captcha',
  'webinar_attendee_needs_panelist_promotion',
  'zoom_app_cannot_join_anonymously',
  'global_runtime_timeout',
] as const satisfies BotEnd[]

/** Whether an event may be somebody's removing the bot, which only a notice says. */
export function canBeRemoval({ type, subType }: RemoteEvent): boolean {
  return type === 'meeting_ended' || (type === 'could_not_join_meeting' && subType === 'request_to_join_denied')
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
