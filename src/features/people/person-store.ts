import { sql } from 'kysely'
import { type Database, oneByOne, type Transaction } from '../../platform/db/index.ts'
import { nameKeyOf, type Person } from './account.ts'

/**
 * Whose addresses these are, or were at an instant: the key of a person for every address, by the address in lower case. An address of no
 * account is its own key.
 */
export async function personOf(
  db: Database | Transaction,
  addresses: readonly string[],
  at?: Date,
): Promise<Map<string, Person>> {
  const wanted = [...new Set(addresses.map((address) => address.toLowerCase()))]
  const persons = new Map<string, Person>(wanted.map((address) => [address, address]))
  if (wanted.length === 0) return persons
  const inForce =
    at === undefined
      ? sql`until is null`
      : sql`since <= ${at}::timestamptz and (until is null or until > ${at}::timestamptz)`
  const { rows } = await sql<{ address: string; accountId: string }>`
    select wanted.address, held.account_id
    from unnest(${wanted}::text[]) as wanted (address)
    cross join ${oneByOne(sql`select account_id from account_address where address = wanted.address and ${inForce}`)} held`.execute(
    db,
  )
  for (const { address, accountId } of rows) persons.set(address, accountId)
  return persons
}

/** Every address that a person has today, the main one first; of somebody without an account, the address itself. */
export async function addressesOf(db: Database | Transaction, person: Person): Promise<string[]> {
  if (person.includes('@')) return [person]
  const { rows } = await sql<{ address: string }>`
    select address from account_address where account_id = ${person}::uuid and until is null
    order by is_primary desc, address`.execute(db)
  return rows.map(({ address }) => address)
}

/** Somebody in a room whom the directory, or the platform, vouches for. */
interface Recognised {
  person: Person
  /** The main address today. */
  address: string
}

/**
 * Who people in a room are: by the address that the platform vouches for, else by a full name that one account alone bears in the directory, and
 * that one in use. In the order asked for; undefined for whoever is not recognised. Never give it an address from an invitation.
 */
export async function recognise(
  db: Database | Transaction,
  people: readonly { email?: string | null; name: string | null }[],
): Promise<(Recognised | undefined)[]> {
  const emails = people.flatMap(({ email }) => (email ? [email.toLowerCase()] : []))
  const keys = people.flatMap(({ email, name }) => (email ? [] : (nameKeyOf(name) ?? [])))
  const byEmail = await personOf(db, emails)
  const byName = await findByName(db, keys)
  const ids = [...byEmail.values(), ...byName.values()].filter((person) => !person.includes('@'))
  const mains = await mainAddressesOf(db, ids)
  return people.map(({ email, name }) => {
    const person = email ? byEmail.get(email.toLowerCase()) : byName.get(nameKeyOf(name) ?? '')
    if (person === undefined) return undefined
    const address = person.includes('@') ? person : (mains.get(person) ?? email?.toLowerCase())
    return address === undefined ? undefined : { person, address }
  })
}

async function findByName(db: Database | Transaction, keys: readonly string[]): Promise<Map<string, Person>> {
  if (keys.length === 0) return new Map()
  const { rows } = await sql<{ nameKey: string; id: string }>`
    select name_key, min(id::text) as id from account
    where gone_at is null and name_key = any(${keys}::text[])
    group by name_key having count(*) = 1 and min(status) = 'active'`.execute(db)
  return new Map(rows.map(({ nameKey, id }) => [nameKey, id]))
}

async function mainAddressesOf(db: Database | Transaction, ids: readonly Person[]): Promise<Map<Person, string>> {
  if (ids.length === 0) return new Map()
  const { rows } = await sql<{ accountId: string; address: string }>`
    select account_id, address from account_address
    where account_id = any(${ids}::uuid[]) and is_primary and until is null`.execute(db)
  return new Map(rows.map(({ accountId, address }) => [accountId, address]))
}
