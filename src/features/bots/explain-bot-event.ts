import { type NotLaunched, notLaunchedReasons } from './why-not-launched.ts'

/** Sub-types of what happens to bots: ours, and those an Attendee server tells (v1.64.1, bots/models.py). */
export const botSubTypes = [
  'bot_not_launched',
  'process_terminated',
  'handed_over',
  'lease_lost',
  'handed_on',
  'continued',
  'next_meeting',
  'not_wanted',
  'restored',
  'media_dead',
  'connection_lost',
  'ui_element_not_found',
  'unable_to_connect_to_meeting',
  'meeting_not_found',
  'login_required',
  'captcha',
  'bot_not_allowed',
  'request_to_join_denied',
  'removed_from_meeting',
  'waiting_room_timeout_exceeded',
  'meeting_not_started_waiting_for_host',
  'user_requested',
  'auto_leave_silence',
  'auto_leave_only_participant_in_meeting',
  'auto_leave_max_uptime_exceeded',
  'auto_leave_could_not_enable_closed_captions',
  'internal_error',
  'browser_crashed',
  'browser_broken',
  'page_unresponsive',
  'bot_host_broken',
  'attendee_busy',
  'attendee_failing',
  'attendee_key_refused',
  'attendee_refused',
  'attendee_unreadable',
  'attendee_internal_error',
  'heartbeat_timeout',
  'global_runtime_timeout',
  'rtmp_connection_failed',
  'out_of_credits',
  'blocked_by_captcha',
  'bot_login_attempt_failed',
  'unpublished_zoom_app',
  'zoom_authorization_failed',
  'zoom_meeting_status_failed',
  'zoom_sdk_internal_error',
  'zoom_app_cannot_join_anonymously',
  'authorized_user_not_in_meeting_timeout_exceeded',
  'webinar_attendee_needs_panelist_promotion',
  'host_denied_permission',
  'request_timed_out',
  'host_client_cannot_grant_permission',
] as const
export type BotSubType = (typeof botSubTypes)[number]

/** Why a bot was never launched, as a sentence, and where somebody can do something about it what that is. */
export function explainNotLaunched(reason: NotLaunched): string {
  return whyNever[reason]
}

/** What a sub-type means, as a sentence; null for one that we do not know, such as another version's. */
export function explainSubType(subType: string | null, reason?: string | null): string | null {
  if (subType === 'bot_not_launched') {
    const known = notLaunchedReasons.find((name) => name === reason)
    if (known !== undefined) return whyNever[known]
  }
  return subType !== null && Object.hasOwn(meanings, subType) ? meanings[subType as BotSubType] : null
}

const whyNever: Record<NotLaunched, string> = {
  no_capacity:
    'Every place for a bot was taken until it was too late: more meetings at once than BOTS_MAX and BOTS_PER_WORKER allow.',
  no_worker: 'No worker was running that could have launched it.',
  no_runner: 'No worker that was running has a way to join this platform.',
  found_too_late: 'The meeting was found when it was about to end.',
  launch_failed: 'It could not be started.',
}

const meanings: Record<BotSubType, string> = {
  bot_not_launched: 'It was never launched.',
  process_terminated: 'The process it ran in ended.',
  handed_over: 'Its worker stopped and gave the meeting to another one.',
  lease_lost: 'Its worker was cut off, so that another one could take the meeting.',
  handed_on: 'The next meeting in this room began, and its bot took over the seat.',
  continued: 'It took over the seat of the bot of the meeting before, which was in the same room.',
  next_meeting: 'It left for the bot of the next meeting in this room.',
  not_wanted: 'The meeting was not to be attended any more.',
  restored: 'The database was restored from a backup, and no bot of the time before lives on.',
  media_dead: 'It was in the meeting, but no sound reached it.',
  connection_lost: 'The meeting said that the connection was lost.',
  ui_element_not_found: 'It could not make out where it was: the page looked different from all that we know.',
  unable_to_connect_to_meeting: 'The meeting could not be reached.',
  meeting_not_found: 'There is no meeting behind the link.',
  login_required: 'Only people who are signed in there may join.',
  captcha: 'The platform asked for proof that it is a person.',
  bot_not_allowed: 'The platform does not let bots in.',
  request_to_join_denied: 'Somebody in the meeting said no when it asked to be let in.',
  removed_from_meeting: 'Somebody in the meeting removed it.',
  waiting_room_timeout_exceeded: 'Nobody let it in for as long as it may wait.',
  meeting_not_started_waiting_for_host: 'The host did not start the meeting.',
  user_requested: 'Somebody asked it to leave.',
  auto_leave_silence: 'Nobody had spoken for a long time.',
  auto_leave_only_participant_in_meeting: 'Nobody else was there.',
  auto_leave_max_uptime_exceeded: 'It had been there for as long as a bot may stay.',
  auto_leave_could_not_enable_closed_captions: 'Captions could not be switched on.',
  internal_error: 'Something went wrong in the bot.',
  browser_crashed: 'Its browser crashed.',
  browser_broken: 'Its browser does not start on this machine.',
  page_unresponsive: 'Its browser did not answer any more.',
  bot_host_broken: 'The process for its browser does not start on this machine.',
  attendee_busy: 'The Attendee server took no further bots.',
  attendee_failing: 'The Attendee server did not answer.',
  attendee_key_refused: 'The Attendee server does not accept our key: check ATTENDEE_API_KEY.',
  attendee_refused: 'The Attendee server refused to send a bot.',
  attendee_unreadable: 'The Attendee server answered something that is no answer.',
  attendee_internal_error: 'Something went wrong in the Attendee server.',
  heartbeat_timeout: 'The Attendee server lost its bot.',
  global_runtime_timeout: 'It had been there for as long as the Attendee server lets a bot stay.',
  rtmp_connection_failed: 'The Attendee server could not pass on its sound.',
  out_of_credits: 'The account at the Attendee server has no credit left.',
  blocked_by_captcha: 'The platform asked for proof that it is a person.',
  bot_login_attempt_failed: 'It could not sign in at the platform.',
  unpublished_zoom_app: 'Its Zoom app is not published, so it may not join meetings of other accounts.',
  zoom_authorization_failed: 'Zoom did not accept the credentials of its app.',
  zoom_meeting_status_failed: 'Zoom said that the meeting could not be joined.',
  zoom_sdk_internal_error: 'Zoom’s software failed.',
  zoom_app_cannot_join_anonymously: 'Zoom wants it to be authorised by somebody who is in the meeting.',
  authorized_user_not_in_meeting_timeout_exceeded: 'The person on whose behalf it joins did not come.',
  webinar_attendee_needs_panelist_promotion: 'It is a webinar, where it would have to be made a panellist.',
  host_denied_permission: 'The host did not allow it to record.',
  request_timed_out: 'Nobody answered when it asked to record.',
  host_client_cannot_grant_permission: 'The host’s program cannot allow it to record.',
}
