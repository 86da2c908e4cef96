import { normaliseEmail } from '../../base/text.ts'
import type { InvitedPerson } from './sharing.ts'

/** One copy of an invitation, as far as it says who is invited. Addresses in lower case. */
export interface InvitationCopy {
  ownerEmail: string
  organizerEmail: string | null
  organizerName: string | null
  attendees: readonly { email: string; name: string | null; kind: string }[]
  /** When it first was in the calendar, as far as we saw. */
  seenAt: Date
}

/**
 * The people of an invitation: organiser, invited people, owners of copies. Anyone can put a copy of somebody's invitation into a
 * calendar of their own; so where the organiser's own copy is known, it is the list of guests, and a copy in another calendar invites
 * nobody. Guests who invite on under an invitation of their own bring theirs in. Who is in an invited group is not known; then whoever
 * holds a copy counts. Rooms and groups are no people. Pure.
 */
export function collectInvitedPeople(copies: readonly InvitationCopy[]): InvitedPerson[] {
  const organizer = organizerOf(copies)
  const invited = organizer === undefined ? copies : copiesThatInvite(copies, organizer)
  const countsOwners = organizer === undefined || invited.some(namesGroup)
  const people = new Map<string, InvitedPerson>()
  const owners = new Set(copies.map((copy) => normaliseEmail(copy.ownerEmail)))
  const add = (text: string | null, name: string | null) => {
    const email = normaliseEmail(text ?? '')
    if (email === undefined) return
    people.set(email, { email, name: people.get(email)?.name ?? name, hasCalendar: owners.has(email) })
  }
  for (const copy of invited) {
    add(copy.organizerEmail, copy.organizerName)
    for (const { email, name, kind } of copy.attendees) if (kind === 'person') add(email, name)
  }
  if (countsOwners) for (const copy of copies) add(copy.ownerEmail, null)
  return [...people.values()].sort((a, b) => (a.email < b.email ? -1 : 1))
}

/**
 * Whose invitation it is, where that person's own copy is known. A forged copy names its owner as organiser; so the one whom most copies
 * name counts, of equals the one whose copy was there first.
 */
function organizerOf(copies: readonly InvitationCopy[]): string | undefined {
  const namedBy = (email: string) => copies.filter((copy) => copy.organizerEmail === email).length
  return copies
    .filter(isOrganizerCopy)
    .map(({ ownerEmail, seenAt }) => ({ ownerEmail, named: namedBy(ownerEmail), seenAt: seenAt.getTime() }))
    .toSorted((a, b) => b.named - a.named || a.seenAt - b.seenAt || (a.ownerEmail < b.ownerEmail ? -1 : 1))[0]
    ?.ownerEmail
}

/** The organiser's copies, and those by which people they invite, invite further people. */
function copiesThatInvite(copies: readonly InvitationCopy[], organizer: string): InvitationCopy[] {
  const circle = new Set([organizer])
  const inviting = new Set<InvitationCopy>()
  for (let size = -1; size !== inviting.size; ) {
    size = inviting.size
    for (const copy of copies) {
      if (inviting.has(copy) || !isOrganizerCopy(copy) || !circle.has(copy.ownerEmail)) continue
      inviting.add(copy)
      for (const { email } of copy.attendees) circle.add(email)
    }
  }
  return [...inviting]
}

/** Whether a copy stands in its organiser's own calendar. */
export function isOrganizerCopy({ organizerEmail, ownerEmail }: InvitationCopy): boolean {
  return organizerEmail === ownerEmail
}

function namesGroup({ attendees }: InvitationCopy): boolean {
  return attendees.some(({ kind }) => kind === 'group')
}
