import { concurrently } from '../../../base/concurrently.ts'
import { isAppError } from '../../../base/errors.ts'
import { MINUTE_MS } from '../../../base/time.ts'
import { type ProviderName, providerNames } from '../providers/registry.ts'
import { OPENING_TAKES_MS, REMEMBER_CLOSED_MS } from './channel.ts'
import {
  closeChannel,
  confirmLosses,
  deleteForgotten,
  type EndingChannel,
  listCalendarsToWatch,
  listEndingChannels,
  postponeStop,
  retireChannels,
} from './channel-store.ts'
import { type ChannelDeps, openChannel } from './open-channel.ts'
import { readWatched } from './read-watched.ts'

export interface RenewDeps extends ChannelDeps {
  /** Where a provider is to send notices; undefined where it sends none, or cannot reach us: then there are no channels. */
  addressOf(provider: ProviderName): string | undefined
}

export interface RenewResult {
  opened: number
  failed: number
  stopped: number
  /** Notices that never came, of changes that were found all the same. */
  lost: number
  /** What concerned everybody and ended the round early. */
  problem?: string
}

const AT_ONCE = 8
const STOP_AGAIN_MS = 10 * MINUTE_MS
/** A notice that comes this long after its change was found was late, not lost. */
const LATE_MS = MINUTE_MS
const PAGE = 200
/** A round ends before the next one begins. */
const ROUND_MS = 50_000

/**
 * Brings the channels in step: every connected calendar that can be watched gets one at our address for its provider, before its old one runs out, and
 * what is not needed any more is stopped. May run any time and twice; what it does not reach, the next round does.
 */
export async function renewChannels(deps: RenewDeps, input: { signal?: AbortSignal } = {}): Promise<RenewResult> {
  const result: RenewResult = { opened: 0, failed: 0, stopped: 0, lost: 0 }
  const endsAt = performance.now() + ROUND_MS
  const isOver = () => performance.now() > endsAt || input.signal?.aborted === true
  const startedAt = deps.clock.now()
  result.lost = await confirmLosses(deps.db, new Date(startedAt.getTime() - LATE_MS), startedAt)
  try {
    for (const provider of reachedBy(deps)) await openMissing(deps, { ...input, provider }, result, isOver)
  } catch (error) {
    if (!isAppError(error)) throw error
    result.problem = error.message
  }
  await endUnneeded(deps, input, result, isOver)
  const now = deps.clock.now()
  await deleteForgotten(deps.db, new Date(now.getTime() - REMEMBER_CLOSED_MS))
  return result
}

/** The providers that can send notices to us. */
function reachedBy(deps: RenewDeps): ProviderName[] {
  return providerNames.filter((name) => deps.providers[name].push && deps.addressOf(name) !== undefined)
}

async function openMissing(
  deps: RenewDeps,
  { provider, signal }: { provider: ProviderName; signal?: AbortSignal },
  result: RenewResult,
  isOver: () => boolean,
): Promise<void> {
  const address = deps.addressOf(provider)
  if (address === undefined) return
  const seen = new Set<string>()
  while (!isOver()) {
    const calendars = await listCalendarsToWatch(deps.db, { provider, address, now: deps.clock.now(), limit: PAGE })
    const fresh = calendars.filter((id) => !seen.has(id))
    if (fresh.length === 0) return
    await concurrently(fresh, AT_ONCE, async (calendarId) => {
      seen.add(calendarId)
      if (isOver()) return
      const outcome = await openChannel(deps, { calendarId, address, ...(signal ? { signal } : {}) })
      if (outcome.kind === 'opened') result.opened += 1
      if (outcome.kind === 'failed') result.failed += 1
    })
  }
}

async function endUnneeded(
  deps: RenewDeps,
  { signal }: { signal?: AbortSignal },
  result: RenewResult,
  isOver: () => boolean,
): Promise<void> {
  const now = deps.clock.now()
  await retireChannels(deps.db, {
    now,
    openedBefore: new Date(now.getTime() - OPENING_TAKES_MS),
    reached: reachedBy(deps),
  })
  await concurrently(await listEndingChannels(deps.db, now, PAGE), AT_ONCE, async (channel) => {
    if (isOver()) return
    await stopChannel(deps, channel, signal)
    result.stopped += 1
  })
}

/** A channel that cannot be stopped runs out by itself; what it still says is without effect once its calendar is gone. */
async function stopChannel(deps: RenewDeps, channel: EndingChannel, signal?: AbortSignal): Promise<void> {
  const { id, calendarId, resourceId } = channel
  const watched = resourceId === null ? undefined : await readWatched(deps, calendarId)
  try {
    if (watched && resourceId !== null) {
      const { push, reader } = watched
      await push.stop({ reader, channel: { id, resourceId }, ...(signal ? { signal } : {}) })
    }
    await closeChannel(deps.db, id, deps.clock.now())
  } catch (error) {
    if (!isAppError(error)) throw error
    await postponeStop(deps.db, id, new Date(deps.clock.now().getTime() + STOP_AGAIN_MS))
  }
}
