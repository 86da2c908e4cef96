import { randomInt, randomUUID } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import { newBotId } from '../../base/ids.ts'
import type { Transaction } from '../../platform/db/index.ts'
import type { JobRequest } from '../../platform/jobs/index.ts'
import type { BotChanges, Meeting, Origin } from '../meetings/index.ts'
import { type Bot, LATEST_JOIN_BEFORE_END_MS, type RunnerName, STAGING_LEAD_MS } from './bot.ts'
import { isFinal, isWaitingToBegin } from './bot-state.ts'
import { insertBots, moveBot, readBotsOfMeetings, wantOfBot } from './bot-store.ts'
import { attendMeetingJob } from './jobs.ts'

/** A job that waits for its time, with the id by which it can be moved. */
export interface TimedJob {
  id: string
  request: JobRequest<{ meetingId: string }> & { startAfter: Date }
}

export interface ScheduleBotsDeps {
  clock: Clock
  runnerOf(platform: string): RunnerName | undefined
  sendTimed(trx: Transaction, jobs: readonly TimedJob[]): Promise<void>
  moveTimed(trx: Transaction, job: TimedJob): Promise<void>
  cancelTimed(trx: Transaction, jobIds: readonly string[]): Promise<void>
}

/**
 * Brings the bots of planned meetings in step with the plan: one scheduled bot for each meeting that is attended, moved with it, and
 * cancelled when it is not attended any more. A bot that has begun is never moved; it is asked to leave. Run twice it changes nothing.
 * Answers what became of bots.
 */
export async function scheduleBots(
  deps: ScheduleBotsDeps,
  trx: Transaction,
  meetings: readonly Meeting[],
  origin: Origin,
): Promise<BotChanges> {
  const bots = Map.groupBy(
    await readBotsOfMeetings(
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
    const live = ofMeeting.find((bot) => !isFinal(bot.state))
    if (meeting.decision !== 'attend') {
      if (!live) continue
      const { isNew, jobIds } = await callOff(deps, trx, live, meeting)
      cancelledJobs.push(...jobIds)
      if (isNew) changes.calledOff += 1
    } else if (live) {
      if (await follow(deps, trx, live, meeting)) changes.moved += 1
    } else if (needsBot(meeting, ofMeeting, deps.clock.now())) {
      created.push(newBot(deps, meeting, origin))
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

/** At its start; later where a person sends a bot into it. */
function joinAtOf({ startsAt, reason, wishAt }: Meeting): Date {
  return reason === 'sent_by_person' && wishAt !== null && wishAt > startsAt ? wishAt : startsAt
}

/** A meeting that had its bot at this time gets no second one here; one that moved to a later time does. */
function needsBot(meeting: Meeting, earlier: readonly Bot[], now: Date): boolean {
  if (meeting.endsAt.getTime() - LATEST_JOIN_BEFORE_END_MS <= now.getTime()) return false
  return earlier.every((bot) => bot.state === 'cancelled' || bot.joinAt < joinAtOf(meeting))
}

function newBot(deps: ScheduleBotsDeps, meeting: Meeting, origin: Origin): { bot: Bot; job: TimedJob } {
  const runner = deps.runnerOf(meeting.platform) ?? 'browser'
  const job = timedJob(meeting, runner)
  const bot: Bot = {
    id: newBotId(),
    meetingId: meeting.id,
    roomKey: meeting.roomKey,
    runner,
    state: 'scheduled',
    joinAt: joinAtOf(meeting),
    fence: 0,
    wanted: 'attend',
    wantedVersion: 0,
    jobId: job.id,
    // A person's word is why there is one at all, whatever led to planning it now.
    origin: meeting.reason === 'sent_by_person' ? 'person' : origin,
  }
  return { bot, job }
}

function timedJob(meeting: Meeting, runner: RunnerName, id: string = randomUUID()): TimedJob {
  const { least, most } = STAGING_LEAD_MS[runner]
  const startAfter = new Date(joinAtOf(meeting).getTime() - randomInt(least, most))
  return { id, request: { job: attendMeetingJob, payload: { meetingId: meeting.id }, key: meeting.id, startAfter } }
}

async function callOff(
  deps: ScheduleBotsDeps,
  trx: Transaction,
  bot: Bot,
  meeting: Meeting,
): Promise<{ isNew: boolean; jobIds: string[] }> {
  const now = deps.clock.now()
  // A link that vanishes from the calendars does not end what goes on in the room: the bot stays until it is alone.
  if (bot.state === 'joined_recording' && meeting.reason === 'gone') return { isNew: false, jobIds: [] }
  if (!isWaitingToBegin(bot.state)) {
    await wantOfBot(trx, bot.id, 'leave', now)
    return { isNew: bot.wanted !== 'leave', jobIds: [] }
  }
  const moved = await moveBot(trx, { bot, event: 'cancelled', subType: meeting.reason, set: { jobId: null }, now })
  return { isNew: moved !== null, jobIds: moved !== null && bot.jobId !== null ? [bot.jobId] : [] }
}

async function follow(deps: ScheduleBotsDeps, trx: Transaction, bot: Bot, meeting: Meeting): Promise<boolean> {
  const joinAt = joinAtOf(meeting)
  const isInStep = bot.joinAt.getTime() === joinAt.getTime() && bot.roomKey === meeting.roomKey
  const now = deps.clock.now()
  // Somebody said no and then yes, and the bot has not gone yet.
  if (bot.wanted === 'leave') await wantOfBot(trx, bot.id, 'attend', now)
  if (isInStep || !isWaitingToBegin(bot.state)) return false
  const detail = { from: bot.joinAt.toISOString(), to: joinAt.toISOString() }
  const runner = deps.runnerOf(meeting.platform) ?? bot.runner
  const set = { joinAt, roomKey: meeting.roomKey, runner }
  const moved = await moveBot(trx, { bot, event: 'rescheduled', detail, set, now })
  if (moved !== null && bot.jobId !== null) await deps.moveTimed(trx, timedJob(meeting, runner, bot.jobId))
  return moved !== null
}
