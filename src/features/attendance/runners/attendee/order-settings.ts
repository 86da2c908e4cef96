import type { AttendeeSettings } from '../../../../platform/config/index.ts'
import type { Platform } from '../../../meetings/index.ts'

type Fields = Omit<AttendeeSettings, 'google_meet' | 'teams' | 'zoom'>

/** Fields that mean one platform; a sandbox's rooms stand for all of them. */
const meant: Partial<Record<keyof Fields, Platform>> = {
  google_meet_settings: 'google_meet',
  teams_settings: 'teams',
  zoom_settings: 'zoom',
  callback_settings: 'zoom',
}

/** What a bot at a platform is ordered with besides, in the server's words. Sound alone is recorded unless something else is asked for. Pure. */
export function settingsFor(settings: AttendeeSettings, platform: Platform): Fields {
  const { google_meet, teams, zoom, ...general } = settings
  const own: Fields = { google_meet, teams, zoom }[platform as 'google_meet' | 'teams' | 'zoom'] ?? {}
  const fields: Fields = { ...general, ...own }
  for (const [name, one] of Object.entries(meant) as [keyof Fields, Platform][])
    if (platform !== one && platform !== 'sandbox') delete fields[name]
  // Zoom's own software has no captions for it, and the server would refuse the bot.
  const hasCaptions = fields.transcription_settings?.meeting_closed_captions !== undefined
  if (platform === 'zoom' && hasCaptions && fields.zoom_settings?.sdk !== 'web') delete fields.transcription_settings
  return { ...fields, recording_settings: { format: 'mp3', ...fields.recording_settings } }
}

/** What is kept of a bot's recording: `none` where its words are all there is to be. */
export function mediaFormatFor(settings: AttendeeSettings, platform: Platform): 'mp3' | 'mp4' | 'none' {
  return settingsFor(settings, platform).recording_settings?.format ?? 'mp3'
}

/**
 * Words by which the server tells bots that are no company: those of its settings, and names of other bots. It compares single words of a name, so
 * one of several is left out: each word of it by itself would be somebody's. Pure.
 */
export function keywordsOf(set: readonly string[], otherBotNames: readonly string[]): string[] {
  return [...new Set([...set, ...otherBotNames.filter((name) => /^[^\s_-]+$/.test(name))])]
}
