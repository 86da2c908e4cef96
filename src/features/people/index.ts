export { hasAccount, type Person } from './account.ts'
export { listMainAddresses, readPeopleVersion, writeAccounts } from './account-store.ts'
export { type Actor, AUDIT_ACTIONS, type AuditAction, isAuditAction } from './audit.ts'
export { type AuditRow, listAudit, recordAudit } from './audit-store.ts'
export { type GroupAnswer, listUnreadGroups, notePossibleGroups, writeGroup } from './group-store.ts'
export {
  createKnownPeople,
  type KnownPeople,
  nothingKnown,
  type ReadKnownPeople,
  readAliasesAt,
} from './known-people.ts'
export { addressesOf, personOf, recognise } from './person-store.ts'
