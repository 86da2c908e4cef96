import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY_MS, dayOf, HOUR_MS, MINUTE_MS } from '../src/base/time.ts'
import { createManualClock } from '../test/support/manual-clock.ts'
import { parseFeed, type ReadOccurrence } from '../test/support/parse-feed.ts'
import { agendaUid, enterAgenda } from './agenda.ts'
import { createCalendars } from './calendars.ts'
import { amara, colleagues, companyTimeZone, rosa } from './organisation.ts'
import { writeCalendar } from './write-ics.ts'

const ORIGIN = 'http://127.0.0.1:4400'
const instants = fc.date({ min: new Date('2026-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })

function begin(startedAt: Date) {
  const calendars = createCalendars({ clock: createManualClock(startedAt) })
  enterAgenda(calendars, { startedAt, origin: ORIGIN })
  return {
    uid: (name: string) => agendaUid({ startedAt, origin: ORIGIN }, name),
    feedsAt: (now: Date) => colleagues.map((person) => writeCalendar(person, calendars.of(person.email), now)),
  }
}

/** Everybody's occurrences between two instants, as the feeds show them at the first. */
function readAll(sandbox: ReturnType<typeof begin>, from: Date, to: Date): ReadOccurrence[] {
  return sandbox.feedsAt(from).flatMap((feed) => parseFeed(withoutDamage(feed), from, to))
}

/** What the other reader is not asked to survive. */
function withoutDamage(feed: string): string {
  return feed.replace(/BEGIN:VEVENT\r\nDTSTART:next-thursday[\s\S]*?END:VEVENT\r\n/, '')
}

describe('The agenda', () => {
  it('always has a meeting in a sandbox room that begins within five minutes', () => {
    fc.assert(
      fc.property(instants, fc.integer({ min: 0, max: 10 * DAY_MS }), (startedAt, ageMs) => {
        const now = new Date(startedAt.getTime() + ageMs)
        const soon = readAll(begin(startedAt), now, new Date(now.getTime() + 5 * MINUTE_MS + 1))
        expect(soon.filter(({ location }) => location.startsWith(`${ORIGIN}/rooms/`))).not.toHaveLength(0)
      }),
      { numRuns: 30 },
    )
  })

  it('begins with a stand-up of four people within two minutes and a call with an outsider within five, at any time of any day', () => {
    fc.assert(
      fc.property(instants, (startedAt) => {
        const sandbox = begin(startedAt)
        const read = readAll(sandbox, startedAt, new Date(startedAt.getTime() + 5 * MINUTE_MS + 1))
        const standUp = read.filter(({ uid }) => uid === sandbox.uid('stand-up'))
        expect(standUp).toHaveLength(4)
        expect(standUp[0]?.startsAt.getTime()).toBeLessThanOrEqual(startedAt.getTime() + 2 * MINUTE_MS)
        const call = read.find(({ uid }) => uid === sandbox.uid('customer-call'))
        expect(Object.keys(call?.answers ?? {}).filter((email) => email.endsWith('@example.org'))).toHaveLength(1)
      }),
      { numRuns: 30 },
    )
  })

  it('keeps meetings of one coffee corner more than 15 minutes apart, so that each gets a bot of its own', () => {
    const startedAt = new Date('2026-11-22T12:00:30Z')
    const read = readAll(begin(startedAt), startedAt, new Date(startedAt.getTime() + HOUR_MS))
    const kitchen = read.filter(({ location }) => location.endsWith('/coffee-kitchen'))
    const starts = [...new Set(kitchen.map(({ startsAt }) => startsAt.getTime()))]
    const ends = [...new Set(kitchen.map(({ endsAt }) => endsAt.getTime()))]
    expect(starts.length).toBeGreaterThan(2)
    for (const [i, start] of starts.slice(1).entries()) expect(start - (ends[i] ?? 0)).toBeGreaterThan(15 * MINUTE_MS)
  })

  it('has two meetings of strangers in one room at nine and at three of one day', () => {
    fc.assert(
      fc.property(instants, (startedAt) => {
        const sandbox = begin(startedAt)
        const read = readAll(sandbox, startedAt, new Date(startedAt.getTime() + 3 * DAY_MS))
        const [morning, afternoon] = ['library-morning', 'library-afternoon'].map((name) =>
          read.find(({ uid }) => uid === sandbox.uid(name)),
        )
        const hour = (at?: Date) => at?.toLocaleTimeString('en-GB', { timeZone: companyTimeZone, timeStyle: 'short' })
        expect([hour(morning?.startsAt), hour(afternoon?.startsAt)]).toEqual(['09:00', '15:00'])
        expect(afternoon?.location).toBe(morning?.location)
        expect(dayOf(afternoon?.startsAt ?? startedAt, companyTimeZone)).toBe(
          dayOf(morning?.startsAt ?? startedAt, companyTimeZone),
        )
        const people = Object.keys(morning?.answers ?? {})
        expect(people.filter((email) => email in (afternoon?.answers ?? {}))).toEqual([])
      }),
      { numRuns: 30 },
    )
  })

  it('has a weekly series of which the next is later than usual and the one after it cancelled', () => {
    const startedAt = new Date('2026-11-22T12:00:00Z')
    const sandbox = begin(startedAt)
    const read = parseFeed(withoutDamage(feedOf(sandbox, amara.email)), startedAt, new Date('2026-12-20T00:00:00Z'))
    const circle = read.filter(({ uid }) => uid === sandbox.uid('lamp-circle'))
    expect(circle.map(({ startsAt }) => startsAt.toISOString())).toEqual([
      '2026-11-23T11:00:00.000Z',
      '2026-12-07T09:00:00.000Z',
      '2026-12-14T09:00:00.000Z',
    ])
  })

  it('has a meeting across midnight, one that is over, and one that everybody here declined', () => {
    const startedAt = new Date('2026-11-22T12:00:00Z')
    const sandbox = begin(startedAt)
    const read = readAll(sandbox, new Date(startedAt.getTime() - DAY_MS), new Date(startedAt.getTime() + 3 * DAY_MS))
    const find = (name: string) => read.find(({ uid }) => uid === sandbox.uid(name)) as ReadOccurrence
    const night = find('night-shift')
    expect(dayOf(night.endsAt, companyTimeZone)).not.toBe(dayOf(night.startsAt, companyTimeZone))
    expect(find('over').endsAt.getTime()).toBeLessThan(startedAt.getTime())
    const own = Object.entries(find('declined').answers).filter(([email]) => email.endsWith('@example.com'))
    expect(own.map(([, answer]) => answer)).toEqual(['DECLINED', 'DECLINED'])
    expect(find('cancelled').isCancelled).toBe(true)
    expect(find('doctor').visibility).toBe('PRIVATE')
    expect(find('confidential').visibility).toBe('CONFIDENTIAL')
    expect(find('offsite').isAllDay).toBe(true)
  })

  it('invites to other meetings when it is started again', () => {
    const [first, second] = ['2026-11-22T12:00:00Z', '2026-11-22T12:10:00Z'].map((at) => begin(new Date(at)))
    expect(first?.uid('stand-up')).not.toBe(second?.uid('stand-up'))
  })

  it('leaves Rosa’s private appointment out of everybody else’s calendar', () => {
    const startedAt = new Date('2026-11-22T12:00:00Z')
    const holders = colleagues.filter((_, i) => begin(startedAt).feedsAt(startedAt)[i]?.includes('Doctor'))
    expect(holders).toEqual([rosa])
  })
})

function feedOf(sandbox: ReturnType<typeof begin>, email: string): string {
  const at = new Date('2026-11-22T12:00:00Z')
  return sandbox.feedsAt(at)[colleagues.findIndex((person) => person.email === email)] ?? ''
}
