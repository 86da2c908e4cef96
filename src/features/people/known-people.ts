import { createHash } from 'node:crypto'
import type { Database, Transaction } from '../../platform/db/index.ts'
import { listAliases, readPeopleVersion } from './account-store.ts'
import { listGroups } from './group-store.ts'

/** What the directory said last of people and groups. */
export interface KnownPeople {
  /** An account's main address, for any of its addresses in lower case; every other address as it is. */
  primaryOf(address: string): string
  /** The main addresses of a group's members; undefined where it is no group, or the directory could not be asked. `mark` changes with them. */
  membersOf(group: string): { members: ReadonlySet<string>; mark: string } | undefined
}

/** Where there is no directory. */
export const nothingKnown: KnownPeople = { primaryOf: (address) => address, membersOf: () => undefined }

/**
 * Answers what is known of people, out of memory: read again only when the directory's answers changed since. `version`: `peopleVersion`, where it was
 * read already.
 */
export type ReadKnownPeople = (db: Database | Transaction, version?: number) => Promise<KnownPeople>

export function createKnownPeople(): ReadKnownPeople {
  let known = { version: 0, people: collect([], []) }
  return async (db, given) => {
    const version = given ?? (await readPeopleVersion(db))
    if (version !== known.version) {
      known = {
        version,
        people: version === 0 ? collect([], []) : collect(await listAliases(db), await listGroups(db)),
      }
    }
    return known.people
  }
}

/** The addresses that one account had at an instant, told as one of them. Groups are not in it: who is in them at another time is not known. */
export async function readAliasesAt(db: Database | Transaction, at: Date): Promise<KnownPeople> {
  return collect(await listAliases(db, at), [])
}

function collect(
  aliases: readonly { alias: string; address: string }[],
  groups: readonly { address: string; members: readonly string[] }[],
): KnownPeople {
  const mains = new Map(aliases.map(({ alias, address }) => [alias, address]))
  const primaryOf = (address: string) => mains.get(address) ?? address
  const byAddress = new Map(
    groups.map(({ address, members }) => {
      const primaries = [...new Set(members.map(primaryOf))].sort()
      const mark = createHash('sha256').update(primaries.join(' ')).digest('base64url').slice(0, 16)
      return [address, { members: new Set(primaries), mark }]
    }),
  )
  return { primaryOf, membersOf: (group) => byAddress.get(group) }
}
