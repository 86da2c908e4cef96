import type { Clock } from '../../../base/clock.ts'
import type { Database, Transaction } from '../../../platform/db/index.ts'
import type { EventReading } from '../calendar.ts'
import type { SourceEvent } from '../event.ts'
import type { EventChange } from '../event-facts.ts'
import type { Providers } from '../providers/registry.ts'

/** What syncing works with. */
export interface SyncDeps {
  db: Database
  clock: Clock
  providers: Providers
  decrypt(ciphertext: string): string
  /** Reads room and wishes out of an event; meetings/ knows how. */
  readEvent(event: SourceEvent): EventReading
  /** Brings the plan in step, in the transaction that wrote the events. */
  reconcile(trx: Transaction, changes: readonly EventChange[]): Promise<unknown>
  /** For floating times in a calendar that names no zone. */
  timeZone: string
  /** The version of this machine's zone data; another one than a calendar was expanded with moves times. */
  zoneData: string
}
