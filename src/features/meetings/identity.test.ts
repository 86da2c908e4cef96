import { expect, test } from 'vitest'
import { groupOccurrences, type Occurrence } from './identity.ts'

const at = new Date('2026-11-23T09:00:00Z')

function occurrence(uid: string, people: Iterable<string>): Occurrence {
  const ref = { roomKey: 'jitsi:meet.jit.si/daily', uid, occurrenceKey: '' }
  const said = { variant: 'v', startsAt: at, endsAt: new Date(at.getTime() + 1_800_000), isAllDay: false, title: uid }
  const facts = { organizerEmail: null, isOrganizerCopy: false, visibility: 'default', kind: 'default', tags: [] }
  const room = { meetingUrl: 'https://meet.jit.si/daily', platform: 'jitsi', roomId: 'meet.jit.si/daily' }
  const counts = { copies: 1, supporting: 1, declined: 0, cancelled: 0, accepted: 1, tentative: 0 }
  const variants = [{ ...ref, ...said, ...facts, ...room, ...counts }]
  return { ...ref, variants, participants: new Set(people), groups: new Set(), owners: new Set(), meetingId: null }
}

const groupsOf = (occurrences: Occurrence[]) =>
  groupOccurrences(occurrences, () => false)
    .map((group) => group.map(({ uid }) => uid).sort())
    .sort()

test('invitations of one minute are one meeting where people lead from one to the other', () => {
  expect(
    groupsOf([
      occurrence('a', ['x', 'y']),
      occurrence('b', ['y', 'z']),
      occurrence('c', ['z']),
      occurrence('d', ['w']),
    ]),
  ).toEqual([['a', 'b', 'c'], ['d']])
})

test('of very many that one person is invited to nobody is looked at twice', () => {
  let looks = 0
  class Counted extends Set<string> {
    override has(person: string): boolean {
      looks += 1
      return super.has(person)
    }
    override [Symbol.iterator]() {
      looks += 1
      return super[Symbol.iterator]()
    }
  }
  const many = Array.from({ length: 1_000 }, (_, n) =>
    occurrence(`uid-${n}`, new Counted([`person ${n}`, 'everybody'])),
  )
  expect(groupsOf(many)).toHaveLength(1)
  expect(looks).toBeLessThan(10_000)
})
