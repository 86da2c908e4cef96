import type { Database, Transaction } from '../../platform/db/index.ts'
import { listAliases, readAccountsVersion } from './account-store.ts'

/** Answers an account's main address for any of its addresses in lower case, and every other address as it is. */
export type MainAddressOf = (address: string) => string

/** The aliases in force: read from the database again only when the accounts changed since. */
export function createAliases(): (db: Database | Transaction) => Promise<MainAddressOf> {
  let known = { version: 0, mains: new Map<string, string>() }
  return async (db) => {
    const version = await readAccountsVersion(db)
    if (version !== known.version) {
      known = { version, mains: new Map((await listAliases(db)).map(({ alias, address }) => [alias, address])) }
    }
    const { mains } = known
    return (address) => mains.get(address) ?? address
  }
}
