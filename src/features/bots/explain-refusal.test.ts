import { expect, test } from 'vitest'
import { endOfRefusal, explainRefusal, kindOfRefusal, type RefusalKind } from './explain-refusal.ts'

const cases: readonly (readonly [kind: RefusalKind, said: string, remedy: string])[] = [
  [
    'zoom_credentials',
    'Zoom App credentials are required to create a Zoom bot. Please add Zoom credentials at https://attendee.example.com/projects/proj_1/credentials',
    'Settings, Credentials',
  ],
  ['link', 'meeting_url: Invalid meeting URL', 'takes no such link'],
  ['characters', 'bot_name: Bot name cannot contain emojis or rare script characters.', 'BOT_NAME'],
  [
    'characters',
    'bot_chat_message.message: Message cannot contain emojis or rare script characters.',
    'BOT_CHAT_MESSAGE',
  ],
  ['clock', 'join_at: join_at cannot be in the past', 'clock'],
  [
    'settings',
    "transcription_settings: Additional properties are not allowed ('diarize' was unexpected)",
    'ATTENDEE_SETTINGS',
  ],
  ['settings', "transcription_settings: 'xx' is not one of ['af-ZA', 'sq-AL']", 'ATTENDEE_SETTINGS'],
  [
    'settings',
    'transcription_settings: CUSTOM_ASYNC_TRANSCRIPTION_URL environment variable is not set.',
    'ATTENDEE_SETTINGS',
  ],
  [
    'settings',
    'recording_settings.reserve_additional_storage: Not supported unless using Kubernetes',
    'ATTENDEE_SETTINGS',
  ],
  ['settings', 'bot_image: Data is not a valid png image.', 'ATTENDEE_BOT_IMAGE'],
  ['other_version', 'Unexpected field(s): teleport. Allowed fields are: bot_name, meeting_url', 'version'],
  ['other_version', 'automatic_leave_settings: Unexpected attribute: teleport', 'version'],
  [
    'no_room',
    'You have exceeded the maximum number of concurrent bots (10) for your account. Please reach out to customer support to increase the limit.',
    'CONCURRENT_BOTS_LIMIT',
  ],
  ['no_credit', 'Organization has run out of credits. Please add more credits in the Account page.', 'credit'],
  ['key_in_use', 'Deduplication key already in use. A bot with this deduplication key already exists.', 'nothing'],
  ['failed_there', 'An error occurred while creating the bot. Error ID: 6f1', 'log'],
  ['other', 'The moon is full.', 'log'],
]

test.each(cases)('%s is known by the server’s words, which are shown with what to do', (kind, said, remedy) => {
  expect(kindOfRefusal('attendee_refused', said)).toBe(kind)
  const sentence = explainRefusal('attendee_refused', said)
  expect(sentence).toContain(`“${said}”`)
  expect(sentence).toContain(remedy)
})

test('a refused key is one whatever the server says', () => {
  expect(explainRefusal('attendee_key_refused', 'HTTP 403')).toContain('refuses ATTENDEE_API_KEY: “HTTP 403”. Set')
})

test('what somebody or time can mend is tried again while the meeting runs, and what the server would say for ever is not', () => {
  const ends = Object.groupBy(cases, ([, said]) => endOfRefusal('attendee_refused', said))
  const kindsOf = (end: keyof typeof ends) => ends[end]?.map(([kind]) => kind)
  expect([...new Set(kindsOf('attendee_lacks'))]).toEqual([
    'zoom_credentials',
    'clock',
    'settings',
    'no_credit',
    'failed_there',
  ])
  expect(kindsOf('attendee_busy')).toEqual(['no_room'])
  expect(kindsOf('attendee_refused')).toContain('link')
  expect(endOfRefusal('attendee_key_refused', 'HTTP 401')).toBe('attendee_key_refused')
})
