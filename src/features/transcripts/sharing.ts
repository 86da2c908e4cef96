import { hasAccount, type Person } from '../people/index.ts'

/** Whom the installation lets read, apart from each meeting's own invitation. */
export interface SharingPolicy {
  /** The organisation's e-mail domains, lower case. Where none is known, whoever has a calendar here belongs to it. */
  orgDomains: readonly string[]
  /** Whether invited people outside the organisation may read too. */
  shareWithExternal: boolean
  adminEmails: readonly string[]
}

/** Somebody who was invited to a meeting. */
export interface InvitedPerson {
  email: string
  name: string | null
  /** Whether one of the invitation's copies stands in this person's own calendar here. */
  hasCalendar: boolean
}

/** Whether an invited person is of the organisation: by an account in its directory, or by the address. */
export function isColleague(
  person: Pick<InvitedPerson, 'email' | 'hasCalendar'> & { person?: Person },
  policy: Pick<SharingPolicy, 'orgDomains'>,
): boolean {
  if (person.person !== undefined && hasAccount(person.person)) return true
  if (policy.orgDomains.length === 0) return person.hasCalendar
  return policy.orgDomains.includes(person.email.slice(person.email.lastIndexOf('@') + 1))
}

/** Of the invited people those who may read. Administrators may besides, invited or not. */
export function readersOf<T extends InvitedPerson>(invited: readonly T[], policy: SharingPolicy): T[] {
  return invited.filter((person) => policy.shareWithExternal || isColleague(person, policy))
}
