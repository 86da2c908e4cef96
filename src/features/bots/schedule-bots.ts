import { randomInt, randomUUID } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import { newBotId } from '../../base/ids.ts'
import { SECOND_MS } from '../../base/time.ts'
import type { Transaction } from '../../platform/db/index.ts'
import type { JobRequest } from '../../platform/jobs/index.ts'
import { type BotChanges, latestJoinOf, type Meeting, type Origin, type Reason } from '../meetings/index.ts'
import { attendedAt, type Bot } from './bot.ts'
import type { BotEnd } from './bot-end.ts'
import { NOT_YET_LAUNCHED } from './bot-outcome.ts'
import { isFinal, isWaitingToBegin } from './bot-state.ts'
import {
  insertBots,
  type LockedBot,
  lockBotsOfMeetings,
  moveBot,
  rescheduleStagedBot,
  wantOfBot,
  writeAttendsAt,
} from './bot-store.ts'
import { attendMeetingJob, jobPriority } from './jobs.ts'
import { type RunnerName, runnerTraits } from './runner-traits.ts'
import type { SittingLimits } from './sitting-limits.ts'

/** So long before its time nobody can tell whether a bot is still to be stopped. */
const ABOUT_TO_JOIN_MS = 5 * SECOND_MS

/** A job that waits for its time, with the id by which it can be moved. */
export interface TimedJob {
  id: string
  request: JobRequest<{ meetingId: string }> & { startAfter: Date }
}

export interface ScheduleBotsDeps {
  clock: Clock
  limits: SittingLimits
  runnerOf(platform: string): RunnerName | undefined
  sendTimed(trx: Transaction, jobs: readonly TimedJob[]): Promise<void>
  moveTimed(trx: Transaction, job: TimedJob): Promise<void>
  cancelTimed(trx: Transaction, jobIds: readonly string[]): Promise<void>
}

/**
 * Brings the bots of planned meetings in step with the plan: one scheduled bot for each meeting that is attended, moved with it, and
 * cancelled when it is not attended any more. From staging on a worker holds the bot, whose job is never cancelled: it is told what is
 * wanted, and does it. From staging on no bot changes its room, and one that has begun is not moved to a later time: where its meeting is, it
 * lingers, and the meeting gets a new bot. Run twice it changes nothing.
 * Answers what became of bots.
 */
export async function scheduleBots(
  deps: ScheduleBotsDeps,
  trx: Transaction,
  meetings: readonly Meeting[],
  origin: Origin,
): Promise<BotChanges> {
  const bots = Map.groupBy(
    await lockBotsOfMeetings(
      trx,
      meetings.map((meeting) => meeting.id),
    ),
    (bot) => bot.meetingId,
  )
  const created: { bot: Bot; job: TimedJob }[] = []
  const cancelledJobs: string[] = []
  const changes: BotChanges = { made: 0, moved: 0, calledOff: 0 }
  for (const meeting of meetings.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    const ofMeeting = bots.get(meeting.id) ?? []
    const live = ofMeeting.filter((bot) => !isFinal(bot.state))
    if (meeting.decision === 'attend') {
      const own = await chooseBot(deps, trx, live, meeting)
      cancelledJobs.push(...own.jobIds)
      if (own.bot && (await follow(deps, trx, own.bot, meeting))) changes.moved += 1
      const attempts = await takeAlong(trx, ofMeeting, own.bot, meeting)
      if (!own.bot && needsBot(deps, meeting, attempts)) created.push(newBot(deps, meeting, origin))
      continue
    }
    for (const bot of live) {
      const { isNew, jobIds } = await callOff(deps, trx, bot, meeting)
      cancelledJobs.push(...jobIds)
      if (isNew) changes.calledOff += 1
    }
  }
  await insertBots(
    trx,
    created.map(({ bot }) => bot),
    deps.clock.now(),
  )
  await deps.cancelTimed(trx, cancelledJobs)
  await deps.sendTimed(
    trx,
    created.map(({ job }) => job),
  )
  return { ...changes, made: created.length }
}

/** A meeting that had its bot at this time and in this room gets no second one here; one that moved to another room or time does. */
function needsBot({ limits, clock }: ScheduleBotsDeps, meeting: Meeting, earlier: readonly LockedBot[]): boolean {
  if (latestJoinOf(meeting, limits.lateJoinMs) <= clock.now().getTime()) return false
  const atMs = attendedAt(meeting).getTime()
  return !earlier.some(
    ({ roomKey, attendsAt, state, outcome }) =>
      roomKey === meeting.roomKey &&
      attendsAt.getTime() === atMs &&
      state !== 'cancelled' &&
      !isWaitingToBegin(state) &&
      !(outcome !== null && NOT_YET_LAUNCHED.includes(outcome)),
  )
}

/**
 * Takes the attempts at a meeting along to an earlier time in the same room, at which they were in its midst: its bot that has begun, and those that
 * ended when their time had come. One that was lost before was for its own time alone, and a meeting that moves to a later one has not had its bot
 * there. Answers the bots as they are then.
 */
async function takeAlong(
  trx: Transaction,
  bots: readonly LockedBot[],
  own: Bot | undefined,
  meeting: Meeting,
): Promise<LockedBot[]> {
  const time = attendedAt(meeting)
  const wasThere = (bot: LockedBot) =>
    bot.id === own?.id ? !isWaitingToBegin(bot.state) : isFinal(bot.state) && bot.stateAt >= bot.attendsAt
  const taken = new Set(
    bots.filter((bot) => bot.roomKey === meeting.roomKey && bot.attendsAt > time && wasThere(bot)).map(({ id }) => id),
  )
  await writeAttendsAt(trx, [...taken], time)
  return bots.map((bot) => (taken.has(bot.id) ? { ...bot, attendsAt: time } : bot))
}

/**
 * The live bot that attends a meeting from now on: one that sits in its room already, else the one it has, if that one can still go there. The
 * others linger, or are cancelled with the jobs answered.
 */
async function chooseBot(
  deps: ScheduleBotsDeps,
  trx: Transaction,
  live: readonly LockedBot[],
  meeting: Meeting,
): Promise<{ bot: Bot | undefined; jobIds: string[] }> {
  const now = deps.clock.now()
  const time = attendedAt(meeting)
  const canGo = (bot: Bot) => {
    if (bot.state === 'scheduled') return true
    if (bot.roomKey !== meeting.roomKey) return false
    if (bot.state === 'staged' && bot.runner !== runnerFor(deps, meeting, bot)) return false
    return time <= bot.attendsAt || !hasBegun(bot, now) || (time <= now && !hasLeft(bot))
  }
  const isThere = (bot: Bot) => bot.state === 'joined_recording' && canGo(bot)
  const bot = live.find(isThere) ?? live.find((one) => one.wanted !== 'linger' && canGo(one))
  const jobIds: string[] = []
  for (const other of live) {
    if (other === bot) continue
    if (other.state !== 'scheduled') await wantOfBot(trx, other, 'linger', now)
    else jobIds.push(...(await cancelScheduled(trx, other, undefined, now)))
  }
  return { bot, jobIds }
}

/** Whether a bot is in its room or on its way there, or may be before its worker hears of another time. */
function hasBegun(bot: Bot, now: Date): boolean {
  return bot.state !== 'staged' || bot.joinAt.getTime() - ABOUT_TO_JOIN_MS <= now.getTime()
}

/** Whether it has been in its room as long as it will be: its meeting has had it if it began no later. */
function hasLeft(bot: Bot): boolean {
  return bot.state === 'leaving' || bot.state === 'post_processing'
}

function runnerFor(deps: ScheduleBotsDeps, meeting: Meeting, bot: Bot): RunnerName {
  return deps.runnerOf(meeting.platform) ?? bot.runner
}

function newBot(deps: ScheduleBotsDeps, meeting: Meeting, origin: Origin): { bot: Bot; job: TimedJob } {
  const joinAt = attendedAt(meeting)
  const bot: Bot = {
    id: newBotId(),
    meetingId: meeting.id,
    roomKey: meeting.roomKey,
    runner: deps.runnerOf(meeting.platform) ?? 'browser',
    state: 'scheduled',
    joinAt,
    attendsAt: joinAt,
    fence: 0,
    wanted: 'attend',
    jobId: randomUUID(),
    holder: null,
    // A person's word is why there is one at all, whatever led to planning it now.
    origin: meeting.reason === 'sent_by_person' ? 'person' : origin,
  }
  return { bot, job: attendJobOf(bot) }
}

/**
 * The job that attends with a bot, due for staging or at another time. Its key is its own id: a job that is given back is sent while the one
 * before is still held, and what makes it the bot's only one is the bot's row, and that a meeting has one live bot.
 */
export function attendJobOf(
  bot: Pick<Bot, 'id' | 'meetingId' | 'runner' | 'joinAt' | 'jobId' | 'state' | 'origin'>,
  startAfter: Date = stagingTimeOf(bot),
): TimedJob {
  const payload = { meetingId: bot.meetingId }
  const id = bot.jobId ?? randomUUID()
  const order = { group: bot.runner, priority: jobPriority(bot) }
  return { id, request: { job: attendMeetingJob, payload, key: id, startAfter, ...order } }
}

function stagingTimeOf({ joinAt, runner }: Pick<Bot, 'joinAt' | 'runner'>): Date {
  const { leastMs: least, mostMs: most } = runnerTraits[runner].stagedBefore
  return new Date(joinAt.getTime() - randomInt(least, most))
}

async function callOff(
  deps: ScheduleBotsDeps,
  trx: Transaction,
  bot: Bot,
  meeting: Meeting,
): Promise<{ isNew: boolean; jobIds: string[] }> {
  const now = deps.clock.now()
  if (bot.state === 'scheduled') return { isNew: true, jobIds: await cancelScheduled(trx, bot, meeting.reason, now) }
  if (bot.wanted === 'leave') return { isNew: false, jobIds: [] }
  // A link that vanishes from the calendars does not end what goes on in the room.
  const staysOn = bot.state === 'joined_recording' && (meeting.reason === 'gone' || meeting.reason === 'merged')
  await wantOfBot(trx, bot, staysOn ? 'linger' : 'leave', now)
  return { isNew: !staysOn, jobIds: [] }
}

/** `decision`: the reason of a decision against its meeting. */
async function cancelScheduled(trx: Transaction, bot: Bot, decision: Reason | undefined, now: Date): Promise<string[]> {
  const end: BotEnd = decision === 'stopped_by_person' ? decision : 'not_wanted'
  const detail = decision === undefined ? {} : { decision }
  await moveBot(trx, { bot, event: 'cancelled', end, detail, set: { jobId: null }, now })
  return bot.jobId === null ? [] : [bot.jobId]
}

async function follow(deps: ScheduleBotsDeps, trx: Transaction, bot: Bot, meeting: Meeting): Promise<boolean> {
  const now = deps.clock.now()
  // It was called off and is wanted again before it was out.
  await wantOfBot(trx, bot, 'attend', now)
  const joinAt = attendedAt(meeting)
  const isInStep = bot.attendsAt.getTime() === joinAt.getTime() && bot.roomKey === meeting.roomKey
  if (isInStep || !isWaitingToBegin(bot.state)) return false
  const detail = { from: bot.joinAt.toISOString(), to: joinAt.toISOString() }
  if (bot.state === 'staged') {
    await rescheduleStagedBot(trx, { bot, joinAt, detail, now })
    return true
  }
  const set = { joinAt, attendsAt: joinAt, roomKey: meeting.roomKey, runner: runnerFor(deps, meeting, bot) }
  const moved = await moveBot(trx, { bot, event: 'rescheduled', detail, set, now })
  if (moved !== null && bot.jobId !== null)
    await deps.moveTimed(trx, attendJobOf({ ...bot, ...set, origin: 'calendar' }))
  return moved !== null
}
