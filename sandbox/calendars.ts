import type { Clock } from '../src/base/clock.ts'
import {
  type Answer,
  createInvitation,
  type Invitation,
  type InvitationDraft,
  type InvitationTexts,
  isInCalendarOf,
  isWholeDays,
  type OccurrenceChange,
  type Times,
} from './invitation.ts'
import { personOf } from './organisation.ts'

/**
 * What one person can do. The organiser's changes show in every copy, an answer in every copy too. Each throws where the person may not
 * or cannot do it.
 */
export interface CalendarEditor {
  insert(draft: InvitationDraft): Invitation
  /** Moves a single event, a whole series (which forgets its exceptions), or the occurrence that was to start at `occurrence`. */
  move(uid: string, to: Times, occurrence?: Date): void
  /** Changes texts and links; an empty text takes one away. */
  rewrite(uid: string, texts: Partial<InvitationTexts>): void
  cancel(uid: string, occurrence?: Date): void
  accept(uid: string): void
  decline(uid: string): void
  /** Removes the own copy: who was invited declines with it, the organiser cancels. */
  delete(uid: string): void
}

export interface Calendars {
  /** Acts as this person, who may be a partner without a calendar here. */
  edit(email: string): CalendarEditor
  /** What stands in this person's calendar. */
  of(email: string): readonly Invitation[]
}

interface CalendarsOptions {
  clock: Clock
  /** Told of each invitation that is new or has changed. */
  written?: (invitation: Invitation) => void
}

/** Calendars in memory: each invitation exists once, and everybody's calendar is a view of it. */
export function createCalendars({ clock, written = () => {} }: CalendarsOptions): Calendars {
  const invitations = new Map<string, Invitation>()
  const write = (invitation: Invitation) => {
    invitations.set(invitation.uid, invitation)
    written(invitation)
  }
  return {
    edit: (email) => createEditor({ invitations, clock, write }, email),
    of: (email) => [...invitations.values()].filter((invitation) => isInCalendarOf(invitation, email)),
  }
}

interface EditorDeps {
  invitations: ReadonlyMap<string, Invitation>
  clock: Clock
  write(invitation: Invitation): void
}

function createEditor({ invitations, clock, write }: EditorDeps, email: string): CalendarEditor {
  const held = (uid: string) => {
    const invitation = invitations.get(uid)
    if (!invitation || !isInCalendarOf(invitation, email)) throw new Error(`${email} has no invitation ${uid}`)
    return invitation
  }
  const owned = (uid: string) => {
    const invitation = held(uid)
    if (invitation.organizer.email !== email) throw new Error(`Only ${invitation.organizer.email} can change ${uid}`)
    return invitation
  }
  const change = (invitation: Invitation, changes: Partial<Invitation>) =>
    write({ ...invitation, changedAt: clock.now(), ...changes })
  const revise = (invitation: Invitation, changes: Partial<Invitation>) =>
    change(invitation, { sequence: invitation.sequence + 1, ...changes })
  const answer = (uid: string, given: Answer) => {
    const invitation = held(uid)
    if (invitation.invitees.length === 0) throw new Error(`Nobody was invited to ${uid}`)
    change(invitation, answered(invitation, email, given))
  }

  return {
    insert(draft) {
      const invitation = createInvitation(personOf(email), draft, clock.now())
      if (invitations.has(invitation.uid)) throw new Error(`There is an invitation ${invitation.uid} already`)
      write(invitation)
      return invitation
    },
    move(uid, to, occurrence) {
      const invitation = owned(uid)
      const { when } = invitation
      if (isWholeDays(when)) throw new Error(`${uid} has no hour that could be moved`)
      if (occurrence) return void revise(invitation, changeOccurrence(invitation, { originalStartsAt: occurrence, to }))
      const series = invitation.series && { series: { ...invitation.series, changes: [] } }
      revise(invitation, { when: { ...when, ...to }, ...series })
    },
    rewrite: (uid, texts) => void revise(owned(uid), texts),
    cancel(uid, occurrence) {
      const invitation = owned(uid)
      const changes = occurrence && changeOccurrence(invitation, { originalStartsAt: occurrence, to: 'cancelled' })
      revise(invitation, changes ?? { isCancelled: true })
    },
    accept: (uid) => answer(uid, 'accepted'),
    decline: (uid) => answer(uid, 'declined'),
    delete(uid) {
      const invitation = held(uid)
      const deletedBy = new Set([...invitation.deletedBy, email])
      if (invitation.organizer.email === email) revise(invitation, { isCancelled: true, deletedBy })
      else change(invitation, { ...answered(invitation, email, 'declined'), deletedBy })
    },
  }
}

function answered({ invitees }: Invitation, email: string, answer: Answer): Pick<Invitation, 'invitees'> {
  return { invitees: invitees.map((one) => (one.email === email ? { ...one, answer } : one)) }
}

function changeOccurrence({ uid, series }: Invitation, changed: OccurrenceChange): Partial<Invitation> {
  if (!series) throw new Error(`${uid} is no series`)
  const others = series.changes.filter((one) => one.originalStartsAt.getTime() !== changed.originalStartsAt.getTime())
  return { series: { ...series, changes: [...others, changed] } }
}
