import type { BotOutcome } from './bot-outcome.ts'
import type { BotEventType } from './bot-state.ts'

/**
 * Why an attempt ended, by the name that is stored as the sub-type of the event that ended it: what it means for the meeting, and a sentence.
 * Names that an Attendee server says too are its own (v1.64.1, bots/models.py), except for its `bot_not_launched`: here that is ours.
 */
const ends = {
  // It sat there until there was no more reason to.
  meeting_ended: end('served', 'The meeting ended.'),
  auto_leave_silence: end('served', 'Nobody had spoken for a long time.'),
  auto_leave_only_participant_in_meeting: end('served', 'Nobody else was there.'),
  auto_leave_max_uptime_exceeded: end('served', 'It had been there for as long as a bot may stay.'),
  relieved: end('served', 'The meeting has another room, and another bot of ours had been there for two minutes.'),
  left_unexplained: end('served', 'It left, and why is not known.'),

  handed_on: end('gave_way', 'Another meeting had the room from now on, and its bot took over the seat.'),
  next_meeting: end('gave_way', 'It left for the bot of the next meeting in this room.'),
  room_says_no: end('gave_way', 'A meeting that is not to be recorded had the room.'),

  user_requested: end('stopped', 'Somebody asked it to leave.'),
  stopped_by_person: end('stopped', 'Somebody said that no bot is to come.'),

  not_wanted: end('cancelled', 'The meeting was not to be attended any more.'),
  another_meeting_held: end('cancelled', 'Another meeting had the room for as long as this one lasted.'),
  meeting_moved: end(
    'cancelled',
    'The meeting moved to another room or time before it was in, and another bot goes there.',
  ),
  moved_away: end('cancelled', 'The meeting moved to a time too far ahead to wait for.'),

  request_to_join_denied: end('refused', 'Somebody in the meeting said no when it asked to be let in.'),
  removed_from_meeting: end('refused', 'Somebody in the meeting removed it.'),
  host_denied_permission: end('refused', 'The host did not allow it to record.'),
  request_timed_out: end('refused', 'Nobody answered when it asked to record.'),

  waiting_room_timeout_exceeded: end('lobby_timed_out', 'Nobody let it in for as long as it may wait.'),
  meeting_not_started_waiting_for_host: end('lobby_timed_out', 'The host did not start the meeting.'),
  authorized_user_not_in_meeting_timeout_exceeded: end(
    'lobby_timed_out',
    'The person on whose behalf it joins did not come.',
  ),

  meeting_not_found: end('locked_out', 'There is no meeting behind the link.'),
  login_required: end('locked_out', 'Only people who are signed in there may join.'),
  blocked_by_captcha: end('locked_out', 'The platform asked for proof that it is a person.'),
  bot_login_attempt_failed: end('locked_out', 'It could not sign in at the platform.'),
  unpublished_zoom_app: end(
    'locked_out',
    'Its Zoom app is not published, so it may not join meetings of other accounts.',
  ),
  zoom_authorization_failed: end('locked_out', 'Zoom did not accept the credentials of its app.'),
  zoom_app_cannot_join_anonymously: end(
    'locked_out',
    'Zoom wants it to be authorised by somebody who is in the meeting.',
  ),
  webinar_attendee_needs_panelist_promotion: end(
    'locked_out',
    'It is a webinar, where it would have to be made a panellist.',
  ),
  out_of_credits: end('locked_out', 'The account at the Attendee server has no credit left.'),
  host_client_cannot_grant_permission: end('locked_out', 'The host’s program cannot allow it to record.'),
  auto_leave_could_not_enable_closed_captions: end('locked_out', 'Captions could not be switched on.'),

  process_terminated: end('infrastructure', 'The process it ran in ended.'),
  handed_over: end('infrastructure', 'Its worker stopped and gave the meeting to another one.'),
  lease_lost: end('infrastructure', 'Its worker was cut off, so that another one could take the meeting.'),
  restored: end('infrastructure', 'The database was restored from a backup, and no bot of the time before lives on.'),
  media_dead: end('infrastructure', 'It was in the meeting, but no sound reached it.'),
  connection_lost: end('infrastructure', 'The meeting said that the connection was lost.'),
  ui_element_not_found: end(
    'infrastructure',
    'It could not make out where it was: the page looked different from all that we know.',
  ),
  unable_to_connect_to_meeting: end('infrastructure', 'The meeting could not be reached.'),
  internal_error: end('infrastructure', 'Something went wrong in the bot.'),
  browser_crashed: end('infrastructure', 'Its browser crashed.'),
  page_unresponsive: end('infrastructure', 'Its browser did not answer any more.'),
  attendee_internal_error: end('infrastructure', 'Something went wrong in the Attendee server.'),
  attendee_forgot: end('infrastructure', 'The Attendee server knew nothing of it any more.'),
  attendee_unreachable: end('infrastructure', 'The Attendee server did not answer until the meeting was over.'),
  attendee_did_not_leave: end('infrastructure', 'The Attendee server did not let it leave when it was asked to.'),
  heartbeat_timeout: end('infrastructure', 'The Attendee server lost its bot.'),
  global_runtime_timeout: end(
    'infrastructure',
    'It had been there for as long as the Attendee server lets a bot stay.',
  ),
  rtmp_connection_failed: end('infrastructure', 'The Attendee server could not pass on its sound.'),
  zoom_meeting_status_failed: end('infrastructure', 'Zoom said that the meeting could not be joined.'),
  zoom_sdk_internal_error: end('infrastructure', 'Zoom’s software failed.'),
  failed_unexplained: end('infrastructure', 'It failed, and why is not known.'),

  launch_failed: end('launch_failed', 'It could not be started.'),
  browser_missing: end('launch_failed', 'There is no browser on the machine of its worker.'),
  browser_broken: end('launch_failed', 'Its browser does not start on the machine of its worker.'),
  bot_host_broken: end('launch_failed', 'The process for its browser does not start on the machine of its worker.'),
  server_not_started: end('launch_failed', 'The Attendee server did not start it.'),

  no_capacity: end(
    'no_capacity',
    'Every place for a bot was taken until it was too late: more meetings at once than BOTS_MAX and BOTS_PER_WORKER allow.',
  ),
  no_worker: end('not_launched', 'No worker was running that could have launched it.'),
  no_runner: end('not_launched', 'No worker that was running has a way to join this platform.'),
  found_too_late: end('not_launched', 'The meeting was found when it was about to end.'),
  bot_not_launched: end('not_launched', 'It was not launched in time, and nobody saw why.'),
  attendee_key_refused: end('not_launched', 'The Attendee server does not accept our key: check ATTENDEE_API_KEY.'),
  attendee_busy: end('not_launched', 'The Attendee server took no further bots.'),
  attendee_failing: end('not_launched', 'The Attendee server did not answer when it was to be sent.'),
  attendee_unreadable: end(
    'not_launched',
    'The Attendee server answered something that is no answer: check ATTENDEE_API_URL.',
  ),
  attendee_refused: end('order_refused', 'The Attendee server refused to send a bot.'),
} satisfies Record<string, End>

interface End {
  outcome: BotOutcome
  sentence: string
}

function end(outcome: BotOutcome, sentence: string): End {
  return { outcome, sentence }
}

export type BotEnd = keyof typeof ends
export const botEnds = Object.keys(ends) as [BotEnd, ...BotEnd[]]

/** Events that end an attempt, each for one of the reasons above. */
type EndingEvent = 'cancelled' | 'leave_requested' | 'meeting_ended' | 'could_not_join_meeting' | 'fatal_error'

/** What happens to a bot, with what belongs to it: an end where it ends the attempt, else a note where there is one. */
export type BotHappening = { detail?: Record<string, unknown> } & (
  | { event: EndingEvent; end: BotEnd; note?: never }
  /** Out of the room. Why, whoever asked it to leave has told before; with an end where nobody did. */
  | { event: 'left_meeting'; end?: BotEnd; note?: never }
  | { event: Exclude<BotEventType, EndingEvent | 'left_meeting'>; end?: never; note?: string }
)

function isBotEnd(name: string): name is BotEnd {
  return Object.hasOwn(ends, name)
}

/** How an attempt that ended so ended. */
export function outcomeOf(name: BotEnd): BotOutcome {
  return ends[name].outcome
}

/**
 * Why an attempt ended, as a sentence, with who did it and what was said of it in other words than ours where that is known; null for a name that
 * we do not know, such as another version's, and for one that is no end.
 */
export function explainEnd(
  name: string | null,
  { by = null, said = null }: { by?: string | null; said?: string | null } = {},
): string | null {
  if (name === null || !isBotEnd(name)) return null
  return [ends[name].sentence, by && `It was ${by}.`, said && `“${said}”`].filter(Boolean).join(' ')
}

/** The end of a bot that failed with this error: its code, where that is the name of an end. */
export function endOfFailure(code: string | undefined, otherwise: BotEnd): BotEnd {
  return failures.find((name) => name === code) ?? otherwise
}

const failures = [
  'unable_to_connect_to_meeting',
  'ui_element_not_found',
  'page_unresponsive',
  'browser_crashed',
  'browser_missing',
  'browser_broken',
  'bot_host_broken',
  'found_too_late',
  'attendee_key_refused',
  'attendee_refused',
  'attendee_busy',
  'attendee_failing',
  'attendee_unreadable',
] as const satisfies BotEnd[]
