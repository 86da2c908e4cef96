import { createHash } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import { AppError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { normaliseEmail } from '../../base/text.ts'
import { type Database, inTransaction, type Transaction } from '../../platform/db/index.ts'
import { type Actor, recordAudit } from '../people/index.ts'
import { markRemoved, readCalendar, upsertCalendar } from './calendar-store.ts'
import type { EventChange } from './event-facts.ts'
import { deleteComingEvents } from './event-store.ts'
import type { ProviderName, Providers } from './providers/registry.ts'

interface ConnectDeps {
  db: Database
  clock: Clock
  providers: Providers
  encrypt(plaintext: string): string
}

/**
 * Stores a calendar that is read at an address; its sync is the caller's next step. Adding the same address for the same person again
 * brings back the old one. `asked`: who wants it, where a person does. Throws `bad_email`, and what the provider has against the address.
 */
export async function connectByAddress(
  deps: ConnectDeps,
  input: { provider: ProviderName; address: string; owner: string; name?: string; asked?: Actor },
): Promise<{ id: string; existed: boolean }> {
  const ownerEmail = normaliseEmail(input.owner)
  if (ownerEmail === undefined) {
    throw new AppError(
      'bad_email',
      `"${input.owner.slice(0, 100)}" is not an e-mail address. Give the calendar's owner as name@example.com.`,
    )
  }
  const { credential, label } = deps.providers[input.provider].identify(input.address)
  const digest = createHash('sha256').update(credential).digest('hex').slice(0, 16)
  const { provider, asked } = input
  return inTransaction(deps.db, async (trx) => {
    const connected = await upsertCalendar(
      trx,
      {
        id: newId(),
        provider,
        ownerEmail,
        name: input.name ?? null,
        deduplicationKey: `${ownerEmail}-${provider}-${digest}`,
        credential: deps.encrypt(credential),
        addressLabel: label,
      },
      deps.clock.now(),
    )
    const detail = { owner: ownerEmail, address: label }
    const entry = { at: deps.clock.now(), action: 'calendar_added', subject: connected.id, detail } as const
    if (asked) await recordAudit(trx, { ...entry, ...asked })
    return connected
  })
}

interface RemoveDeps {
  db: Database
  clock: Clock
  reconcile(trx: Transaction, changes: readonly EventChange[]): Promise<unknown>
}

/** Disconnects a calendar for good: its credential is forgotten, its coming events support nothing any more, what is past stays. */
export async function removeCalendar(deps: RemoveDeps, input: { calendarId: string; asked?: Actor }): Promise<void> {
  await inTransaction(deps.db, async (trx) => {
    const calendar = await readCalendar(trx, input.calendarId)
    if (!calendar || calendar.removedAt !== null) {
      throw new AppError(
        'calendar_not_found',
        `There is no calendar ${input.calendarId}. \`rapporteur calendar list\` shows them.`,
      )
    }
    const now = deps.clock.now()
    await markRemoved(trx, calendar.id, now)
    const owner = {
      calendarId: calendar.id,
      ownerEmail: calendar.ownerEmail,
      // Only what is to come is deleted: since when exactly makes no difference.
      disconnectedAt: calendar.state === 'connected' ? null : now,
    }
    const changes = await deleteComingEvents(trx, owner, now)
    await deps.reconcile(trx, changes)
    const detail = { owner: calendar.ownerEmail, address: calendar.addressLabel }
    const entry = { at: now, action: 'calendar_removed', subject: calendar.id, detail } as const
    if (input.asked) await recordAudit(trx, { ...entry, ...input.asked })
  })
}
