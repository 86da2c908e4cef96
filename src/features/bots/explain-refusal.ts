/** What an Attendee server can mean by a refusal, as far as somebody can do something about it. */
export type RefusalKind =
  | 'key'
  | 'zoom_credentials'
  | 'link'
  | 'characters'
  | 'clock'
  | 'settings'
  | 'other_version'
  | 'no_room'
  | 'no_credit'
  | 'key_in_use'
  | 'failed_there'
  | 'busy'
  | 'other'

// Attendee v1.64.1 (August 2026), bots/serializers.py and bots/bots_api_utils.py.
const signs: readonly (readonly [RefusalKind, RegExp])[] = [
  ['zoom_credentials', /zoom.{0,20} credentials are required/i],
  ['link', /invalid meeting url/i],
  ['characters', /emoji|rare script/i],
  ['clock', /join_at cannot be in the past/i],
  ['settings', /\b(?:(?:transcription|recording|google_meet|teams|zoom|callback)_settings|bot_image)[.:]/],
  ['no_room', /maximum number of concurrent bots/i],
  ['no_credit', /out of credits/i],
  ['key_in_use', /deduplication key already in use/i],
  ['failed_there', /an error occurred while creating the bot/i],
  ['other_version', /unexpected (?:field|attribute)|additional properties are not allowed/i],
]

/** Ends that are a refusal of an Attendee server; what it said tells them apart further. */
export const refusalEnds = ['attendee_key_refused', 'attendee_refused', 'attendee_lacks', 'attendee_busy'] as const
type RefusalEnd = (typeof refusalEnds)[number]

export function isRefusal(name: string): name is RefusalEnd {
  return refusalEnds.some((end) => end === name)
}

/** What kind of refusal this is, by its code and the server's own words. */
export function kindOfRefusal(code: string, said: string): RefusalKind {
  if (code === 'attendee_key_refused') return 'key'
  return signs.find(([, sign]) => sign.test(said))?.[0] ?? (code === 'attendee_busy' ? 'busy' : 'other')
}

/** Refusals that are over once somebody has done something at the server, and those that are over by themselves. */
const passing: Partial<Record<RefusalKind, RefusalEnd>> = {
  key: 'attendee_key_refused',
  zoom_credentials: 'attendee_lacks',
  clock: 'attendee_lacks',
  settings: 'attendee_lacks',
  no_credit: 'attendee_lacks',
  failed_there: 'attendee_lacks',
  no_room: 'attendee_busy',
}

/** The end of a bot that was refused so: one that is tried again while its meeting runs, unless the server would say the same for ever. */
export function endOfRefusal(code: string, said: string): RefusalEnd {
  return passing[kindOfRefusal(code, said)] ?? 'attendee_refused'
}

/** What somebody can do about a refusal, as a sentence. */
export function remedyOf(code: string, said: string): string {
  return remedies[kindOfRefusal(code, said)]
}

const remedies: Record<RefusalKind, string> = {
  key: 'Set ATTENDEE_API_KEY to a key of its project that is not disabled, and start Rapporteur again.',
  zoom_credentials:
    'Set the Zoom app’s credentials in the settings of the project at the Attendee server (Settings, Credentials), or leave Zoom out with RUNNERS=zoom=none.',
  link: 'The Attendee server takes no such link. Ask the organiser for another one, or have the meeting recorded otherwise.',
  characters: 'Take emoji and rare characters out of BOT_NAME and BOT_CHAT_MESSAGE.',
  clock:
    'The clock of the Attendee server runs minutes ahead of ours: set both right. Until then bots are made when their meetings begin.',
  settings:
    'Correct ATTENDEE_SETTINGS or ATTENDEE_BOT_IMAGE and start Rapporteur again, or have the server do what they ask for. It may also be of another version than Rapporteur knows (v1.64.1).',
  other_version:
    'The Attendee server is of another version than Rapporteur knows (v1.64.1): bring the older of the two up to date.',
  no_room: 'Raise CONCURRENT_BOTS_LIMIT at the Attendee server, or lower BOTS_MAX here.',
  no_credit: 'Add credit to the account at the Attendee server (Billing).',
  key_in_use: 'A bot of this attempt lives at the Attendee server already; nothing has to be done.',
  failed_there: 'The log of the Attendee server says more.',
  busy: 'Nothing has to be done unless it stays so.',
  other: 'The settings of the project at the Attendee server, or its log, may say more.',
}

/** A refusal in words: what the server said, and what to do. */
export function explainRefusal(code: string, said: string): string {
  const what =
    code === 'attendee_key_refused'
      ? 'The Attendee server refuses ATTENDEE_API_KEY'
      : 'The Attendee server refused to send a bot'
  return `${what}: “${said}”. ${remedyOf(code, said)}`
}

/** Why a server would send no bot, in words: as it refused, or what else went wrong. */
export function explainTrial({ code, said }: { code: string; said: string }): string {
  return isRefusal(code) ? explainRefusal(code, said) : said
}
