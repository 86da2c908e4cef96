import { z } from 'zod'

// Attendee v1.64.1 (August 2026), docs/openapi.yml and bots/serializers.py: names, and what it would refuse.

/** What turns speech into text there; of two it takes one. */
const words = {
  deepgram: z.record(z.string(), z.unknown()),
  gladia: z.record(z.string(), z.unknown()),
  openai: z.looseObject({ model: z.string() }),
  assembly_ai: z.record(z.string(), z.unknown()),
  sarvam: z.record(z.string(), z.unknown()),
  elevenlabs: z.looseObject({ model_id: z.string() }),
  kyutai: z.record(z.string(), z.unknown()),
  custom_async: z.record(z.string(), z.unknown()),
  custom_async_v2: z.record(z.string(), z.unknown()),
  meeting_closed_captions: z.strictObject({
    google_meet_language: z.string().optional(),
    teams_language: z.string().optional(),
    zoom_language: z.string().optional(),
    merge_consecutive_captions: z.boolean().optional(),
  }),
}

const login = {
  use_login: z.boolean().optional(),
  login_mode: z.enum(['always', 'only_if_required']).optional(),
  login_group_name: z.string().nullish(),
}

/** Settings of ours that say the same. */
const ours: Record<string, string> = {
  silence_timeout_seconds: 'SILENCE_MAX',
  only_participant_in_meeting_timeout_seconds: 'ALONE_MAX',
  waiting_room_timeout_seconds: 'LOBBY_MAX',
  wait_for_host_to_start_meeting_timeout_seconds: 'HOST_WAIT_MAX',
  max_uptime_seconds: 'STAY_MAX',
}
const seconds = z.number().int().positive()

const leaving = z.strictObject(
  {
    // The server splits names at spaces, hyphens and underscores, and compares whole words.
    bot_keywords: z.array(z.string().regex(/^[^\s_-]+$/, 'is not a single word')).optional(),
    authorized_user_not_in_meeting_timeout_seconds: seconds.optional(),
    enable_closed_captions_timeout_seconds: seconds.optional(),
  },
  {
    error: (issue) => {
      const key = issue.code === 'unrecognized_keys' ? issue.keys?.find((name) => ours[name] !== undefined) : undefined
      return key === undefined ? undefined : `${key} is set by ${ours[key]}`
    },
  },
)

const fields = {
  transcription_settings: z
    .strictObject(words)
    .partial()
    .refine(
      (value) => Object.keys(value).length === 1,
      'names one way to turn speech into text, such as {"deepgram": {}}',
    )
    .optional(),
  recording_settings: z
    .strictObject({
      format: z.enum(['mp3', 'mp4', 'none']).optional(),
      view: z.enum(['speaker_view', 'gallery_view', 'speaker_view_no_sidebar']).optional(),
      resolution: z.enum(['1080p', '720p']).optional(),
      reserve_additional_storage: z.boolean().optional(),
    })
    .optional(),
  google_meet_settings: z
    .strictObject({ ...login, ui_interaction_mode: z.enum(['robotic', 'humanized']).optional() })
    .optional(),
  teams_settings: z.strictObject(login).optional(),
  zoom_settings: z
    .strictObject({
      sdk: z.enum(['web', 'native']).optional(),
      meeting_settings: z
        .strictObject({
          allow_participants_to_unmute_self: z.boolean(),
          allow_participants_to_share_whiteboard: z.boolean(),
          allow_participants_to_request_cloud_recording: z.boolean(),
          allow_participants_to_request_local_recording: z.boolean(),
          allow_participants_to_share_screen: z.boolean(),
          allow_participants_to_chat: z.boolean(),
          enable_focus_mode: z.boolean(),
        })
        .partial()
        .optional(),
      onbehalf_token: z.strictObject({ zoom_oauth_connection_user_id: z.string().min(1) }).optional(),
    })
    .optional(),
  callback_settings: z
    .strictObject({ zoom_tokens_url: z.url({ protocol: /^https$/, error: 'is not an https address' }) })
    .optional(),
  automatic_leave_settings: leaving.optional(),
}

const schema = z
  .strictObject({
    ...fields,
    google_meet: z.strictObject(fields).optional(),
    teams: z.strictObject(fields).optional(),
    zoom: z.strictObject(fields).optional(),
  })
  .refine(
    ({ zoom, zoom_settings: general }) =>
      zoom?.transcription_settings?.meeting_closed_captions === undefined ||
      (zoom.zoom_settings ?? general)?.sdk === 'web',
    { path: ['zoom', 'transcription_settings'], message: 'captions of Zoom need "zoom_settings": {"sdk": "web"}' },
  )

/** What bots of an Attendee server are ordered with besides, in its own words; below a platform's name what differs there. */
export type AttendeeSettings = z.infer<typeof schema>

/** ATTENDEE_SETTINGS: JSON. What is wrong is said with its place, and without showing any of it. */
export const attendeeSettings = z.string().transform((text, context): AttendeeSettings => {
  const refuse = (message: string): never => {
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  }
  const json = readJson(text)
  if (json === undefined) return refuse('is not JSON')
  const read = schema.safeParse(json)
  if (read.success) return read.data
  const [issue] = read.error.issues
  const place = issue?.path.join('.') || 'its top'
  return refuse(`is wrong at ${place}: ${issue?.message ?? 'not understood'}`)
})

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
