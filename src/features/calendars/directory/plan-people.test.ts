import { describe, expect, test } from 'vitest'
import { type DelegatedCalendar, planPeople, type Wanted, type WantedPerson } from './plan-people.ts'

const ana: WantedPerson = { accountId: '1', email: 'ana@example.com', aliases: [], status: 'active' }
const ben: WantedPerson = { accountId: '2', email: 'ben@example.com', aliases: [], status: 'active' }

function calendarOf(person: WantedPerson, changes: Partial<DelegatedCalendar> = {}): DelegatedCalendar {
  return {
    id: `calendar of ${person.email}`,
    ownerEmail: person.email,
    accountId: person.accountId,
    deduplicationKey: `${person.email}-google-sa`,
    isConnected: true,
    releaseReason: null,
    isRemoved: false,
    ...changes,
  }
}

const keyEnding = 'google-sa'
const everybody = (...people: WantedPerson[]): Wanted => ({
  people,
  keyEnding,
  selected: undefined,
  missing: 'left',
})
const plan = (wanted: Wanted, ...calendars: DelegatedCalendar[]) => planPeople(wanted, calendars)

describe('The plan of whose calendars are connected', () => {
  test('connects who joined and releases who left', () => {
    expect(plan(everybody(ben), calendarOf(ana))).toEqual([
      {
        kind: 'release',
        email: 'ana@example.com',
        accountId: '1',
        calendarId: 'calendar of ana@example.com',
        reason: 'left',
      },
      { kind: 'connect', email: 'ben@example.com', accountId: '2', calendarId: null },
    ])
  })

  test('changes nothing where everything is in step', () => {
    expect(plan(everybody(ana, ben), calendarOf(ana), calendarOf(ben))).toEqual([])
  })

  test.each(['suspended', 'archived'] as const)('releases who was %s, once, and resumes whoever is back', (status) => {
    const away = { ...ana, status }
    expect(plan(everybody(away), calendarOf(ana))).toMatchObject([{ kind: 'release', reason: status }])
    const released = calendarOf(ana, { isConnected: false, releaseReason: status })
    expect(plan(everybody(away), released)).toEqual([])
    expect(plan(everybody(ana), released)).toMatchObject([{ kind: 'resume', email: 'ana@example.com' }])
    expect(plan(everybody(away))).toEqual([])
  })

  test('says why anew when the reason changes', () => {
    const released = calendarOf(ana, { isConnected: false, releaseReason: 'suspended' })
    expect(plan(everybody({ ...ana, status: 'archived' }), released)).toMatchObject([
      { kind: 'release', reason: 'archived' },
    ])
  })

  test('knows somebody under a new address, and whoever gets the old one is somebody else', () => {
    const renamed = { ...ana, email: 'ana.lima@example.com', aliases: ['ana@example.com'] }
    const newcomer: WantedPerson = { accountId: '3', email: 'ana@example.com', aliases: [], status: 'active' }
    expect(plan(everybody(newcomer, { ...renamed, aliases: [] }), calendarOf(ana))).toEqual([
      {
        kind: 'rename',
        email: 'ana.lima@example.com',
        accountId: '1',
        calendarId: 'calendar of ana@example.com',
        formerEmail: 'ana@example.com',
      },
      { kind: 'connect', email: 'ana@example.com', accountId: '3', calendarId: null },
    ])
    expect(plan(everybody(renamed), calendarOf(ana, { accountId: null }))).toMatchObject([
      { kind: 'rename', calendarId: 'calendar of ana@example.com', accountId: '1' },
    ])
  })

  test("does not give somebody's calendar to whoever got their address after they left", () => {
    const gone = calendarOf(ana, { isConnected: false, releaseReason: 'left' })
    const newcomer: WantedPerson = { ...ana, accountId: '3' }
    expect(plan(everybody(newcomer), gone)).toEqual([
      { kind: 'connect', email: 'ana@example.com', accountId: '3', calendarId: null },
    ])
  })

  test("takes over a calendar under the predecessor's key and learns whose it is", () => {
    const legacy = calendarOf(ana, { accountId: null, deduplicationKey: 'ana@example.com-google-domain' })
    expect(plan(everybody(ana), legacy)).toEqual([
      {
        kind: 'rename',
        email: 'ana@example.com',
        accountId: '1',
        calendarId: 'calendar of ana@example.com',
        formerEmail: 'ana@example.com',
      },
    ])
  })

  test('leaves alone what somebody took away by hand', () => {
    expect(plan(everybody(ana), calendarOf(ana, { isConnected: false, isRemoved: true }))).toEqual([])
  })

  test('leaves alone what is disconnected for another reason: it heals by itself', () => {
    expect(plan(everybody(ana), calendarOf(ana, { isConnected: false }))).toEqual([])
  })

  test('keeps to the people that were chosen, by any of their addresses', () => {
    const chosen = { ...ben, aliases: ['b@example.com'] }
    const wanted: Wanted = { keyEnding, people: [ana, chosen], selected: new Set(['b@example.com']), missing: 'left' }
    expect(plan(wanted, calendarOf(ana))).toMatchObject([
      { kind: 'release', email: 'ana@example.com', reason: 'not_selected' },
      { kind: 'connect', email: 'ben@example.com' },
    ])
  })

  test('without a directory goes by addresses, and whoever is not named any more is released', () => {
    const named = { ...ana, accountId: null }
    const wanted: Wanted = { keyEnding, people: [named], selected: undefined, missing: 'not_selected' }
    expect(plan(wanted, calendarOf(ana), calendarOf(ben))).toMatchObject([
      { kind: 'release', email: 'ben@example.com', reason: 'not_selected' },
    ])
    expect(plan(wanted, calendarOf(named))).toEqual([])
  })

  test('releases nobody for being missing from a list that is not whole', () => {
    expect(
      plan({ keyEnding, people: [ben], selected: undefined, missing: undefined }, calendarOf(ana), calendarOf(ben)),
    ).toEqual([])
  })

  test('of 10,000 people is made in no time', () => {
    const people = Array.from({ length: 10_000 }, (_, n): WantedPerson => {
      return { accountId: String(n), email: `p${n}@example.com`, aliases: [`alias${n}@example.com`], status: 'active' }
    })
    const calendars = people.map((person) => calendarOf(person))
    expect(planPeople(everybody(...people.slice(1)), calendars)).toHaveLength(1)
  })
})
