import { isAppError } from '../../../../base/errors.ts'
import { MINUTE_MS } from '../../../../base/time.ts'
import type { BotEnd, BotHappening } from '../../bot-end.ts'
import { type BotState, nextState } from '../../bot-state.ts'
import type { Gathered, Sitting, SittingEvent } from '../runner.ts'
import type { RemoteBot } from './attendee-answers.ts'
import type { AttendeeApi, RemoteOrder } from './attendee-api.ts'
import type { RemoteTie } from './attendee-bot-store.ts'
import { launchBot } from './launch-bot.ts'
import { type Pauses, pauseAfterFailure, pauseAfterLook } from './pauses.ts'
import { deniedRecording, endOfLaunch, isInRoom, isOver, translateEvent } from './translate-event.ts'

/** From being asked to leave to being out. */
const LEAVING_MS = 5 * MINUTE_MS
/** From being out to having its results. */
const PROCESSING_MS = 45 * MINUTE_MS
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

export interface AttendDeps {
  api: AttendeeApi
  pauses: Pauses
  now(): Date
  pause(ms: number): Promise<void>
  emit(event: SittingEvent): void
  /** Whether this process has let go of the bot, which stays where it is. */
  isLetGo(): boolean
  /** Whether the next meeting's bot is in the room, or late. */
  hasSuccessor(waitsSince: Date): Promise<boolean>
  /** Undefined where the bot has another holder by now. */
  keepTie(): Promise<RemoteTie | undefined>
  writeRemoteId(id: string | null): Promise<boolean>
  readReported(): Promise<Set<string>>
  order(url: string): Omit<RemoteOrder, 'joinAt' | 'deduplicationKey'>
  gather(bot: RemoteBot): Promise<Gathered | undefined>
  /** Tells who came, left or got a name since it was asked last. */
  tellPeople(bot: RemoteBot): Promise<void>
}

/**
 * A bot's life at an Attendee server, as told by the server: has it made or finds it, follows it, passes on what is asked, and brings its
 * results. Resolves when it is over, when it has another holder, or when it was let go of.
 */
export async function attendRemotely(deps: AttendDeps, sitting: Sitting, wishes: RemoteWishes): Promise<void> {
  const teller = createTeller(deps, sitting.resumesFrom ?? 'staged', await deps.readReported())
  for (;;) {
    const found = await findOrLaunch(deps, teller, wishes, sitting.limits)
    if (found === undefined || deps.isLetGo()) return
    const end = await follow(deps, teller, wishes, found)
    // A time too near to be changed to: it was taken back, and is made anew.
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
  const tie = await deps.keepTie()
  if (!tie) return undefined
  const known = tie.remoteId === null ? undefined : await readPatiently(deps, wishes, tie.remoteId)
  if (known === 'unreachable') return giveUp(teller, 'attendee_unreachable')
  if (known) return known
  if (tie.remoteId !== null) return giveUp(teller, 'attendee_forgot')
  const launch = await launchBot({ ...deps, wishes, lateJoinMs, order: () => deps.order(wishes.url) }, tie)
  if (deps.isLetGo()) return undefined
  if ('givenUp' in launch) {
    teller.leave(wishes.leave ?? 'user_requested')
    return undefined
  }
  if ('failed' in launch) {
    const { reason, detail: said } = launch.failed
    teller.move({ event: 'fatal_error', end: endOfLaunch(reason), detail: { said } })
    return undefined
  }
  return (await deps.writeRemoteId(launch.bot.id)) ? launch.bot : undefined
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
  let processingSince: number | undefined
  for (;;) {
    teller.report(bot, wishes.leave)
    if (isOver(bot)) return finish(deps, teller, bot)
    const nowMs = deps.now().getTime()
    if (bot.state === 'post_processing') processingSince ??= nowMs
    if (processingSince !== undefined && nowMs - processingSince > PROCESSING_MS) return finish(deps, teller, bot)
    if (wishes.leave === undefined && isInRoom(bot) && (await deps.hasSuccessor(new Date(nowMs - SUCCESSION_MS))))
      wishes.leave = 'next_meeting'
    if (wishes.leave !== undefined) {
      leaveSince ??= nowMs
      if (processingSince === undefined && nowMs - leaveSince > LEAVING_MS) {
        giveUp(teller, 'attendee_did_not_leave')
        return 'over'
      }
    }
    const seesPeople = wishes.tellsPeople === true && isInRoom(bot)
    if (seesPeople) await deps.tellPeople(bot)
    const asked = await pass(deps, wishes, bot, askedUrl)
    askedUrl = wishes.url
    if (asked === 'removed') {
      if (!(await deps.writeRemoteId(null))) return 'over'
      if (wishes.leave === undefined) return 'again'
      teller.leave(wishes.leave)
      return 'over'
    }
    const isAskedToLeave = wishes.leave !== undefined
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

async function finish(deps: AttendDeps, teller: Teller, bot: RemoteBot): Promise<'over'> {
  teller.settle(bot)
  const gathered = await deps.gather(bot)
  if (gathered && !deps.isLetGo()) deps.emit({ type: 'gathered', at: deps.now(), gathered })
  return 'over'
}

/** Passes on what is wanted now; what the server refuses or fails at is asked again after the next look. */
async function pass(
  deps: AttendDeps,
  wishes: RemoteWishes,
  bot: RemoteBot,
  askedUrl: string,
): Promise<'removed' | undefined> {
  const { api } = deps
  const isScheduled = bot.state === 'scheduled'
  try {
    if (wishes.leave !== undefined) {
      if (isScheduled) return (await api.remove(bot.id)) === 'refused' ? undefined : 'removed'
      if (bot.state !== 'leaving' && bot.state !== 'post_processing') await api.leave(bot.id)
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
function createTeller(deps: Pick<AttendDeps, 'emit' | 'now'>, from: BotState, reported: Set<string>) {
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
    report(bot: RemoteBot, leaveReason: BotEnd | undefined): void {
      for (const event of bot.events) {
        const name = `${event.type} ${event.reportedAt}`
        if (reported.has(name)) continue
        reported.add(name)
        const told = translateEvent(event, { leaveReason, denied: deniedRecording(bot.events) })
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
