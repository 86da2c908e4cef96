import {
  type BotState,
  type BotView,
  botStates,
  type Capacity,
  explainEnd,
  wasNeverSent,
  whatItWaitsFor,
} from '../../features/bots/index.ts'
import { type Explanation, explanationOf, type Meeting, type Reason } from '../../features/meetings/index.ts'
import type { MeetingStatus } from './status.ts'

type StatusMeeting = Pick<Meeting, 'decision' | 'reason' | 'endsAt'>

/** The status of a meeting: its bot's, where it has one, else what was decided. */
export function statusOf(
  meeting: StatusMeeting,
  bot: Pick<BotView, 'state' | 'outcome'> | undefined,
  now: Date,
): MeetingStatus {
  const state = botStates.find((known) => known === bot?.state)
  if (bot && state && state !== 'cancelled') return statusOfBot[state](meeting, bot.outcome, now)
  if (meeting.decision === 'attend') return meeting.endsAt <= now ? 'missed' : 'planned'
  if (meeting.decision === 'skip') return calledOff.has(meeting.reason) ? 'cancelled' : 'not_planned'
  return 'not_planned'
}

/** The bot that speaks for a meeting: the last one that was not cancelled. Bots come oldest first. */
export function currentBot(bots: readonly BotView[] | undefined): BotView | undefined {
  return bots?.findLast((bot) => bot.state !== 'cancelled')
}

const calledOff: ReadonlySet<Reason> = new Set(['cancelled', 'gone'])

type OfBot = (meeting: StatusMeeting, outcome: string | null, now: Date) => MeetingStatus

const statusOfBot: Record<Exclude<BotState, 'cancelled'>, OfBot> = {
  scheduled: (meeting, _, now) => (meeting.endsAt <= now ? 'missed' : 'planned'),
  staged: (meeting, _, now) => (meeting.endsAt <= now ? 'missed' : 'planned'),
  joining: () => 'joining',
  waiting_room: () => 'waiting',
  joined_recording: () => 'recording',
  leaving: () => 'processing',
  post_processing: () => 'processing',
  // "Delivered" means evidence of a delivery, and nothing delivers yet.
  ended: () => 'attended',
  fatal_error: (_, outcome) => (wasNeverSent(outcome) ? 'missed' : 'failed'),
}

/** How a meeting stands: a status, and a sentence where the decision does not say it already. */
export interface Standing {
  status: MeetingStatus
  sentence: string | null
}

/** How a meeting stands with its bots, oldest first. */
export function standingOf(
  meeting: StatusMeeting,
  bots: readonly BotView[] | undefined,
  capacity: Capacity,
  now: Date,
): Standing {
  const bot = currentBot(bots)
  const status = statusOf(meeting, bot, now)
  const waitsFor = bot && status === 'planned' ? whatItWaitsFor(bot, capacity, now) : undefined
  if (waitsFor?.what === 'worker')
    return { status, sentence: 'Its bot is due, and no worker is running that could launch it.' }
  if (waitsFor)
    return {
      status: 'no_place',
      sentence: `${waitsFor.taken} of ${waitsFor.of} places for bots are taken; it gets the next that is free.`,
    }
  const why = bot && (status === 'missed' || status === 'failed') && explainEnd(bot.end, bot)
  return { status, sentence: [meanings[status], why].filter(Boolean).join(' ') || null }
}

const meanings: Partial<Record<MeetingStatus, string>> = {
  waiting: 'Somebody in the meeting has to let the bot in.',
  no_sound: 'The bot is in the meeting and hears nothing.',
  missed: 'It should have had a bot and got none.',
  failed: 'Its bot tried and did not succeed.',
}

/** The decision in parts as pages say it: what became of it takes the place of what was to become of it. */
export function explainStanding(meeting: Meeting, status: MeetingStatus, now: Date): Explanation {
  const explanation = explanationOf(meeting, now)
  const verdict = meeting.decision === 'attend' ? verdicts[status] : undefined
  return verdict === undefined ? explanation : { ...explanation, verdict }
}

const verdicts: Partial<Record<MeetingStatus, string>> = {
  recording: 'Being attended',
  no_sound: 'Being attended',
  processing: 'Attended',
  attended: 'Attended',
  delivered: 'Attended',
  delivered_with_gaps: 'Attended',
}

/** What a person can ask for a meeting that is not over, by its current bot; undefined while that bot is leaving. */
export function askable(
  meeting: Pick<Meeting, 'decision' | 'reason'>,
  bot: Pick<BotView, 'state'> | undefined,
): 'send' | 'send_none' | 'leave' | undefined {
  // The room is another meeting's, whoever asks.
  if (meeting.reason === 'another_meeting_held' || meeting.reason === 'room_closed') return undefined
  if (meeting.decision !== 'attend') return 'send'
  const state = botStates.find((known) => known === bot?.state)
  return state === undefined || state === 'cancelled' ? 'send_none' : askableOfBot[state]
}

const askableOfBot: Record<Exclude<BotState, 'cancelled'>, ReturnType<typeof askable>> = {
  scheduled: 'send_none',
  staged: 'send_none',
  joining: 'leave',
  waiting_room: 'leave',
  joined_recording: 'leave',
  leaving: undefined,
  post_processing: undefined,
  // It came and went, or never came: another may be sent.
  ended: 'send',
  fatal_error: 'send',
}
