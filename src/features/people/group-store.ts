import { sql } from 'kysely'
import type { Database, Transaction } from '../../platform/db/index.ts'
import { ownDomains, raisePeopleVersion } from './account-store.ts'

const NEVER = new Date(0)

/**
 * Notes addresses of an invitation that may be groups, to be asked for at the directory: those of the organisation's domains that are no
 * account's. Cheap where there is nothing new. Nothing where no directory was read.
 */
export async function notePossibleGroups(trx: Transaction, addresses: readonly string[], now: Date): Promise<void> {
  if (addresses.length === 0) return
  await sql`
    insert into group_reading (group_address, noted_at)
    select noted.address, ${now}::timestamptz
    from unnest(${[...new Set(addresses)].sort()}::text[]) as noted (address)
    where split_part(noted.address, '@', -1) in (select jsonb_array_elements_text(${ownDomains}))
      and not exists (select from group_reading known where known.group_address = noted.address offset 0)
      and not exists (select from account_address held where held.address = noted.address offset 0)
    on conflict do nothing`.execute(trx)
}

/**
 * Addresses that may be groups, for which nobody asked yet; and, where an instant is given, those last asked for before it: apart for groups, with
 * all that are not known to be none, and for addresses that are none. The longest waiting first.
 */
export async function listUnreadGroups(
  db: Database,
  { groupsBefore, othersBefore }: { groupsBefore?: Date | undefined; othersBefore?: Date | undefined },
  limit: number,
): Promise<string[]> {
  const rows = await db
    .selectFrom('groupReading')
    .select('groupAddress')
    .where((eb) =>
      eb.or([
        eb('readAt', 'is', null),
        eb.and([eb('readAt', '<', groupsBefore ?? NEVER), eb('isGroup', 'is distinct from', false)]),
        eb.and([eb('readAt', '<', othersBefore ?? NEVER), eb('isGroup', '=', false)]),
      ]),
    )
    .orderBy('readAt', (order) => order.asc().nullsFirst())
    .orderBy('groupAddress')
    .limit(limit)
    .execute()
  return rows.map(({ groupAddress }) => groupAddress)
}

/** What the directory said of an address: its members, also through other groups; null: no group; or why it could not be asked. */
export type GroupAnswer = { members: readonly string[] | null } | { failure: string }

/** Keeps what the directory said; what was known before stays in force through a failure. Says whether the members changed. */
export async function writeGroup(
  trx: Transaction,
  groupAddress: string,
  answer: GroupAnswer,
  now: Date,
): Promise<boolean> {
  if ('failure' in answer) {
    const { failure } = answer
    await trx
      .updateTable('groupReading')
      .set({ readAt: now, failure })
      .where('groupAddress', '=', groupAddress)
      .execute()
    return false
  }
  const { members } = answer
  const before = await trx
    .selectFrom('groupReading')
    .select('isGroup')
    .where('groupAddress', '=', groupAddress)
    .forUpdate()
    .executeTakeFirst()
  if (!before) return false
  await trx
    .updateTable('groupReading')
    .set({ readAt: now, failure: null, isGroup: members !== null })
    .where('groupAddress', '=', groupAddress)
    .execute()
  const list = [...new Set(members ?? [])]
  const gone = await trx
    .deleteFrom('groupMember')
    .where('groupAddress', '=', groupAddress)
    .where('memberAddress', '!=', sql<string>`all(${list}::text[])`)
    .executeTakeFirst()
  const come = await sql`
    insert into group_member (group_address, member_address)
    select ${groupAddress}, member from unnest(${list}::text[]) as member
    on conflict do nothing`.execute(trx)
  const isOther = before.isGroup !== (members !== null) && !(before.isGroup === null && members === null)
  const hasChanged = isOther || gone.numDeletedRows > 0n || (come.numAffectedRows ?? 0n) > 0n
  if (hasChanged) await raisePeopleVersion(trx, now)
  return hasChanged
}

/** Every group that the directory knows, with its members. */
export async function listGroups(db: Database | Transaction): Promise<{ address: string; members: string[] }[]> {
  const { rows } = await sql<{ address: string; members: string[] }>`
    select group_address as address, array(
      select member_address from group_member m where m.group_address = known.group_address) as members
    from group_reading known where is_group`.execute(db)
  return rows
}
