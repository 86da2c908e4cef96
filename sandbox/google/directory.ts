import { addressOf } from './event.ts'

/** Whom to make; everything but the address has a usual value. */
export interface PersonInput {
  email: string
  name?: string
  timeZone?: string
  aliases?: readonly string[]
  isAdmin?: boolean
  /** Without the Calendar service: `notACalendarUser`. */
  hasCalendar?: boolean
  orgUnitPath?: string
  /** The company that keeps the account; null for a private one. Default: the domain of the address. */
  hostedDomain?: string | null
  isEmailVerified?: boolean
}

/** Somebody with an account: of the domain, or from elsewhere, whom the domain's administrator does not see. */
export interface GooglePerson {
  /** Stays through everything: also the `sub` of sign-ins. */
  readonly id: string
  primaryEmail: string
  aliases: string[]
  name: string
  timeZone: string
  isAdmin: boolean
  hasCalendar: boolean
  orgUnitPath: string
  hostedDomain: string | null
  isEmailVerified: boolean
  isSuspended: boolean
  isArchived: boolean
  readonly createdAt: number
  /** When deleted; null: is there. */
  deletedAt: number | null
}

/** The people of the domain, and others who have accounts. Orders for an address that is nobody's throw. */
export interface Directory {
  readonly domain: string
  /** Everybody, the deleted too, in the order of their coming. */
  readonly people: readonly GooglePerson[]
  /** Somebody who is there, by an address or an alias. */
  find(address: string): GooglePerson | undefined
  findById(id: string): GooglePerson | undefined
  add(person: PersonInput): GooglePerson
  suspend(address: string): void
  restore(address: string): void
  archive(address: string): void
  /** The old address stays as an alias, unless it is to go to somebody else. */
  rename(address: string, to: string, options?: { keepsAlias?: boolean }): void
  delete(address: string): void
  /** Brings somebody deleted back. */
  undelete(address: string): void
}

interface DirectoryOptions {
  domain: string
  now: () => number
  /** Told of everybody who came, went or changed. */
  onChange?: (event: 'add' | 'delete' | 'undelete' | 'update', person: GooglePerson) => void
}

/** A domain without people. Ids are counted, so that the same orders give the same ids. */
export function createDirectory({ domain, now, onChange = () => {} }: DirectoryOptions): Directory {
  const people: GooglePerson[] = []
  const byId = new Map<string, GooglePerson>()
  const byAddress = new Map<string, GooglePerson>()
  const known = (address: string) => {
    const person = byAddress.get(addressOf(address))
    if (!person) throw new Error(`Nobody in the domain is ${address}`)
    return person
  }
  const update = (address: string, changes: Partial<GooglePerson>) => {
    onChange('update', Object.assign(known(address), changes))
  }

  return {
    domain,
    people,
    find: (address) => byAddress.get(addressOf(address)),
    findById: (id) => byId.get(id),
    add(input) {
      const primaryEmail = addressOf(input.email)
      if (byAddress.has(primaryEmail)) throw new Error(`${primaryEmail} is somebody’s address already`)
      const person: GooglePerson = {
        id: String(100_000_000_000_000_000_000n + BigInt(people.length + 1) * 7_919n),
        primaryEmail,
        aliases: (input.aliases ?? []).map(addressOf),
        name: input.name ?? primaryEmail,
        timeZone: input.timeZone ?? 'Europe/Berlin',
        isAdmin: input.isAdmin ?? false,
        hasCalendar: input.hasCalendar ?? true,
        orgUnitPath: input.orgUnitPath ?? '/',
        hostedDomain: input.hostedDomain === undefined ? (primaryEmail.split('@')[1] ?? null) : input.hostedDomain,
        isEmailVerified: input.isEmailVerified ?? true,
        isSuspended: false,
        isArchived: false,
        createdAt: now(),
        deletedAt: null,
      }
      people.push(person)
      byId.set(person.id, person)
      for (const address of [primaryEmail, ...person.aliases]) byAddress.set(address, person)
      onChange('add', person)
      return person
    },
    suspend: (address) => update(address, { isSuspended: true }),
    restore: (address) => update(address, { isSuspended: false, isArchived: false }),
    archive: (address) => update(address, { isArchived: true }),
    rename(address, to, { keepsAlias = true } = {}) {
      const person = known(address)
      const next = addressOf(to)
      if (byAddress.has(next) && byAddress.get(next) !== person)
        throw new Error(`${next} is somebody’s address already`)
      if (!keepsAlias) byAddress.delete(person.primaryEmail)
      const aliases = keepsAlias ? [...person.aliases, person.primaryEmail] : person.aliases
      byAddress.set(next, person)
      update(next, { primaryEmail: next, aliases: aliases.filter((alias) => alias !== next) })
    },
    delete(address) {
      const person = known(address)
      for (const one of [person.primaryEmail, ...person.aliases]) byAddress.delete(one)
      person.deletedAt = now()
      onChange('delete', person)
    },
    undelete(address) {
      const person = people.find((one) => one.deletedAt !== null && one.primaryEmail === addressOf(address))
      if (!person) throw new Error(`Nobody deleted was ${address}`)
      person.deletedAt = null
      for (const one of [person.primaryEmail, ...person.aliases]) byAddress.set(one, person)
      onChange('undelete', person)
    },
  }
}
