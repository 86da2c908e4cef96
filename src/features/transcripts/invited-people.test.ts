import { describe, expect, test } from 'vitest'
import { collectInvitedPeople, type InvitationCopy } from './invited-people.ts'

const [ana, ben, cleo, mallory, eve] = ['ana', 'ben', 'cleo', 'mallory', 'eve'].map(
  (name) => `${name}@example.com`,
) as [string, string, string, string, string]

function copy(
  owner: string,
  changes: Partial<Omit<InvitationCopy, 'attendees'>> & { guests?: readonly string[] } = {},
) {
  const { guests = [ana, ben], ...rest } = changes
  return {
    ownerEmail: owner,
    organizerEmail: ana,
    organizerName: null,
    seenAt: new Date('2026-11-23T08:00:00Z'),
    attendees: guests.map((email) => ({ email, name: null, kind: email.startsWith('group') ? 'group' : 'person' })),
    ...rest,
  }
}

const emails = (...copies: InvitationCopy[]) => collectInvitedPeople(copies).map(({ email }) => email)

describe('Who is invited', () => {
  test('is what the organiser’s own copy says, with whether they have calendars here', () => {
    expect(collectInvitedPeople([copy(ana), copy(ben)])).toEqual([
      { email: ana, name: null, hasCalendar: true },
      { email: ben, name: null, hasCalendar: true },
    ])
  })

  test('is not somebody who copied an invitation into a calendar of their own, nor whom they name', () => {
    expect(emails(copy(ana), copy(ben), copy(mallory, { guests: [ana, ben, mallory, eve] }))).toEqual([ana, ben])
  })

  test('is not somebody who copied it and calls it their own, even where nobody else has a calendar', () => {
    const later = new Date('2026-11-23T09:00:00Z')
    const forged = copy(mallory, { organizerEmail: mallory, guests: [mallory, eve], seenAt: later })
    expect(emails(copy(ana), forged)).toEqual([ana, ben])
    expect(emails(forged, copy(ana), copy(ben))).toEqual([ana, ben])
  })

  test('are the guests of guests who invite on under an invitation of their own', () => {
    const forwarded = copy(ben, { organizerEmail: ben, guests: [ben, cleo] })
    expect(emails(copy(ana), copy(ben), forwarded)).toEqual([ana, ben, cleo])
  })

  test('are the holders of copies where a group was invited, since nobody says who is in it', () => {
    expect(emails(copy(ana, { guests: ['group@example.com'] }), copy(cleo))).toEqual([ana, cleo])
  })

  test('are all that any copy names, and all who hold one, where the organiser’s copy is not known', () => {
    const fromOutside = { organizerEmail: 'kim@customer.example' }
    expect(emails(copy(ben, { ...fromOutside, guests: [ben] }), copy(cleo, { ...fromOutside, guests: [] }))).toEqual([
      ben,
      cleo,
      'kim@customer.example',
    ])
  })
})
