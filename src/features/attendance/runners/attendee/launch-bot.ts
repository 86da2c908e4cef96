import { type AppError, isAppError } from '../../../../base/errors.ts'
import { MINUTE_MS } from '../../../../base/time.ts'
import { type BotEnd, endOfRefusal, isRefusal, type RemoteTie } from '../../../bots/index.ts'
import { latestJoinOf } from '../../../meetings/index.ts'
import type { RemoteBot } from './attendee-answers.ts'
import type { AttendeeApi, RemoteOrder } from './attendee-api.ts'
import { type Pauses, pauseAfterFailure } from './pauses.ts'

/** A server that is asked for a time nearer than this may miss it (docs/scheduled_bots.md, v1.64.1); such a bot is made at its time. */
const LEAST_AHEAD_MS = 2 * MINUTE_MS
const STRAY_MS = 15 * MINUTE_MS

interface LaunchDeps {
  api: AttendeeApi
  pauses: Pauses
  now(): Date
  /** As `SittingLimits.lateJoinMs`. */
  lateJoinMs: number
  /** Resolves after this time, or earlier where something is to be looked at. */
  pause(ms: number): Promise<void>
  /** The order as it is now wanted, without its time. */
  order(): Omit<RemoteOrder, 'joinAt' | 'deduplicationKey'>
  wishes: { leave: BotEnd | undefined; joinAt: Date; endsAt: Date }
  /** Whether nobody else has claimed the bot meanwhile. */
  isOurs(): Promise<boolean>
}

/**
 * `given_up`: nothing was made, or it is gone again, since the bot is not wanted any more. `mayExist`: a request was not answered, so that the server
 * may have made one all the same.
 */
type Launch = { bot: RemoteBot } | { givenUp: true } | { failed: { reason: string; detail: string; mayExist: boolean } }

/**
 * Has the server make a bot, or finds the one it made for this key before. Whatever is unclear after a request is looked up by the key, and
 * the key never changes, so that however often this is repeated there is one bot.
 */
export async function launchBot(deps: LaunchDeps, tie: RemoteTie): Promise<Launch> {
  const { api, pauses, wishes } = deps
  const key = tie.deduplicationKey
  let isUnclear = !tie.isNew
  let mayExist = !tie.isNew
  let isAsked = false
  let failures = 0
  let refusals = 0
  for (;;) {
    isAsked = false
    try {
      const known = isUnclear ? await api.findByKey(key) : undefined
      if (known) return { bot: known }
      isUnclear = false
      if (wishes.leave !== undefined) return { givenUp: true }
      const aheadMs = wishes.joinAt.getTime() - deps.now().getTime()
      if (aheadMs > 0 && aheadMs < LEAST_AHEAD_MS) {
        await deps.pause(aheadMs)
        continue
      }
      if (isTooLate(deps))
        return { failed: { reason: 'found_too_late', detail: 'The meeting is about to end.', mayExist } }
      if (!(await deps.isOurs())) return { givenUp: true }
      isUnclear = true
      isAsked = true
      const joinAt = aheadMs > 0 ? { joinAt: wishes.joinAt } : {}
      return { bot: await api.create({ ...deps.order(), ...joinAt, deduplicationKey: key }) }
    } catch (error) {
      if (!isAppError(error)) throw error
      failures++
      mayExist ||= isAsked && !isRefusal(error.code)
      // A refusal may mean that the bot is there already: that is looked up, and only then believed.
      if (error.code === 'attendee_refused') refusals++
      const isFinal = error.code === 'attendee_key_refused' || refusals > 1
      if (isFinal || isTooLate(deps, isUnclear)) return { failed: { ...failureOf(error), mayExist } }
      if (wishes.leave !== undefined && !isUnclear) return { givenUp: true }
      if (error.code !== 'attendee_refused') await deps.pause(pauseAfterFailure(pauses, failures, error.retryAfterMs))
    }
  }
}

/** Of a refusal what the server said, in its own words; of anything else what went wrong. */
function failureOf({ code, message, details }: AppError): { reason: string; detail: string } {
  if (typeof details.said !== 'string') return { reason: code, detail: message }
  return { reason: endOfRefusal(code, details.said), detail: details.said }
}

/** A bot that may exist is looked for until it would have gone by itself. */
function isTooLate({ now, wishes, lateJoinMs }: LaunchDeps, mayExist = false): boolean {
  const times = { startsAt: wishes.joinAt, endsAt: wishes.endsAt }
  const latestMs = mayExist ? wishes.endsAt.getTime() + STRAY_MS : latestJoinOf(times, lateJoinMs)
  return now().getTime() > latestMs
}
