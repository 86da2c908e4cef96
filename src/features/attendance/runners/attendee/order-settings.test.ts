import { expect, test } from 'vitest'
import { keywordsOf, mediaFormatFor, settingsFor } from './order-settings.ts'

const captions = { meeting_closed_captions: { google_meet_language: 'de-DE' } }

test('without settings sound alone is recorded, and everything else is as the server has it', () => {
  expect(settingsFor({}, 'google_meet')).toEqual({ recording_settings: { format: 'mp3' } })
})

test('what differs at a platform takes the place of what counts everywhere, field by field', () => {
  const deepgram = { deepgram: { language: 'de' } }
  const settings = {
    transcription_settings: captions,
    recording_settings: { format: 'none' as const },
    zoom: { transcription_settings: deepgram },
  }
  expect(settingsFor(settings, 'teams').transcription_settings).toEqual(captions)
  expect(settingsFor(settings, 'zoom')).toEqual({
    transcription_settings: deepgram,
    recording_settings: { format: 'none' },
  })
  expect(mediaFormatFor({ ...settings, teams: { recording_settings: { format: 'mp4' } } }, 'teams')).toBe('mp4')
})

test('what means one platform goes to no other, and captions go to Zoom only in a browser', () => {
  const settings = {
    transcription_settings: captions,
    google_meet_settings: { use_login: true },
    teams_settings: { use_login: true },
    zoom_settings: { meeting_settings: {} },
    callback_settings: { zoom_tokens_url: 'https://tokens.example.com/' },
  }
  const names = (platform: 'google_meet' | 'teams' | 'zoom') => Object.keys(settingsFor(settings, platform)).sort()
  expect(names('google_meet')).toEqual(['google_meet_settings', 'recording_settings', 'transcription_settings'])
  expect(names('teams')).toEqual(['recording_settings', 'teams_settings', 'transcription_settings'])
  expect(names('zoom')).toEqual(['callback_settings', 'recording_settings', 'zoom_settings'])
  const web = { ...settings, zoom_settings: { sdk: 'web' as const } }
  expect(settingsFor(web, 'zoom').transcription_settings).toEqual(captions)
})

test('other bots are told by the words that are set and by names of one word, each once; no word of a longer name is taken', () => {
  expect(keywordsOf(['notetaker'], ['read.ai', 'Otter Pilot', 'ana-bot', 'notetaker'])).toEqual([
    'notetaker',
    'read.ai',
  ])
  expect(keywordsOf([], [])).toEqual([])
})
