import type { Generated, Instant, Json, WithDefault } from '../../platform/db/index.ts'

declare module '../../platform/db/tables.ts' {
  interface Tables {
    account: AccountTable
    accountAddress: AccountAddressTable
    groupReading: GroupReadingTable
    groupMember: GroupMemberTable
    audit: AuditTable
  }

  interface SettingKeys {
    people: true
  }
}

interface AccountTable {
  id: string
  provider: string
  nativeId: string
  fullName: string | null
  /** The full name as it is compared. */
  nameKey: string | null
  status: 'active' | 'suspended' | 'archived'
  createdAt: WithDefault<Instant>
  goneAt: Instant | null
}

interface AccountAddressTable {
  /** Lower case. */
  address: string
  accountId: string
  isPrimary: boolean
  since: Instant
  until: Instant | null
}

interface GroupReadingTable {
  groupAddress: string
  notedAt: Instant
  readAt: Instant | null
  /** Null while the directory never answered. */
  isGroup: boolean | null
  failure: string | null
}

interface GroupMemberTable {
  groupAddress: string
  memberAddress: string
}

interface AuditTable {
  id: Generated<string>
  at: Instant
  by: string
  action: string
  subject: string
  detail: Json<unknown>
  fromWhere: string | null
}
