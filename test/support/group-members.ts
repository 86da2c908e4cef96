import { sql } from 'kysely'
import type { Database } from '../../src/platform/db/index.ts'

/**
 * The members of groups, also through other groups, as the directory said last. Ask with any addresses: one that is no group, or is none of
 * the organisation's, is not in the answer; one of which the directory said nothing yet is there as undefined.
 */
export async function membersOf(
  db: Database,
  groups: readonly string[],
): Promise<Map<string, readonly string[] | undefined>> {
  const wanted = [...new Set(groups.map((group) => group.toLowerCase()))]
  const members = new Map<string, readonly string[] | undefined>()
  if (wanted.length === 0) return members
  const { rows } = await sql<{ address: string; isGroup: boolean | null; members: string[] }>`
    select wanted.address, known.is_group, array(
      select member_address from group_member where group_address = wanted.address order by 1) as members
    from unnest(${wanted}::text[]) as wanted (address)
    join group_reading known on known.group_address = wanted.address`.execute(db)
  for (const row of rows) {
    if (row.isGroup !== false) members.set(row.address, row.isGroup === null ? undefined : row.members)
  }
  return members
}
