import { backoffMs, type Growth, jitteredMs } from '../../base/backoff.ts'
import { type AppError, isAppError } from '../../base/errors.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../base/time.ts'
import type { Transaction } from '../../platform/db/index.ts'
import { postponeSync, readSyncSource, recordFailure, recordSuccess, type SyncSource } from './calendar-store.ts'
import { disconnectCalendar, reconnectCalendar } from './connection.ts'
import { recordExpansion, restoreExpansion } from './expansion-store.ts'
import type { Urgency } from './providers/provider.ts'
import { type SyncContext, windowAt } from './sync/context.ts'
import type { SyncDeps } from './sync/deps.ts'
import { planWindow } from './sync/plan-window.ts'
import { readRound } from './sync/read-round.ts'
import { expandStored, rollWindow } from './sync/roll-window.ts'
import type { Finish, Round } from './sync/round.ts'
import { createWriter } from './sync/writer.ts'

/**
 * `postponed`: its turn comes later, for a reason that is not the calendar's. `is_new`, `is_long`: its first reading, or one that writes much,
 * was not asked for here.
 */
type SyncOutcome = 'changed' | 'unchanged' | 'failed' | 'postponed' | 'is_new' | 'is_long' | 'removed'

export interface SyncResult {
  outcome: SyncOutcome
  /** Undefined for a calendar that is no more. */
  provider?: string
  /** Events written or deleted. */
  changes: number
  problem?: AppError
  /** Notices came faster than they could be read: it should be read once more. */
  isMarkedAgain?: boolean
  /** Something had changed though no notice said so, and one was to be expected. */
  isUnannounced?: boolean
  /** A notice came, and there was nothing to read yet: when to look again, in milliseconds. */
  lookAgainAfterMs?: readonly number[]
}

export interface SyncInput {
  calendarId: string
  /**
   * `known` leaves calendars that were never read, and those in which much has to be written, to somebody else: they take long, and go by queues
   * of their own. `new` reads only the former. All are read where it is not said.
   */
  which?: 'known' | 'new' | 'long'
  signal?: AbortSignal
}

const MAX_RESTARTS = 5
/** Readings in a row, each because a notice came during the one before. */
const MAX_REPEATS = 3
/** A calendar that is read apart is not looked at meanwhile. */
const LONG_PAUSE_MS = 5 * MINUTE_MS
/** A provider may say that something changed before it shows what. */
const LOOK_AGAIN_AFTER_MS = [3 * SECOND_MS, 30 * SECOND_MS]

/**
 * Brings one calendar's stored events, and with them the plan, in step with its provider. The window is rolled forward first; then what is
 * new is read and only what differs is written, the cursor with the last of it. A notice that comes meanwhile is never lost: then it is
 * read again. A provider's failure is stored on the calendar and nothing is lost. May run twice; writers of one calendar take turns.
 */
export async function syncCalendar(deps: SyncDeps, input: SyncInput): Promise<SyncResult> {
  let changes = 0
  for (let repeat = 1; ; repeat++) {
    const { isMarkedAgain = false, ...result } = await syncRestarting(deps, input)
    changes += result.changes
    const all: SyncResult = {
      ...result,
      changes,
      ...(changes > 0 && result.outcome === 'unchanged' ? { outcome: 'changed' } : {}),
    }
    if (!isMarkedAgain) return all
    if (repeat === MAX_REPEATS) return { ...all, isMarkedAgain }
  }
}

async function syncRestarting(deps: SyncDeps, input: SyncInput): Promise<SyncResult> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await syncOnce(deps, input)
    } catch (error) {
      if (!isAppError(error, 'calendar_written_meanwhile') || attempt === MAX_RESTARTS) throw error
    }
  }
}

async function syncOnce(deps: SyncDeps, input: SyncInput): Promise<SyncResult> {
  const source = await readSyncSource(deps.db, input.calendarId)
  if (!source) return { outcome: 'removed', changes: 0 }
  const { provider } = source
  const isNew = source.cursor === null && deps.providers[provider].listWindow !== undefined
  if (isNew && input.which === 'known') return { provider, outcome: 'is_new', changes: 0 }
  if (source.cursor !== null && input.which === 'new') return { provider, outcome: 'unchanged', changes: 0 }
  const context = createContext(deps, source, input)
  try {
    await rollWindow(context)
    if (isNew) await planWindow(context)
    let marker = source.changeMarker
    const round = await readRound(
      context,
      finishOf(context, (now) => {
        marker = now
      }),
    )
    if (!round.expandsAll && isOtherZone(source, round)) await expandStored(context, round.timeZone ?? null)
    const changes = context.writer.changes
    const isEmpty = round.delivered === 0 && source.changeMarker > source.pulledMarker
    return {
      provider,
      outcome: changes > 0 ? 'changed' : 'unchanged',
      changes,
      isMarkedAgain: marker > source.changeMarker,
      ...(isUnannounced(context, round, marker) ? { isUnannounced: true } : {}),
      ...(isEmpty ? { lookAgainAfterMs: LOOK_AGAIN_AFTER_MS } : {}),
    }
  } catch (error) {
    if (!isAppError(error) || error.code === 'calendar_written_meanwhile') throw error
    if (error.code === 'calendar_is_long') {
      const now = deps.clock.now()
      await postponeSync(deps.db, source.id, new Date(now.getTime() + LONG_PAUSE_MS), now)
      return { provider, outcome: 'is_long', changes: context.writer.changes }
    }
    const outcome = await storeFailure(context, error)
    return { provider, outcome, changes: context.writer.changes, problem: error }
  }
}

/** Whether there was news at a routine look, while a channel should have brought it. */
function isUnannounced({ source, deps, urgency }: SyncContext, round: Round, marker: number): boolean {
  const isWatched = source.watchedUntil !== null && source.watchedUntil > deps.clock.now()
  return (
    isWatched &&
    urgency === 'routine' &&
    round.delivered > 0 &&
    round.cursorLosses === 0 &&
    marker === source.changeMarker
  )
}

function createContext(deps: SyncDeps, source: SyncSource, { which, signal }: SyncInput): SyncContext {
  const { id, ownerEmail, access } = source
  const credential = source.credential === null ? null : deps.decrypt(source.credential)
  return {
    deps,
    source,
    provider: deps.providers[source.provider],
    reader: { calendarId: id, ownerEmail, access, credential },
    urgency: urgencyOf(source),
    signal,
    writer: createWriter(deps, source, { leavesLong: which === 'known' }),
    window: windowAt(deps.clock.now()),
    expandedUntil: source.expandedUntil,
  }
}

function urgencyOf(source: SyncSource): Urgency {
  if (source.cursor === null) return 'onboarding'
  return source.changeMarker > source.pulledMarker ? 'push' : 'routine'
}

function finishOf(context: SyncContext, noteMarker: (marker: number) => void): Finish {
  const { deps, source } = context
  const success = (round: Round, hasChanged: boolean) => ({
    cursor: round.cursor,
    ...(round.name === undefined ? {} : { name: round.name }),
    ...(round.timeZone === undefined ? {} : { timeZone: round.timeZone }),
    hasChanged,
    nextSyncAt: nextSyncAt(context, round.cursorLosses),
    pulledMarker: source.changeMarker,
    cursorLosses: round.cursorLosses,
  })
  return {
    async withLast(trx: Transaction, round, hasChanged) {
      if (source.state === 'disconnected') await reconnectCalendar(deps, trx, source.id)
      noteMarker(await recordSuccess(trx, source.id, success(round, hasChanged), deps.clock.now()))
      if (round.expandsAll) await recordExpansion(trx, source.id, context.window.to, deps.zoneData)
      // In another zone the days are others: until they are expanded anew, the window counts as never rolled.
      else if (isOtherZone(source, round)) await recordExpansion(trx, source.id, new Date(0), deps.zoneData)
      else if (context.writer.isHalfWay) await restoreExpansion(trx, source.id, context.expandedUntil)
    },
    async alone(round) {
      noteMarker(await recordSuccess(deps.db, source.id, success(round, context.writer.changes > 0), deps.clock.now()))
      if (isOtherZone(source, round)) await recordExpansion(deps.db, source.id, new Date(0), deps.zoneData)
    },
  }
}

function isOtherZone(source: SyncSource, round: Round): boolean {
  return source.expandedUntil !== null && round.timeZone !== undefined && round.timeZone !== source.timeZone
}

const FAILED: Growth = { firstMs: MINUTE_MS, mostMs: HOUR_MS }
const CALENDAR_LOST: Growth = { firstMs: 15 * MINUTE_MS, mostMs: DAY_MS }
const CURSOR_LOST: Growth = { firstMs: 15 * MINUTE_MS, mostMs: 6 * HOUR_MS }

/** Where cursors are refused again and again, everything has to be listed each time, and the pause grows. */
function nextSyncAt({ deps, provider, reader, source }: SyncContext, cursorLosses: number): Date {
  const now = deps.clock.now()
  const isWatched = source.watchedUntil !== null && source.watchedUntil > now
  const lossesMs = cursorLosses < 3 ? 0 : backoffMs(cursorLosses - 3, CURSOR_LOST)
  return new Date(now.getTime() + jittered(Math.max(provider.pollMs(reader, isWatched), lossesMs)))
}

async function storeFailure(context: SyncContext, error: AppError): Promise<SyncOutcome> {
  const { deps, source, provider } = context
  const now = deps.clock.now()
  const after = (ms: number) => new Date(now.getTime() + Math.max(jittered(ms), error.retryAfterMs ?? 0))
  if (isNotItsOwn(error)) {
    await postponeSync(deps.db, source.id, after(MINUTE_MS), now)
    return 'postponed'
  }
  const reason = provider.whyLost(error)
  if (reason !== undefined) await disconnectCalendar(deps, { calendarId: source.id, reason })
  const isLost = reason !== undefined || source.state === 'disconnected'
  const pauseMs = backoffMs(source.failureCount, isLost ? CALENDAR_LOST : FAILED)
  const failure = { code: error.code, message: error.message, nextSyncAt: after(pauseMs) }
  await recordFailure(deps.db, source.id, failure, now)
  return 'failed'
}

/** What concerns everybody, or is a matter of waiting one's turn, says nothing about this calendar. */
function isNotItsOwn(error: AppError): boolean {
  return error.details.concerns === 'everybody' || error.details.concerns === 'turn'
}

/** So that many calendars do not knock at once. */
function jittered(ms: number): number {
  return Math.min(jitteredMs(ms), DAY_MS)
}
