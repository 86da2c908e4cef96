import { expect, test } from 'vitest'
import { groupOccurrences, type Occurrence } from './identity.ts'
import { noCounts } from './occurrence.ts'

const at = new Date('2026-11-23T09:00:00Z')

function occurrence(uid: string, provenOrganizer: string | null, alive = true): Occurrence {
  const ref = { roomKey: 'jitsi:meet.jit.si/daily', uid, occurrenceKey: '' }
  const said = { variant: 'v', startsAt: at, endsAt: new Date(at.getTime() + 1_800_000), isAllDay: false, title: uid }
  const facts = { organizerEmail: null, isOrganizerCopy: false, visibility: 'default', kind: 'default', tags: [] }
  const room = { meetingUrl: 'https://meet.jit.si/daily', platform: 'jitsi', roomId: 'meet.jit.si/daily' }
  const known = { namesOwner: true, firstKnownAt: at, placedAt: at }
  const counts = { ...noCounts, copies: 1, supporting: alive ? 1 : 0 }
  const authority = {
    ...{
      provenOrganizer,
      organizer: provenOrganizer,
      circle: [],
      isAcceptedByOwner: true,
      calledOff: undefined,
      source: '',
    },
    ...{
      isInvited: () => false,
      named: new Set<string>(),
      groups: new Set<string>(),
      circleVariants: new Set<string>(),
    },
  }
  const variants = [{ ...ref, ...said, ...facts, ...room, ...known, ...counts }]
  return { ...ref, variants, authority, owners: new Set(), meetingId: null }
}

const groupsOf = (occurrences: Occurrence[], without: [Occurrence, Occurrence][] = []) =>
  groupOccurrences(occurrences, () => false, without)
    .map((group) => group.map(({ uid }) => uid).sort())
    .sort()

test('invitations of one organiser for one minute are one meeting, with those that add no reader to it', () => {
  const [a, b, c, d, e] = [
    occurrence('a', 'ana@example.com'),
    occurrence('b', 'ana@example.com'),
    occurrence('c', null),
    occurrence('d', null),
    occurrence('e', 'ana@example.com', false),
  ] as const
  expect(groupsOf([a, b, c, d, e], [[b, c]])).toEqual([['a', 'b', 'c'], ['d'], ['e']])
})

test('two occurrences of one invitation are no two invitations', () => {
  const one = occurrence('a', 'ana@example.com')
  expect(groupsOf([one, { ...one, occurrenceKey: '2026-11-23' }])).toEqual([['a'], ['a']])
})

test('of very many invitations of one minute nobody looks at each two', () => {
  let looks = 0
  const many = Array.from({ length: 1_000 }, (_, n) => {
    const one = occurrence(`uid-${n}`, null)
    const authority = {
      ...one.authority,
      get provenOrganizer() {
        looks += 1
        return 'everybody@example.com'
      },
    }
    return { ...one, authority }
  })
  expect(groupsOf(many)).toHaveLength(1)
  expect(looks).toBeLessThan(50_000)
})
