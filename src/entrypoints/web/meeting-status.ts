import { type BotState, type BotView, botStates } from '../../features/bots/index.ts'
import type { Meeting, Reason } from '../../features/meetings/index.ts'
import type { MeetingStatus } from './status.ts'

type StatusMeeting = Pick<Meeting, 'decision' | 'reason' | 'endsAt'>

/** The status of a meeting: its bot's, where it has one, else what was decided. */
export function statusOf(
  meeting: StatusMeeting,
  bot: Pick<BotView, 'state' | 'lastSubType'> | undefined,
  now: Date,
): MeetingStatus {
  const state = botStates.find((known) => known === bot?.state)
  if (bot && state && state !== 'cancelled') return statusOfBot[state](meeting, bot.lastSubType, now)
  if (meeting.decision === 'attend') return meeting.endsAt <= now ? 'missed' : 'planned'
  if (meeting.decision === 'skip') return calledOff.has(meeting.reason) ? 'cancelled' : 'not_planned'
  return 'not_planned'
}

/** The bot that speaks for a meeting: the last one that was not cancelled. Bots come oldest first. */
export function currentBot(bots: readonly BotView[] | undefined): BotView | undefined {
  return bots?.findLast((bot) => bot.state !== 'cancelled')
}

const calledOff: ReadonlySet<Reason> = new Set(['cancelled', 'gone'])

type OfBot = (meeting: StatusMeeting, lastSubType: string | null, now: Date) => MeetingStatus

const statusOfBot: Record<Exclude<BotState, 'cancelled'>, OfBot> = {
  scheduled: (meeting, _, now) => (meeting.endsAt <= now ? 'missed' : 'planned'),
  staged: (meeting, _, now) => (meeting.endsAt <= now ? 'missed' : 'planned'),
  joining: () => 'joining',
  waiting_room: () => 'waiting',
  joined_recording: () => 'recording',
  leaving: () => 'processing',
  post_processing: () => 'processing',
  // "Delivered" means evidence of a delivery, and nothing delivers yet.
  ended: () => 'unknown',
  fatal_error: (_, lastSubType) => (lastSubType === 'bot_not_launched' ? 'missed' : 'failed'),
}

/** What a status means for whoever reads it, where the decision does not say it already. */
export function explainStatus(status: MeetingStatus): string | null {
  return meanings[status] ?? null
}

const meanings: Partial<Record<MeetingStatus, string>> = {
  waiting: 'Somebody in the meeting has to let the bot in.',
  no_sound: 'The bot is in the meeting and hears nothing.',
  missed: 'It should have had a bot and got none.',
  failed: 'Its bot tried and did not succeed.',
}
