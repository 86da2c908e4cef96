import type { Clock } from '../../../base/clock.ts'
import { newBotId } from '../../../base/ids.ts'
import { lockNames, type Transaction } from '../../../platform/db/index.ts'
import {
  announceBot,
  attendedAt,
  type Bot,
  insertBots,
  isFinal,
  lockBotsOfMeetings,
  moveBot,
  raiseFence,
  runnerTraits,
} from '../../bots/index.ts'
import type { Meeting } from '../../meetings/index.ts'
import { type BotAtMeeting, lockBot, lockOccupant, wasSentAway } from './held-bot-store.ts'

/** The bot that has a room's seat, as far as another takes it under its job. */
export type Occupant = Pick<Bot, 'jobId' | 'holder' | 'runner'>

/**
 * One bot of ours in a room: a bot that is about to be staged while another one has the room's seat is given to the worker that holds
 * that one, under its job. That worker hands the seat on when the later meeting begins. Answers whether it was given away.
 */
export async function giveToOccupant(deps: { clock: Clock }, trx: Transaction, bot: Bot): Promise<boolean> {
  if (!runnerTraits[bot.runner].sharesSeat) return false
  await lockNames(trx, [`seat ${bot.roomKey}`])
  const occupant = await lockOccupant(trx, bot)
  if (!occupant?.jobId) return false
  await takeUnder(deps, trx, bot, occupant)
  await announceBot(trx, bot.id)
  return true
}

/**
 * Takes a scheduled bot of the same room under the job of the one that has its seat, so that the seat is kept for it. Undefined where it is
 * scheduled no more; its own job is then somebody's. The caller cancels that job in the same transaction.
 */
export async function takeNextInRoom(
  deps: { clock: Clock },
  trx: Transaction,
  input: { botId: string; occupant: Pick<Bot, 'jobId' | 'holder'> },
): Promise<BotAtMeeting | undefined> {
  const found = await lockBot(trx, input.botId)
  if (found?.bot.state !== 'scheduled' || found.bot.wanted !== 'attend') return undefined
  const bot = await takeUnder(deps, trx, found.bot, input.occupant)
  return bot && { ...found, bot: { ...found.bot, ...bot } }
}

async function takeUnder(
  deps: { clock: Clock },
  trx: Transaction,
  bot: Bot,
  { jobId, holder }: Pick<Bot, 'jobId' | 'holder'>,
): Promise<Bot | undefined> {
  const now = deps.clock.now()
  const taken = await raiseFence(trx, bot, { holder, jobId }, now)
  if (taken.state === 'staged') return taken
  const state = await moveBot(trx, { bot: taken, event: 'staged', detail: { seat: 'shared' }, now })
  return state === null ? undefined : { ...taken, state }
}

/**
 * A bot for a meeting that has come to hold a room in which another's bot sits, under that one's job: the one scheduled for it, whose own job is
 * answered and to be cancelled, else a new one. Undefined where somebody else has its bot, or a person or the host said no to one. The meeting
 * must be one that is attended.
 */
export async function seatMeeting(
  deps: { clock: Clock },
  trx: Transaction,
  input: { meeting: Meeting; roomKey: string; occupant: Occupant },
): Promise<{ botId: string; jobId: string | null } | undefined> {
  const { meeting, roomKey, occupant } = input
  const { id: meetingId } = meeting
  const bots = await lockBotsOfMeetings(trx, [meetingId])
  const live = bots.filter(({ state, wanted }) => !isFinal(state) && wanted === 'attend')
  const scheduled = live.find(({ state, runner }) => state === 'scheduled' && runner === occupant.runner)
  if (scheduled?.roomKey === roomKey) {
    const taken = await takeUnder(deps, trx, scheduled, occupant)
    return taken && { botId: scheduled.id, jobId: scheduled.jobId }
  }
  if (live.length > 0 || (await wasSentAway(trx, meetingId))) return undefined
  const now = deps.clock.now()
  const bot: Bot = {
    ...{ id: newBotId(), meetingId, roomKey, state: 'staged', joinAt: now },
    // Where it holds the room before its time there, that time is still to have its bot.
    attendsAt: new Date(Math.min(attendedAt(meeting).getTime(), now.getTime())),
    ...{ fence: 1, wanted: 'attend', ...occupant },
  }
  await insertBots(trx, [bot], now)
  return { botId: bot.id, jobId: null }
}

/**
 * Hands the seat in a room from one meeting's bot to the next one's, without anybody leaving. False, and nothing written, where one of them is
 * not ours any more or not in its place.
 */
export async function passOnSeat(
  deps: { clock: Clock },
  trx: Transaction,
  { from, to }: { from: Bot; to: Bot },
): Promise<boolean> {
  const now = deps.clock.now()
  const [a, b] = [await lockBot(trx, from.id), await lockBot(trx, to.id)]
  if (a?.bot.fence !== from.fence || b?.bot.fence !== to.fence) return false
  if (b.bot.state === 'joined_recording') return true
  if (a.bot.state !== 'joined_recording' || b.bot.state !== 'staged' || b.bot.wanted !== 'attend') return false
  await moveBot(trx, { bot: a.bot, event: 'left_meeting', end: 'handed_on', now })
  await moveBot(trx, { bot: b.bot, event: 'continued', note: 'continued', now })
  return true
}
