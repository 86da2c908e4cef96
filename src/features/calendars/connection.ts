import type { Clock } from '../../base/clock.ts'
import { type Database, inTransaction, type Transaction } from '../../platform/db/index.ts'
import { lockConnection, writeConnection } from './calendar-store.ts'
import type { EventChange } from './event-facts.ts'
import { readConnectionChanges } from './event-store.ts'

export interface ConnectionDeps {
  db: Database
  clock: Clock
  reconcile(trx: Transaction, changes: readonly EventChange[]): Promise<unknown>
}

/**
 * Notes that a calendar cannot be read until somebody acts, with a stable word for the reason. Its coming events stay and cease to support
 * their meetings, in one transaction with the plan; it is still tried from time to time, and heals by itself. May run twice.
 */
export async function disconnectCalendar(
  deps: ConnectionDeps,
  input: { calendarId: string; reason: string },
): Promise<void> {
  await inTransaction(deps.db, async (trx) => {
    const calendar = await lockConnection(trx, input.calendarId)
    if (!calendar || (calendar.state === 'disconnected' && calendar.stateReason === input.reason)) return
    const isFirst = calendar.state === 'connected'
    const disconnectedAt = isFirst ? deps.clock.now() : calendar.disconnectedAt
    await writeConnection(trx, calendar.id, { state: 'disconnected', stateReason: input.reason, disconnectedAt })
    if (!isFirst || disconnectedAt === null) return
    const owner = { calendarId: calendar.id, ownerEmail: calendar.ownerEmail }
    await deps.reconcile(trx, await readConnectionChanges(trx, owner, { disconnectedAt, isConnected: false }))
  })
}

/** Notes that a calendar can be read again, in the transaction that did: the events that ceased to support do so again. */
export async function reconnectCalendar(
  deps: Pick<ConnectionDeps, 'reconcile'>,
  trx: Transaction,
  calendarId: string,
): Promise<void> {
  const calendar = await lockConnection(trx, calendarId)
  if (!calendar || calendar.state === 'connected') return
  await writeConnection(trx, calendarId, { state: 'connected', stateReason: null, disconnectedAt: null })
  const owner = { calendarId, ownerEmail: calendar.ownerEmail }
  const disconnectedAt = calendar.disconnectedAt ?? new Date(0)
  await deps.reconcile(trx, await readConnectionChanges(trx, owner, { disconnectedAt, isConnected: true }))
}
