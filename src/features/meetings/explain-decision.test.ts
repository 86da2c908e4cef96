import { describe, expect, test } from 'vitest'
import { decisionTrail } from './decision-trail.ts'
import { type Explained, explainDecision } from './explain-decision.ts'
import { type Meeting, type Reason, unheld } from './meeting.ts'

const now = new Date('2026-11-23T08:00:00Z')
const meeting: Meeting = {
  id: '00000000-0000-4000-8000-000000000000',
  platform: 'google_meet',
  roomId: 'abc-defg-hij',
  roomKey: 'google_meet:abc-defg-hij',
  meetingUrl: 'https://meet.google.com/abc-defg-hij',
  uid: 'u',
  occurrenceKey: '',
  startsAt: new Date('2026-11-23T09:00:00Z'),
  endsAt: new Date('2026-11-23T10:00:00Z'),
  isAllDay: false,
  title: 'Planning',
  isPrivate: false,
  organizerEmail: null,
  attendeeCount: 4,
  copies: 4,
  supporting: 3,
  decision: 'attend',
  wish: null,
  wishAt: null,
  wishBy: null,
  reason: 'wanted',
  reasonDetail: { supporting: 3, copies: 4 },
  ...unheld,
}
const over = new Date('2026-11-23T12:00:00Z')
const counts = (supporting: number, copies: number): Partial<Explained> => ({ reasonDetail: { supporting, copies } })
const explain = (changes: Partial<Explained>, at = now) => explainDecision({ ...meeting, ...changes }, at)

describe('A decision is explained', () => {
  test.each<[Partial<Explained>, string]>([
    [{}, 'To be attended: 3 of 4 people invited from here have not declined.'],
    [counts(1, 4), 'To be attended: 1 of 4 people invited from here has not declined.'],
    [counts(1, 1), 'To be attended: the person invited from here has not declined.'],
    [counts(2, 2), 'To be attended: neither of the two people invited from here has declined.'],
    [counts(4, 4), 'To be attended: none of the 4 people invited from here has declined.'],
    [
      { decision: 'observe' },
      'Would be attended: 3 of 4 people invited from here have not declined. Attendance is switched off.',
    ],
    [
      { decision: 'no_runner' },
      'Would be attended: 3 of 4 people invited from here have not declined. There is no way to join Google Meet yet.',
    ],
    [
      { decision: 'no_runner', platform: 'elsewhere', ...counts(1, 1) },
      'Would be attended: the person invited from here has not declined. There is no way to join elsewhere yet.',
    ],
    [{ decision: 'skip', reason: 'opted_out' }, 'Not attended: the invitation says #norecord.'],
    [
      { decision: 'skip', reason: 'opted_out', reasonDetail: { supporting: 1, copies: 1, word: '#privat' } },
      'Not attended: the invitation says #privat.',
    ],
    [
      { decision: 'skip', reason: 'rule', reasonDetail: { supporting: 1, copies: 1, rule: 'Board' } },
      'Not attended: the rule “Board” leaves it out.',
    ],
    [
      { decision: 'no_runner', reason: 'rule', reasonDetail: { supporting: 1, copies: 1, rule: 'Board' } },
      'Would be attended: the rule “Board” says so. There is no way to join Google Meet yet.',
    ],
    [
      { decision: 'skip', reason: 'all_declined', ...counts(0, 1) },
      'Not attended: the only person invited from here has declined.',
    ],
    [
      { decision: 'skip', reason: 'all_declined', ...counts(0, 2) },
      'Not attended: both people invited from here have declined.',
    ],
    [
      { decision: 'skip', reason: 'all_declined', ...counts(0, 9) },
      'Not attended: all 9 people invited from here declined.',
    ],
  ])('%o: %s', (changes, sentence) => {
    expect(explain(changes)).toBe(sentence)
  })

  test('in the past tense once the meeting is over', () => {
    expect(explain({}, over)).toMatch(/^Was to be attended: /)
    expect(explain({ decision: 'observe' }, over)).toMatch(
      /^Would have been attended: .* Attendance was switched off\.$/,
    )
    expect(explain(counts(0, 0), over)).toBe('Was to be attended: it was wanted while it could be attended.')
  })
})

describe('The trail of a decision', () => {
  const outcomes = (changes: Partial<Meeting>) =>
    decisionTrail({ ...meeting, ...changes }, now).map(({ outcome }) => outcome)

  test('passes every question for a meeting that is attended', () => {
    expect(new Set(outcomes({}))).toEqual(new Set(['passed']))
  })

  test.each<[Partial<Meeting>, string]>([
    [{ decision: 'observe' }, 'Attendance'],
    [{ decision: 'no_runner' }, 'A way to join'],
    ...(
      [
        ['gone', 'Seen in calendars'],
        ['merged', 'One meeting'],
        ['cancelled', 'Somebody wants it'],
        ['all_declined', 'Somebody wants it'],
        ['no_connected_calendar', 'Somebody wants it'],
        ['already_over', 'Still to come when planned'],
        ['private', 'Rules'],
        ['all_day', 'Rules'],
        ['rule', 'Rules'],
        ['person_opted_out', 'Rules'],
      ] as const satisfies [Reason, string][]
    ).map(([reason, heading]): [Partial<Meeting>, string] => [{ decision: 'skip', reason }, heading]),
  ])('for %o ends at "%s" and asks nothing after it', (changes, heading) => {
    const trail = decisionTrail({ ...meeting, ...changes }, now)
    const end = trail.findIndex(({ outcome }) => outcome === 'stopped')
    expect(trail[end]?.heading).toBe(heading)
    expect(trail[end]?.text).toMatch(/\.$/)
    expect(trail.slice(0, end).every(({ outcome }) => outcome === 'passed')).toBe(true)
    expect(trail.slice(end + 1).every(({ outcome }) => outcome === 'not_asked')).toBe(true)
  })
})
