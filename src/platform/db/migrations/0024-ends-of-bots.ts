import { type Kysely, sql } from 'kysely'

/** Which time of its meeting a bot attends; and of what happened to bots one name for each end, in place of a sub-type and a reason. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

/** The ends as they are called by now, as far as anything of before is called so. */
const ENDS = `array['meeting_ended', 'auto_leave_silence', 'auto_leave_only_participant_in_meeting', 'auto_leave_max_uptime_exceeded',
  'relieved', 'left_unexplained', 'handed_on', 'next_meeting', 'room_says_no', 'user_requested', 'stopped_by_person', 'not_wanted',
  'another_meeting_held', 'meeting_moved', 'moved_away', 'request_to_join_denied', 'removed_from_meeting', 'host_denied_permission',
  'request_timed_out', 'waiting_room_timeout_exceeded', 'meeting_not_started_waiting_for_host',
  'authorized_user_not_in_meeting_timeout_exceeded', 'meeting_not_found', 'login_required', 'blocked_by_captcha',
  'bot_login_attempt_failed', 'unpublished_zoom_app', 'zoom_authorization_failed', 'zoom_app_cannot_join_anonymously',
  'webinar_attendee_needs_panelist_promotion', 'out_of_credits', 'host_client_cannot_grant_permission',
  'auto_leave_could_not_enable_closed_captions', 'process_terminated', 'handed_over', 'lease_lost', 'restored', 'media_dead',
  'connection_lost', 'ui_element_not_found', 'unable_to_connect_to_meeting', 'internal_error', 'browser_crashed', 'page_unresponsive',
  'attendee_internal_error', 'attendee_forgot', 'attendee_unreachable', 'attendee_did_not_leave', 'heartbeat_timeout',
  'global_runtime_timeout', 'rtmp_connection_failed', 'zoom_meeting_status_failed', 'zoom_sdk_internal_error', 'failed_unexplained',
  'launch_failed', 'browser_missing', 'browser_broken', 'bot_host_broken', 'server_not_started', 'no_capacity', 'no_worker', 'no_runner',
  'found_too_late', 'bot_not_launched', 'attendee_key_refused', 'attendee_busy', 'attendee_failing', 'attendee_unreadable',
  'attendee_refused']`

/** What moved a bot and ended its attempt. */
const isEnding = `old_state <> new_state
  and type in ('cancelled', 'leave_requested', 'meeting_ended', 'could_not_join_meeting', 'fatal_error')`

const statements = [
  'alter table bot add column attends_at timestamptz',
  // A further attempt was to join later than its meeting was to be attended, unless it ended before that time: then it was for that alone.
  `update bot b set attends_at = case
      when b.room_key = m.room_key and b.join_at > m.attended_at
        and (b.state not in ('ended', 'fatal_error', 'cancelled') or b.state_at >= b.join_at) then m.attended_at
      else b.join_at end
    from (select id, room_key, greatest(coalesce(seat_from, starts_at),
        case when reason = 'sent_by_person' or wish is null then wish_at end) as attended_at from meeting) m
    where m.id = b.meeting_id`,
  'alter table bot alter column attends_at set not null',

  // Why nobody launched it, or what became of it at an Attendee server.
  `update bot_event set sub_type = case
      when detail ->> 'reason' = 'launch_failed' and detail ? 'reportedAt' then 'server_not_started'
      when detail ->> 'reason' = any(${ENDS}) then detail ->> 'reason'
      when detail ->> 'reason' like 'http\\_%' then 'attendee_failing'
      else 'bot_not_launched' end,
      detail = detail - 'reason' - 'detail' || case when detail ? 'detail' then jsonb_build_object('said', detail -> 'detail') else '{}' end
    where sub_type = 'bot_not_launched'`,
  `update bot_event set detail = detail - 'reason', sub_type = case detail ->> 'reason'
      when 'unexplained' then 'failed_unexplained' else detail ->> 'reason' end
    where sub_type = 'process_terminated'
      and detail ->> 'reason' in ('attendee_unreachable', 'attendee_forgot', 'attendee_did_not_leave', 'unexplained', 'restored')`,
  // A bot that was called off had the reason of the decision against its meeting.
  `update bot_event set sub_type = 'not_wanted', detail = detail || jsonb_build_object('decision', sub_type)
    where type = 'cancelled' and not coalesce(sub_type = any(${ENDS}), false) and ${isEnding}`,
  // Words of a server that stand for no end of ours, and ends of which nothing was said.
  `update bot_event set
      detail = detail || case when sub_type is null then '{}' else jsonb_build_object('said', sub_type) end,
      sub_type = case when type = 'meeting_ended' and sub_type is null then 'meeting_ended'
        when type in ('meeting_ended', 'leave_requested') then 'left_unexplained' else 'failed_unexplained' end
    where not coalesce(sub_type = any(${ENDS}), false) and ${isEnding}`,
  `update bot_event set sub_type = 'left_unexplained'
    where type = 'left_meeting' and old_state = 'joined_recording' and new_state <> old_state and sub_type is null`,
  // As the outcomes are told apart by now.
  `update bot b set outcome = case e.sub_type when 'attendee_refused' then 'order_refused' else 'launch_failed' end
    from bot_event e where e.bot_id = b.id and e.type = 'fatal_error' and e.old_state <> e.new_state and b.outcome is not null
      and e.sub_type in ('launch_failed', 'browser_missing', 'browser_broken', 'bot_host_broken', 'server_not_started', 'attendee_refused')
      and e.old_state in ('scheduled', 'staged')`,
]
