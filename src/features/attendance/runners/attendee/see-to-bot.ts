import type { Clock } from '../../../../base/clock.ts'
import { isAppError } from '../../../../base/errors.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../../base/time.ts'
import { type Database, inTransaction, type Transaction } from '../../../../platform/db/index.ts'
import type { HttpClient } from '../../../../platform/http/index.ts'
import type { Logger } from '../../../../platform/observe/index.ts'
import { noteGone, noteSettling, readUnsettled, type UnsettledBot } from '../../../bots/index.ts'
import type { Gathered } from '../../../transcripts/index.ts'
import { createAttendeeApi } from './attendee-api.ts'
import { gatherResults } from './gather-results.ts'
import { defaultPauses, type Pauses } from './pauses.ts'
import { isAway, sendAway } from './send-away.ts'

/** After so long what the server has not said or given is given up. */
const GIVEN_UP_MS = DAY_MS

/** What became of what a bot brought. */
interface Stored {
  /** Why its file could not be stored, where it could not. */
  mediaFailure: string | undefined
}

export interface SeeToDeps {
  db: Database
  http: HttpClient
  clock: Clock
  log: Pick<Logger, 'warn'>
  url: URL
  apiKey: string
  /** What our bots are called. */
  botName: string
  /** Further private hosts at which it keeps recordings. */
  storageHosts?: readonly string[]
  pauses?: Partial<Pauses>
  /** Resolves after so many milliseconds, or when the run is to end. */
  wait(ms: number): Promise<void>
  /**
   * Stores what a bot brought, under ids made from what it is: the same again changes nothing. `also` is done in the same transaction.
   */
  store(bot: UnsettledBot, gathered: Gathered, also: (trx: Transaction) => Promise<void>): Promise<Stored>
  /** Told that no more is to be expected of a meeting's bot than there is. */
  settled(trx: Transaction, meetingId: string): Promise<void>
}

/**
 * Sees to a bot of the server that is over here: has it leave until the server says that it is gone, and brings its people, words and file
 * whenever they are there, also of one that broke down. What takes long is left to the next run; after a day it is given up. May run any number
 * of times, and at once.
 */
export async function seeToAttendeeBot(deps: SeeToDeps, botId: string, signal?: AbortSignal): Promise<void> {
  const pauses = { ...defaultPauses, ...deps.pauses }
  const untilMs = deps.clock.now().getTime() + pauses.runMs
  for (;;) {
    const bot = await readUnsettled(deps.db, botId)
    // Whoever runs next looks at once.
    if (!bot || signal?.aborted) return
    const next = await look(deps, bot, pauses)
    if (next === 'settled') return
    const nowMs = deps.clock.now().getTime()
    if (nowMs + next >= untilMs) {
      // Ever more rarely, as nothing comes; but whoever may be in a room is asked to leave each minute.
      const mostMs = bot.goneAt === null ? MINUTE_MS : HOUR_MS
      const laterMs = Math.min(Math.max((nowMs - bot.overAt.getTime()) / 4, 30 * SECOND_MS), mostMs)
      await noteSettling(deps.db, botId, { looksAt: new Date(nowMs + laterMs) })
      return
    }
    await deps.wait(next)
  }
}

/** One look; answers after how many milliseconds to look again. */
async function look(deps: SeeToDeps, bot: UnsettledBot, pauses: Pauses): Promise<number | 'settled'> {
  const { db, clock } = deps
  const api = createAttendeeApi(deps)
  const now = clock.now()
  const isGivenUp = now.getTime() - bot.overAt.getTime() > GIVEN_UP_MS
  try {
    const found = await sendAway({ api, now: () => clock.now() }, bot)
    if (typeof found !== 'string' && found.id !== bot.remoteId) await noteSettling(db, bot.id, { remoteId: found.id })
    if (isAway(found)) await noteGone(db, bot.id, now)
    else return isGivenUp ? giveUp(deps, bot) : pauses.nearMs
    if (typeof found === 'string') return settle(deps, bot)
    const harvest = await gatherResults(
      {
        ...deps,
        api,
        storageHosts: [deps.url.hostname, ...(deps.storageHosts ?? [])],
        keepsFile: bot.mediaFormat !== 'none',
        pause: () => deps.wait(pauses.processingMs),
      },
      found,
    )
    if (!harvest) return settle(deps, bot)
    if (!harvest.hasWords && !isGivenUp) return pauses.processingMs
    const isWhole = await bring(deps, bot, harvest)
    return isWhole ? settle(deps, bot) : isGivenUp ? giveUp(deps, bot) : pauses.processingMs * 2
  } catch (error) {
    if (!isAppError(error)) throw error
    await noteSettling(db, bot.id, { trouble: error.code })
    if (isGivenUp) return giveUp(deps, bot)
    return Math.max(pauses.failedMostMs, error.retryAfterMs ?? 0)
  }
}

/** Stores what there is, once; whether all is there. */
async function bring(
  deps: SeeToDeps,
  bot: UnsettledBot,
  { gathered, hasMedia }: { gathered: Gathered; hasMedia: boolean },
): Promise<boolean> {
  const { db, clock } = deps
  const isNewFile = gathered.media !== null && bot.mediaAt === null
  if (bot.broughtAt !== null && !isNewFile) return hasMedia
  const { mediaFailure } = await deps.store(bot, isNewFile ? gathered : { ...gathered, media: null }, async (trx) => {
    await noteSettling(trx, bot.id, { broughtAt: bot.broughtAt ?? clock.now() })
    await deps.settled(trx, bot.meetingId)
  })
  await noteSettling(db, bot.id, {
    trouble: mediaFailure ?? null,
    ...(isNewFile && mediaFailure === undefined ? { mediaAt: clock.now() } : {}),
  })
  return hasMedia && mediaFailure === undefined
}

async function giveUp(deps: SeeToDeps, bot: UnsettledBot): Promise<'settled'> {
  deps.log.warn('The Attendee server did not say within a day what became of a bot', { botId: bot.id })
  await noteGone(deps.db, bot.id, deps.clock.now())
  return settle(deps, bot)
}

async function settle(deps: SeeToDeps, bot: UnsettledBot): Promise<'settled'> {
  const now = deps.clock.now()
  await inTransaction(deps.db, async (trx) => {
    await noteSettling(trx, bot.id, { settledAt: now })
    if (bot.broughtAt === null) await deps.settled(trx, bot.meetingId)
  })
  return 'settled'
}
