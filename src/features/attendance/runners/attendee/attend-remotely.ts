import { isAppError } from '../../../../base/errors.ts'
import { MINUTE_MS } from '../../../../base/time.ts'
import {
  type BotEnd,
  type BotHappening,
  type BotState,
  nextState,
  type RemoteInTheWay,
  type RemoteTie,
} from '../../../bots/index.ts'
import { latestJoinOf } from '../../../meetings/index.ts'
import type { Sitting, SittingEvent } from '../runner.ts'
import type { RemoteBot } from './attendee-answers.ts'
import type { AttendeeApi, RemoteOrder } from './attendee-api.ts'
import { launchBot } from './launch-bot.ts'
import { type Pauses, pauseAfterFailure, pauseAfterLook } from './pauses.ts'
import { isAway, sendAway } from './send-away.ts'
import {
  canBeRemoval,
  canLeave,
  deniedRecording,
  endOfLaunch,
  isInRoom,
  isOut,
  translateEvent,
} from './translate-event.ts'

/** From being asked to leave to being out; where it does not leave, others see to it that it does. */
const LEAVING_MS = 5 * MINUTE_MS
/** A bot that is still scheduled so long after its time has a server whose scheduler is dead or full. */
const UNSTAGED_MS = MINUTE_MS
/** The next meeting's bot joins first; the one before leaves when it is in, and after so long at the latest. */
const SUCCESSION_MS = MINUTE_MS
/** A server that does not answer is waited for until the meeting has been over for so long. */
const UNREACHABLE_MS = 15 * MINUTE_MS

/** What is asked of a bot, changed from outside while it attends. */
export interface RemoteWishes {
  leave: BotEnd | undefined
  joinAt: Date
  endsAt: Date
  url: string
  tellsPeople?: boolean
}

interface AttendDeps {
  api: AttendeeApi
  pauses: Pauses
  now(): Date
  pause(ms: number): Promise<void>
  emit(event: SittingEvent): void
  /** Whether this process has let go of the bot, which stays where it is. */
  isLetGo(): boolean
  /** Whether the next meeting's bot is in the room, or late. */
  hasSuccessor(waitsSince: Date): Promise<boolean>
  /** Whether the server may have been asked for the bot before. */
  wasAskedFor(): Promise<boolean>
  /** Undefined where the bot has another holder by now. */
  keepTie(): Promise<RemoteTie | undefined>
  writeRemoteId(id: string): Promise<boolean>
  /** Another key for another bot, the one before being out; false where ours has another holder by now. */
  renewTie(): Promise<boolean>
  /** Whether nobody else has claimed the bot meanwhile. */
  isOurs(): Promise<boolean>
  readReported(): Promise<Set<string>>
  order(url: string): Omit<RemoteOrder, 'joinAt' | 'deduplicationKey'>
  /** Notes that the server's bot is out of its room. */
  noteGone(): Promise<void>
  /** Bots of ours that have to be out of the room before another is asked for. */
  listInTheWay(): Promise<RemoteInTheWay[]>
  noteOtherGone(botId: string): Promise<void>
  /** Who removed the bot from its meeting, by a notice; waits a little for it where notices come. */
  readRemover(eventType: string): Promise<string | undefined>
  /** Of a bot in its room: tells what was said and who came or left since it was asked last, and has it say what it is to say. */
  tellRoom(bot: RemoteBot): Promise<void>
}

/**
 * A bot's life at an Attendee server, as told by the server: has it made or finds it, follows it and passes on what is asked. Resolves when it
 * is out of its room, when it has another holder, or when it was let go of; what it brings is fetched by `seeToAttendeeBot`.
 */
export async function attendRemotely(deps: AttendDeps, sitting: Sitting, wishes: RemoteWishes): Promise<void> {
  const teller = createTeller(deps, sitting.resumesFrom ?? 'staged', await deps.readReported())
  for (;;) {
    const found = await findOrLaunch(deps, teller, wishes, sitting.limits)
    if (found === undefined || deps.isLetGo()) return
    const end = await follow(deps, teller, wishes, found)
    // It could not be at its time as it was: it was taken back, and is made anew.
    if (end !== 'again') return
  }
}

/** The server's bot; undefined where there is none and the story is told, or somebody else has it. */
async function findOrLaunch(
  deps: AttendDeps,
  teller: Teller,
  wishes: RemoteWishes,
  { lateJoinMs }: Sitting['limits'],
): Promise<RemoteBot | undefined> {
  if (!(await deps.wasAskedFor()) && !(await waitForRoom(deps, teller, wishes, lateJoinMs))) return undefined
  const tie = await deps.keepTie()
  if (!tie) return undefined
  const known = tie.remoteId === null ? undefined : await readPatiently(deps, wishes, tie.remoteId)
  if (known === 'unreachable') return giveUp(teller, 'attendee_unreachable')
  if (known) return known
  if (tie.remoteId !== null) return giveUp(teller, 'attendee_forgot')
  const launch = await launchBot({ ...deps, wishes, lateJoinMs, order: () => deps.order(wishes.url) }, tie)
  if (deps.isLetGo()) return undefined
  if ('givenUp' in launch) {
    // Then nothing is there.
    if (wishes.leave !== undefined) await deps.noteGone()
    teller.leave(wishes.leave ?? 'user_requested')
    return undefined
  }
  if ('failed' in launch) {
    const { reason, detail: said, mayExist } = launch.failed
    if (!mayExist) await deps.noteGone()
    teller.move({ event: 'fatal_error', end: endOfLaunch(reason), detail: { said } })
    return undefined
  }
  return (await deps.writeRemoteId(launch.bot.id)) ? launch.bot : undefined
}

/** Until no other bot of ours can be in the room or its lobby; false where the story is told, or somebody else's. */
async function waitForRoom(
  deps: AttendDeps,
  teller: Teller,
  wishes: RemoteWishes,
  lateJoinMs: number,
): Promise<boolean> {
  for (let failures = 0; !deps.isLetGo(); ) {
    const others = await deps.listInTheWay()
    if (others.length === 0) return true
    if (wishes.leave !== undefined) {
      teller.leave(wishes.leave)
      return false
    }
    if (isTooLate(deps, wishes, lateJoinMs)) {
      teller.move({ event: 'fatal_error', end: 'earlier_bot_stayed' })
      return false
    }
    try {
      for (const { botId, overAt, ...tie } of others)
        if (overAt && isAway(await sendAway(deps, { ...tie, overAt }))) await deps.noteOtherGone(botId)
      failures = 0
      if ((await deps.listInTheWay()).length > 0) await deps.pause(deps.pauses.nearMs)
    } catch (error) {
      if (!isAppError(error)) throw error
      if (error.retry === 'never') {
        teller.move({ event: 'fatal_error', end: endOfLaunch(error.code), detail: { said: error.message } })
        return false
      }
      await deps.pause(pauseAfterFailure(deps.pauses, ++failures, error.retryAfterMs))
    }
  }
  return false
}

function isTooLate({ now }: Pick<AttendDeps, 'now'>, wishes: RemoteWishes, lateJoinMs: number): boolean {
  return now().getTime() > latestJoinOf({ startsAt: wishes.joinAt, endsAt: wishes.endsAt }, lateJoinMs)
}

function giveUp(teller: Teller, end: BotEnd): undefined {
  teller.move({ event: 'fatal_error', end })
}

/** Follows a bot to its end; `again` where it was taken back to be made anew. */
async function follow(
  deps: AttendDeps,
  teller: Teller,
  wishes: RemoteWishes,
  first: RemoteBot,
): Promise<'over' | 'again'> {
  let bot = first
  let askedUrl = wishes.url
  let leaveSince: number | undefined
  // Its meeting moved when it could not be moved any more: it is taken back, and nothing of it is told.
  let isRecalled = false
  for (;;) {
    const nowMs = deps.now().getTime()
    isRecalled ||= teller.state === 'staged' && isTooEarly(bot, wishes, nowMs)
    if (isOut(bot)) {
      if (isRecalled) return recallOver(deps, teller, wishes)
      await teller.report(bot, wishes.leave)
      teller.settle(bot)
      await deps.noteGone()
      return 'over'
    }
    if (!isRecalled) await teller.report(bot, wishes.leave)
    if (wishes.leave === undefined && isInRoom(bot) && (await deps.hasSuccessor(new Date(nowMs - SUCCESSION_MS))))
      wishes.leave = 'next_meeting'
    if (wishes.leave !== undefined) {
      leaveSince ??= nowMs
      // Staged and scheduled ones leave when they can.
      if (!canLeave(bot) && bot.state !== 'leaving') leaveSince = nowMs
      if (nowMs - leaveSince > LEAVING_MS) {
        giveUp(teller, 'attendee_did_not_leave')
        return 'over'
      }
    }
    const seesPeople = wishes.tellsPeople === true && isInRoom(bot)
    if (isInRoom(bot)) await deps.tellRoom(bot)
    const asked = await pass(deps, wishes, { bot, askedUrl, isRecalled })
    askedUrl = wishes.url
    if (asked === 'removed') return recallOver(deps, teller, wishes)
    const isAskedToLeave = wishes.leave !== undefined || isRecalled
    const look = { bot, joinAt: wishes.joinAt, isAskedToLeave, seesPeople, now: deps.now() }
    await deps.pause(pauseAfterLook(deps.pauses, look))
    if (deps.isLetGo()) return 'over'
    const next = await readPatiently(deps, wishes, bot.id)
    if (deps.isLetGo()) return 'over'
    if (next === undefined || next === 'unreachable') {
      giveUp(teller, next === undefined ? 'attendee_forgot' : 'attendee_unreachable')
      return 'over'
    }
    bot = next
  }
}

/** It was taken back: made anew where it is still wanted. */
async function recallOver(deps: AttendDeps, teller: Teller, wishes: RemoteWishes): Promise<'over' | 'again'> {
  if (!(await deps.renewTie())) return 'over'
  if (wishes.leave === undefined) return 'again'
  await deps.noteGone()
  teller.leave(wishes.leave)
  return 'over'
}

/** Whether a bot asks for entry, or soon will, at a time that is not its meeting's any more. */
function isTooEarly(bot: RemoteBot, wishes: RemoteWishes, nowMs: number): boolean {
  if (bot.joinAt === null || bot.state === 'scheduled' || bot.state === 'staged') return false
  return wishes.joinAt.getTime() - Math.max(bot.joinAt.getTime(), nowMs) >= NEAREST_MOVE_MS
}

/** Passes on what is wanted now; what the server refuses or fails at is asked again after the next look. */
async function pass(
  deps: AttendDeps,
  wishes: RemoteWishes,
  { bot, askedUrl, isRecalled }: { bot: RemoteBot; askedUrl: string; isRecalled: boolean },
): Promise<'removed' | undefined> {
  const { api } = deps
  const isScheduled = bot.state === 'scheduled'
  const lateMs = bot.joinAt === null ? 0 : deps.now().getTime() - bot.joinAt.getTime()
  try {
    if (wishes.leave !== undefined || isRecalled || (isScheduled && lateMs >= UNSTAGED_MS)) {
      if (isScheduled) return (await api.remove(bot.id)) === 'refused' ? undefined : 'removed'
      if (canLeave(bot)) await api.leave(bot.id)
      return undefined
    }
    const isMoved = bot.joinAt !== null && bot.joinAt.getTime() !== wishes.joinAt.getTime()
    if (!isScheduled || (!isMoved && askedUrl === wishes.url)) return undefined
    if (wishes.joinAt.getTime() - deps.now().getTime() < NEAREST_MOVE_MS)
      return (await api.remove(bot.id)) === 'refused' ? undefined : 'removed'
    await api.move(bot.id, { joinAt: wishes.joinAt, url: wishes.url })
  } catch (error) {
    if (!isAppError(error)) throw error
  }
  return undefined
}

/** A time nearer than this is not asked for; such a bot is made when its time has come. */
const NEAREST_MOVE_MS = 2 * MINUTE_MS

/** A bot as it is now, however long the server takes; undefined where it knows of none, by its id or by its key. */
async function readPatiently(
  deps: AttendDeps,
  wishes: RemoteWishes,
  id: string,
): Promise<RemoteBot | 'unreachable' | undefined> {
  for (let failures = 1; ; failures++) {
    try {
      const bot = await deps.api.read(id)
      if (bot) return bot
      const tie = await deps.keepTie()
      return tie && (await deps.api.findByKey(tie.deduplicationKey))
    } catch (error) {
      if (!isAppError(error)) throw error
      if (deps.now().getTime() > wishes.endsAt.getTime() + UNREACHABLE_MS || deps.isLetGo()) return 'unreachable'
      await deps.pause(pauseAfterFailure(deps.pauses, failures, error.retryAfterMs))
    }
  }
}

type Teller = ReturnType<typeof createTeller>

/** Tells what the server reports, each event once, as far as our states know it; everything else is noted. */
function createTeller(deps: Pick<AttendDeps, 'emit' | 'now' | 'readRemover'>, from: BotState, reported: Set<string>) {
  let state = from

  function move(what: BotHappening): boolean {
    const next = nextState(state, what.event)
    if (next === null) return false
    state = next
    deps.emit({ type: 'moved', at: deps.now(), ...what })
    return true
  }

  return {
    move,
    get state() {
      return state
    },
    async report(bot: RemoteBot, leaveReason: BotEnd | undefined): Promise<void> {
      for (const event of bot.events) {
        const name = `${event.type} ${event.reportedAt}`
        if (reported.has(name)) continue
        reported.add(name)
        const remover = canBeRemoval(event) ? await deps.readRemover(event.type) : undefined
        const told = translateEvent(event, { leaveReason, denied: deniedRecording(bot.events), remover })
        if (!told) continue
        if (told.move && move(told.move)) continue
        const { subType, detail } = told
        deps.emit({ type: 'noted', at: deps.now(), event: event.type, ...(subType ? { subType } : {}), detail })
      }
    },
    /** Brings our state to where an ended bot's is, however few of its events were reported. */
    settle(bot: RemoteBot): void {
      const isFailed = bot.state === 'fatal_error'
      if (!isFailed && (move({ event: 'left_meeting' }) || move({ event: 'meeting_ended', end: 'left_unexplained' })))
        return
      if (state !== 'post_processing') move({ event: 'fatal_error', end: 'failed_unexplained' })
    },
    /** It was taken back before it began. */
    leave(reason: BotEnd): void {
      move({ event: 'leave_requested', end: reason })
      move({ event: 'left_meeting' })
    },
  }
}
