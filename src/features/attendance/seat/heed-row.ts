import { type Bot, type BotEnd, isWaitingToBegin, LINGER_MS } from '../../bots/index.ts'
import type { BotAtMeeting } from './held-bot-store.ts'
import { type SittingEnd, STAGED_AT_MOST_MS } from './settle-bot.ts'
import type { Sitter } from './sitter.ts'

/** Takes over what a bot's row says by now of its meeting and its time. */
export function heedRow(sitter: Sitter, { bot, meeting }: BotAtMeeting, now: Date): void {
  const isWaiting = isWaitingToBegin(bot.state)
  const isFar = bot.joinAt.getTime() - now.getTime() > STAGED_AT_MOST_MS
  const { roomKey, meetingUrl } = sitter.meeting
  // A bot stays with its room, wherever its meeting goes.
  sitter.meeting = meeting.roomKey === bot.roomKey ? meeting : { ...meeting, roomKey, meetingUrl }
  sitter.isGivenBack ||= isWaiting && isFar
  if (isWaiting) sitter.bot = { ...sitter.bot, joinAt: bot.joinAt }
}

/** How a bot without the seat is to end by what its row says; undefined where it goes on. */
export function endWithoutSeat(sitter: Sitter, row: Bot): SittingEnd | undefined {
  const isIdle = isWaitingToBegin(row.state) && sitter.fromMs === undefined
  if (isIdle && (sitter.isGivenBack || row.wanted !== 'attend')) return { givesBack: true }
  // It has passed the seat on, and hears to its meeting's end.
  return row.state === 'post_processing' && row.wanted === 'leave' ? {} : undefined
}

/** Why the bot that has the seat is to leave its room, by what is wanted of it; undefined where it stays. */
export function reasonToLeave(bot: Bot & { relievedAt?: Date | null }, now: Date): BotEnd | undefined {
  if (bot.wanted === 'attend') return undefined
  if (bot.wanted === 'leave') return 'user_requested'
  if (bot.state !== 'joined_recording') return 'meeting_moved'
  const sinceMs = bot.relievedAt?.getTime() ?? Number.POSITIVE_INFINITY
  return now.getTime() - sinceMs >= LINGER_MS ? 'relieved' : undefined
}
