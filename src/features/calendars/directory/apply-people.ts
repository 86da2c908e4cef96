import { newId } from '../../../base/ids.ts'
import { inTransaction } from '../../../platform/db/index.ts'
import { disconnectCalendar } from '../connection.ts'
import { readdressEvents } from '../event-store.ts'
import { insertDelegatedCalendars, markReleased, renameCalendar, unmarkReleased, yieldKeys } from './directory-store.ts'
import type { Organisation } from './organisation.ts'
import { keyOf, type PeopleChange } from './plan-people.ts'

/**
 * Connects newcomers. Connecting only plans: what is found is shown, and attended only while attendance is on. Their first reading is
 * spread by whoever reads new calendars.
 */
export async function connectPeople(deps: Organisation, newcomers: readonly PeopleChange[]): Promise<void> {
  const people = newcomers.map((change) => ({ id: newId(), ...personOf(deps, change) }))
  await inTransaction(deps.db, async (trx) => {
    await yieldKeys(
      trx,
      people.map(({ deduplicationKey }) => deduplicationKey),
      null,
    )
    await insertDelegatedCalendars(trx, people, deps.clock.now())
  })
}

/** Makes one change to a calendar that is there. A release stops its events from supporting their meetings; others' go on. May run twice. */
export async function applyPeopleChange(
  deps: Organisation,
  change: PeopleChange & { calendarId: string },
): Promise<void> {
  const { kind, calendarId } = change
  const now = deps.clock.now()
  if (kind === 'rename') {
    const person = personOf(deps, change)
    await inTransaction(deps.db, async (trx) => {
      await yieldKeys(trx, [person.deduplicationKey], calendarId)
      const former = await renameCalendar(trx, calendarId, person, now)
      if (former) await deps.reconcile(trx, await readdressEvents(trx, former, person.email, now))
    })
  }
  if (kind === 'resume') await unmarkReleased(deps.db, calendarId, now)
  if (kind === 'release' && change.reason) {
    await disconnectCalendar(deps, { calendarId, reason: `person_${change.reason}` })
    // Marked last: a process that dies in between is followed by one that releases again.
    await markReleased(deps.db, calendarId, change.reason)
  }
}

function personOf({ provider, directory, labelOf }: Organisation, { email, accountId }: PeopleChange) {
  const deduplicationKey = keyOf(email, directory.keyEnding)
  return { provider, email, accountId, deduplicationKey, addressLabel: labelOf(email) }
}
