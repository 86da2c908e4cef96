import { backoffMs, jitteredMs } from '../../../base/backoff.ts'
import type { Clock } from '../../../base/clock.ts'
import { type AppError, isAppError } from '../../../base/errors.ts'
import { newId } from '../../../base/ids.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../base/time.ts'
import { type Database, inTransaction, type Transaction } from '../../../platform/db/index.ts'
import { randomToken } from '../../../platform/secrets/index.ts'
import { type Actor, recordAudit } from '../../people/index.ts'
import type { WatchFailure } from '../providers/provider.ts'
import type { Providers } from '../providers/registry.ts'
import { CHANNEL_LIFE_MS, renewalAt } from './channel.ts'
import { hashSecret } from './channel-secret.ts'
import {
  closeChannel,
  confirmChannel,
  handOver,
  insertChannel,
  recordPushFailure,
  recordPushSuccess,
  refreshWatched,
} from './channel-store.ts'
import { readWatched } from './read-watched.ts'

export interface ChannelDeps {
  db: Database
  clock: Clock
  providers: Providers
  decrypt(ciphertext: string): string
  markChanged(trx: Transaction, calendarIds: readonly string[]): Promise<void>
  /** For tests. */
  random?: () => number
}

type OpenOutcome = { kind: 'opened' } | { kind: 'not_connected' } | { kind: 'failed'; problem: AppError }

/**
 * Opens a channel for a calendar; the one it had, if any, is handed over once the new one is there, and stays untouched where that
 * fails. The row is stored before the provider is asked: its first message may come before its answer, and a process that dies in between
 * leaves a trace. `asked`: who wants it, where a person does. Throws what concerns everybody and what asks for a pause; a failure for one calendar is stored.
 */
export async function openChannel(
  deps: ChannelDeps,
  input: { calendarId: string; address: string; signal?: AbortSignal; asked?: Actor },
): Promise<OpenOutcome> {
  const { calendarId, address, signal, asked } = input
  const watched = await readWatched(deps, calendarId)
  if (!watched) return { kind: 'not_connected' }
  const now = deps.clock.now()
  const [id, secret] = [newId(), randomToken()]
  const expiresAt = new Date(now.getTime() + CHANNEL_LIFE_MS)
  const renewAt = renewalAt(now, expiresAt, deps.random)
  await insertChannel(deps.db, { id, calendarId, address, secretHash: hashSecret(secret), expiresAt, renewAt }, now)
  try {
    const { push, reader } = watched
    const channel = { id, secret, address, expiresAt }
    const opened = await push.watch({ reader, channel, ...(signal ? { signal } : {}) })
    await confirm(deps, { id, calendarId, asked }, opened)
    return { kind: 'opened' }
  } catch (error) {
    if (!isAppError(error)) throw error
    const why = watched.push.whyUnwatched(error)
    // An answer that never came may have been a yes; the row then stays, so that the channel can be told from a stranger's.
    if (why !== 'unanswered') await closeChannel(deps.db, id, deps.clock.now())
    if (concernsEverybody(error)) throw error
    await recordFailure(deps, calendarId, error, why)
    return { kind: 'failed', problem: error }
  }
}

async function confirm(
  deps: ChannelDeps,
  { id, calendarId, asked }: { id: string; calendarId: string; asked: Actor | undefined },
  opened: { resourceId: string; expiresAt: Date },
): Promise<void> {
  await inTransaction(deps.db, async (trx) => {
    const now = deps.clock.now()
    const renewAt = renewalAt(now, opened.expiresAt, deps.random)
    await confirmChannel(trx, id, { ...opened, renewAt }, now)
    const { hadOne } = await handOver(trx, calendarId, id, now)
    await recordPushSuccess(trx, calendarId)
    await refreshWatched(trx, [calendarId])
    // What changed while nobody would have said so.
    if (!hadOne) await deps.markChanged(trx, [calendarId])
    if (asked) await recordAudit(trx, { at: now, ...asked, action: 'channels_set_up', subject: calendarId })
  })
}

/** What is refused for good is asked for again once a day: rights and licences change. */
async function recordFailure(deps: ChannelDeps, calendarId: string, error: AppError, why: WatchFailure): Promise<void> {
  const now = deps.clock.now()
  const isRefused = why === 'refused'
  await recordPushFailure(deps.db, calendarId, { code: error.code, message: error.message, isRefused }, (failures) => {
    const pauseMs = isRefused ? DAY_MS : backoffMs(failures, { firstMs: MINUTE_MS, mostMs: HOUR_MS })
    return new Date(now.getTime() + Math.max(jitteredMs(pauseMs, deps.random), error.retryAfterMs ?? 0))
  })
}

/** No other calendar would fare better now: the caller stops, and tries all of them later. */
function concernsEverybody(error: AppError): boolean {
  return error.details.concerns === 'everybody' || error.details.concerns === 'turn'
}
