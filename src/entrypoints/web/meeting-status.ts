import { type Capacity, explainUnfit, findUnfit, whatItWaitsFor } from '../../features/attendance/index.ts'
import {
  type BotState,
  type BotView,
  botStates,
  explainEnd,
  isFinal,
  isRefusal,
  wasNeverSent,
} from '../../features/bots/index.ts'
import { type Explanation, explanationOf, type Meeting, type Reason } from '../../features/meetings/index.ts'
import type { MeetingStatus } from './status.ts'
import type { WebDeps } from './web-deps.ts'

type StatusMeeting = Pick<Meeting, 'decision' | 'reason' | 'endsAt'>

/** The status of a meeting: its bot's, where it has one, else what was decided. */
export function statusOf(
  meeting: StatusMeeting,
  bot: StatusBot | undefined,
  { isHeard, now }: { isHeard: boolean; now: Date },
): MeetingStatus {
  const state = botStates.find((known) => known === bot?.state)
  if (bot && state && state !== 'cancelled') return statusOfBot[state](meeting, { ...bot, isHeard }, now)
  if (meeting.decision === 'attend') return meeting.endsAt <= now ? 'missed' : 'planned'
  if (meeting.decision === 'skip') return calledOff.has(meeting.reason) ? 'cancelled' : 'not_planned'
  return 'not_planned'
}

/** The bot that speaks for a meeting: the last one that was not cancelled. Bots come oldest first. */
export function currentBot(bots: readonly BotView[] | undefined): BotView | undefined {
  return bots?.findLast((bot) => bot.state !== 'cancelled')
}

const calledOff: ReadonlySet<Reason> = new Set(['cancelled', 'gone'])

type StatusBot = Pick<BotView, 'state' | 'outcome' | 'awaitsWords'>
type OfBot = (meeting: StatusMeeting, bot: StatusBot & { isHeard: boolean }, now: Date) => MeetingStatus

const statusOfBot: Record<Exclude<BotState, 'cancelled'>, OfBot> = {
  scheduled: (meeting, _, now) => (meeting.endsAt <= now ? 'missed' : 'planned'),
  staged: (meeting, _, now) => (meeting.endsAt <= now ? 'missed' : 'planned'),
  joining: () => 'joining',
  waiting_room: () => 'waiting',
  joined_recording: () => 'recording',
  leaving: () => 'processing',
  post_processing: () => 'processing',
  // "Attended" means that something was recorded or heard.
  ended: (_, { isHeard, awaitsWords, outcome }) => {
    if (isHeard) return 'attended'
    if (awaitsWords) return 'processing'
    return outcome === 'stopped' || outcome === 'cancelled' ? 'cancelled' : 'no_sound'
  },
  fatal_error: (_, { outcome }) => (wasNeverSent(outcome) ? 'missed' : 'failed'),
}

/** How a meeting stands: a status, and a sentence where the decision does not say it already. */
export interface Standing {
  status: MeetingStatus
  sentence: string | null
}

/** What else says how a meeting stands. */
interface StandingFacts {
  capacity: Capacity
  /** Whether anything was recorded or heard. */
  isHeard: boolean
  now: Date
  /** Why its link is not taken by the server that is to attend it; null where it is. */
  unfit?: string | null
}

/** How a meeting stands with its bots, oldest first. */
export function standingOf(
  meeting: StatusMeeting,
  bots: readonly BotView[] | undefined,
  { capacity, isHeard, now, unfit = null }: StandingFacts,
): Standing {
  const bot = currentBot(bots)
  const status = statusOf(meeting, bot, { isHeard, now })
  const waitsFor = bot && status === 'planned' ? whatItWaitsFor(bot, capacity, now) : undefined
  if (waitsFor?.what === 'worker')
    return { status, sentence: 'Its bot is due, and no worker is running that could launch it.' }
  if (waitsFor)
    return {
      status: 'no_place',
      sentence: `${waitsFor.taken} of ${waitsFor.of} places for bots are taken; it gets the next that is free.`,
    }
  const why = bot && isFinal(bot.state as BotState) && status !== 'attended' && explainEnd(bot.end, bot)
  const sentences = [
    meanings[status],
    why,
    bot?.awaitsWords && STILL_MADE,
    bots?.some((one) => one.mayBeInRoom) && MAY_BE_THERE,
    isToCome(meeting, status, now) && (explainRefusals(bots) ?? unfit),
  ]
  return { status, sentence: sentences.filter(Boolean).join(' ') || null }
}

function isToCome({ decision, endsAt }: StatusMeeting, status: MeetingStatus, now: Date): boolean {
  return endsAt > now && (status === 'planned' || (status === 'not_planned' && decision === 'observe'))
}

/** Why a server refused the last attempt, which is followed by another; null where it did not. */
function explainRefusals(bots: readonly BotView[] | undefined): string | null {
  const last = bots?.findLast(({ end }) => end !== null)
  return last?.end && isRefusal(last.end) ? `${explainEnd(last.end, last)} It is tried again.` : null
}

/** Why the Attendee server that is to attend a meeting takes no such link; null where it takes it, or another attends it. */
export function unfitOf(
  { attendee }: Pick<WebDeps, 'attendee'>,
  { platform, meetingUrl }: Pick<Meeting, 'platform' | 'meetingUrl'>,
): string | null {
  const unfit = attendee?.attends(platform) ? findUnfit(platform, meetingUrl) : undefined
  return unfit === undefined ? null : explainUnfit(unfit)
}

const STILL_MADE = 'The Attendee server is still making its words and its recording.'
const MAY_BE_THERE =
  'The Attendee server has not said yet that every bot of ours has left; they are asked to until it does.'

const meanings: Partial<Record<MeetingStatus, string>> = {
  waiting: 'Somebody in the meeting has to let the bot in.',
  no_sound: 'Nothing was recorded.',
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
  no_sound: 'Not recorded',
  cancelled: 'Not recorded',
  processing: 'Being processed',
  attended: 'Attended',
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
