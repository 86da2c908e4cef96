import { constantTimeEquals } from '../../../platform/secrets/index.ts'
import type { ChannelState } from './channel.ts'

/** What a provider says over a channel: that something changed, never what. */
export interface PushNotice {
  channelId: string
  /** The secret that was given to the provider with the channel; undefined where the caller sent none. */
  secret: string | undefined
  resourceId: string
  /** `sync` opens a channel; everything else says that something changed. */
  kind: 'sync' | 'changed'
}

/** `heard` marks the calendar and wakes its sync; nothing else has an effect on it. */
export type NoticeOutcome = 'heard' | 'opened' | 'unknown_channel' | 'wrong_secret' | 'wrong_resource' | 'calendar_gone'

/** The stored side of a channel, as far as a notice is judged by it. */
export interface KnownChannel {
  id: string
  calendarId: string
  state: ChannelState
  secretHash: string
  resourceId: string | null
  isCalendarConnected: boolean
  /** Whether something came over it before. */
  hasDelivered: boolean
  /** Whether no notice has come for its calendar since one was lost. */
  isSilent: boolean
}

/** Whether a notice is what it claims to be. The first one may come before the provider has said what it calls the watched thing. */
export function judgeNotice(
  notice: PushNotice,
  channel: KnownChannel | undefined,
  hashSecret: (secret: string) => string,
): NoticeOutcome {
  if (!channel) return 'unknown_channel'
  if (!constantTimeEquals(hashSecret(notice.secret ?? ''), channel.secretHash)) return 'wrong_secret'
  if (channel.resourceId !== null && channel.resourceId !== notice.resourceId) return 'wrong_resource'
  if (!channel.isCalendarConnected) return 'calendar_gone'
  return notice.kind === 'sync' ? 'opened' : 'heard'
}
