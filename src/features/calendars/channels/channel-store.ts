import { sql } from 'kysely'
import type { Database, Transaction } from '../../../platform/db/index.ts'
import type { KnownChannel, PushNotice } from './judge-notice.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** The channels of some ids, whatever their state, by id in lower case. Ids that cannot be ours are nobody's. */
export async function readKnownChannels(db: Database, ids: readonly string[]): Promise<Map<string, KnownChannel>> {
  const ours = [...new Set(ids.filter((id) => UUID.test(id)))]
  if (ours.length === 0) return new Map()
  const { rows } = await sql<KnownChannel>`
    select p.id, p.calendar_id, p.state, p.secret_hash, p.resource_id,
      c.removed_at is null and c.state = 'connected' as is_calendar_connected
    from push_channel p join calendar c on c.id = p.calendar_id
    where p.id = any(${ours}::uuid[])`.execute(db)
  return new Map(rows.map((row) => [row.id, row]))
}

/** Notes that something came over these channels, and what the provider calls the watched thing where it had not said so yet. */
export async function stampDeliveries(trx: Transaction, notices: readonly PushNotice[], now: Date): Promise<void> {
  // In the order of their ids, so that two processes never wait for each other.
  const byId = new Map(notices.map((notice) => [notice.channelId.toLowerCase(), notice.resourceId]))
  const ids = [...byId.keys()].sort()
  await sql`
    with mine as (select id from push_channel where id = any(${ids}::uuid[]) order by id for no key update)
    update push_channel p set last_delivery_at = ${now}, resource_id = coalesce(p.resource_id, said.resource_id)
    from unnest(${ids}::uuid[], ${ids.map((id) => byId.get(id) ?? null)}::text[]) as said (id, resource_id), mine
    where p.id = said.id and p.id = mine.id`.execute(trx)
}
