/** Somebody as the organisation's directory knows them, with all addresses of today. */
export interface Account {
  /** The provider's own id, which stays when the address changes. */
  nativeId: string
  /** Lower case, as all addresses. */
  email: string
  aliases: readonly string[]
  fullName: string | null
  status: 'active' | 'suspended' | 'archived'
  /** When the provider made the account; null where it does not say. */
  createdAt: Date | null
}

/** The key that names somebody: the id of their account where the directory knows the address, else the address in lower case. */
export type Person = string

/** Whether the organisation's directory knows, or knew, this person. */
export function hasAccount(person: Person): boolean {
  return !person.includes('@')
}

// What platforms and people write where they mean nobody in particular.
const PLACEHOLDERS =
  /^(?:unknown(?: (?:speaker|user|caller|participant))?|anonymous|guest|participant|user|speaker|caller|me|you|admin|administrator|host|test|n\/?a|\W*)(?:[ #(]*\d*\)?)?$/u

/**
 * A full name as it is compared: without capitals, Unicode's different ways of writing one letter, and spaces that do not show. Undefined
 * where it is a placeholder, which names nobody.
 */
export function nameKeyOf(name: string | null): string | undefined {
  const key = (name ?? '').normalize('NFKC').toLowerCase().normalize('NFC').replaceAll(/\s+/gu, ' ').trim()
  return PLACEHOLDERS.test(key) ? undefined : key
}
