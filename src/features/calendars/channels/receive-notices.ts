import type { Clock } from '../../../base/clock.ts'
import { type Database, inTransaction, type Transaction } from '../../../platform/db/index.ts'
import { hashSecret } from './channel-secret.ts'
import { endSilence, readKnownChannels, refreshWatched, stampDeliveries } from './channel-store.ts'
import { judgeNotice, type NoticeOutcome, type PushNotice } from './judge-notice.ts'

interface ReceiveDeps {
  db: Database
  clock: Clock
  /** Marks calendars as changed and wakes their sync, in the transaction that stores the notices. */
  markChanged(trx: Transaction, calendarIds: readonly string[]): Promise<void>
}

/** Takes notices one by one and stores them together. */
interface NoticeReceiver {
  /** Resolves when the mark is durable; rejects when it could not be stored, so that the provider sends again. */
  receive(notice: PushNotice): Promise<NoticeOutcome>
}

const MAX_BATCH = 500

interface Waiting {
  notice: PushNotice
  resolve(outcome: NoticeOutcome): void
  reject(error: unknown): void
}

/**
 * Notices that arrive while others are being stored wait and are stored together, in one transaction: the cost of a storm is that of
 * its batches, and a single notice waits for nobody.
 */
export function createNoticeReceiver(deps: ReceiveDeps): NoticeReceiver {
  let waiting: Waiting[] = []
  let isStoring = false

  const storeAll = async () => {
    isStoring = true
    while (waiting.length > 0) {
      const batch = waiting.slice(0, MAX_BATCH)
      waiting = waiting.slice(MAX_BATCH)
      await storeBatch(deps, batch)
    }
    isStoring = false
  }

  return {
    receive: (notice) =>
      new Promise((resolve, reject) => {
        waiting.push({ notice, resolve, reject })
        if (!isStoring) void storeAll()
      }),
  }
}

async function storeBatch(deps: ReceiveDeps, batch: readonly Waiting[]): Promise<void> {
  try {
    const outcomes = await storeNotices(
      deps,
      batch.map(({ notice }) => notice),
    )
    for (const [index, { resolve }] of batch.entries()) resolve(outcomes[index] as NoticeOutcome)
  } catch (error) {
    for (const { reject } of batch) reject(error)
  }
}

async function storeNotices(deps: ReceiveDeps, notices: readonly PushNotice[]): Promise<NoticeOutcome[]> {
  const known = await readKnownChannels(
    deps.db,
    notices.map((notice) => notice.channelId),
  )
  const judged = notices.map((notice) => {
    const channel = known.get(notice.channelId.toLowerCase())
    return { notice, channel, outcome: judgeNotice(notice, channel, hashSecret) }
  })
  const delivered = judged.filter(({ outcome }) => outcome === 'heard' || outcome === 'opened')
  if (delivered.length > 0) {
    const calendarsOf = (chosen: typeof judged) => [
      ...new Set(chosen.flatMap(({ channel }) => channel?.calendarId ?? [])),
    ]
    const changed = calendarsOf(delivered.filter(({ outcome }) => outcome === 'heard'))
    const healed = calendarsOf(delivered.filter(({ channel, outcome }) => channel?.isSilent && outcome === 'heard'))
    const proven = calendarsOf(delivered.filter(({ channel }) => channel?.hasDelivered === false))
    await inTransaction(deps.db, async (trx) => {
      await stampDeliveries(
        trx,
        delivered.map(({ notice }) => notice),
        deps.clock.now(),
      )
      if (healed.length > 0) await endSilence(trx, healed)
      if (healed.length + proven.length > 0) await refreshWatched(trx, [...healed, ...proven])
      if (changed.length > 0) await deps.markChanged(trx, changed)
    })
  }
  return judged.map(({ outcome }) => outcome)
}
