import { describe, expect, it } from 'vitest'
import { HOUR_MS } from '../src/base/time.ts'
import { createManualClock } from '../test/support/manual-clock.ts'
import { parseFeed } from '../test/support/parse-feed.ts'
import { createCalendars } from './calendars.ts'
import type { InvitationDraft } from './invitation.ts'
import { amara, benedict, colleagues, hanna, juergen, kenji } from './organisation.ts'
import { writeCalendar } from './write-ics.ts'

const start = new Date('2026-11-23T08:00:00Z')
const draft: InvitationDraft = {
  title: 'Planning',
  location: 'http://127.0.0.1:4400/rooms/planning',
  when: { startsAt: start, endsAt: hoursLater(1), timeZone: 'Europe/Berlin' },
  invitees: [benedict.email, juergen.email],
}

function hoursLater(hours: number): Date {
  return new Date(start.getTime() + hours * HOUR_MS)
}

function setUp() {
  const clock = createManualClock('2026-11-22T12:00:00Z')
  const calendars = createCalendars({ clock })
  const seenBy = (email: string) => {
    const owner = colleagues.find((person) => person.email === email) ?? amara
    const feed = writeCalendar(owner, calendars.of(email), clock.now())
    return parseFeed(feed, hoursLater(-24), hoursLater(24 * 15))
  }
  return { calendars, clock, seenBy, everybody: [amara.email, benedict.email, juergen.email] }
}

describe('An invitation', () => {
  it('stands in the calendars of the organiser and of everybody invited, and in no other', () => {
    const { calendars, seenBy } = setUp()
    calendars.edit(amara.email).insert(draft)
    const holders = colleagues.filter(({ email }) => seenBy(email).length > 0)
    expect(holders).toEqual([amara, benedict, juergen])
  })

  it('moves in every copy when the organiser moves it', () => {
    const { calendars, seenBy, everybody } = setUp()
    const { uid } = calendars.edit(amara.email).insert(draft)
    calendars.edit(amara.email).move(uid, { startsAt: hoursLater(6), endsAt: hoursLater(7) })
    expect(everybody.map((email) => seenBy(email)[0]?.startsAt)).toEqual(everybody.map(() => hoursLater(6)))
  })

  it('is cancelled in every copy when the organiser cancels it', () => {
    const { calendars, seenBy, everybody } = setUp()
    const { uid } = calendars.edit(amara.email).insert(draft)
    calendars.edit(amara.email).cancel(uid)
    expect(everybody.map((email) => seenBy(email)[0]?.isCancelled)).toEqual([true, true, true])
  })

  it('changes its link in every copy when the organiser rewrites it, or loses it', () => {
    const { calendars, seenBy, everybody } = setUp()
    const { uid } = calendars.edit(amara.email).insert(draft)
    calendars.edit(amara.email).rewrite(uid, { location: 'elsewhere' })
    expect(everybody.map((email) => seenBy(email)[0]?.location)).toEqual(['elsewhere', 'elsewhere', 'elsewhere'])
    calendars.edit(amara.email).rewrite(uid, { location: '' })
    expect(seenBy(benedict.email)[0]?.location).toBe('')
  })

  it('shows an answer in every copy, and the next answer too', () => {
    const { calendars, seenBy, everybody } = setUp()
    const { uid } = calendars.edit(amara.email).insert(draft)
    calendars.edit(benedict.email).decline(uid)
    expect(everybody.map((email) => seenBy(email)[0]?.answers[benedict.email])).toEqual(everybody.map(() => 'DECLINED'))
    calendars.edit(benedict.email).accept(uid)
    expect(seenBy(amara.email)[0]?.answers[benedict.email]).toBe('ACCEPTED')
  })

  it('stays with the others when one deletes the own copy', () => {
    const { calendars, seenBy, everybody } = setUp()
    const { uid } = calendars.edit(amara.email).insert(draft)
    calendars.edit(benedict.email).delete(uid)
    expect(everybody.map((email) => seenBy(email).length)).toEqual([1, 0, 1])
  })

  it('is declined by who deletes the own copy, and cancelled when the organiser does', () => {
    const { calendars, seenBy, everybody } = setUp()
    const { uid } = calendars.edit(amara.email).insert(draft)
    calendars.edit(benedict.email).delete(uid)
    expect(seenBy(juergen.email)[0]?.answers[benedict.email]).toBe('DECLINED')
    calendars.edit(amara.email).delete(uid)
    expect(everybody.map((email) => seenBy(email).map(({ isCancelled }) => isCancelled))).toEqual([[], [], [true]])
  })

  it('can come from a partner, who can change it', () => {
    const { calendars, seenBy } = setUp()
    const { uid } = calendars.edit(hanna.email).insert(draft)
    calendars.edit(hanna.email).cancel(uid)
    expect(seenBy(juergen.email)[0]).toMatchObject({ organizer: hanna.email, isCancelled: true })
  })

  it('has occurrences that can be moved and cancelled one by one, until the whole series is moved', () => {
    const { calendars, seenBy } = setUp()
    const editor = calendars.edit(amara.email)
    const { uid } = editor.insert({ ...draft, series: { rule: 'FREQ=WEEKLY;COUNT=3', changes: [] } })
    const week = 24 * 7
    editor.move(uid, { startsAt: hoursLater(3), endsAt: hoursLater(4) }, start)
    editor.cancel(uid, hoursLater(week))
    const startsOf = () => seenBy(juergen.email).map(({ startsAt }) => startsAt)
    expect(startsOf()).toEqual([hoursLater(3), hoursLater(2 * week)])
    editor.move(uid, { startsAt: hoursLater(1), endsAt: hoursLater(2) })
    expect(startsOf()).toEqual([hoursLater(1), hoursLater(week + 1), hoursLater(2 * week + 1)])
  })

  it('gets a higher sequence when it is changed, and not when it is answered', () => {
    const { calendars, clock } = setUp()
    const { uid } = calendars.edit(amara.email).insert(draft)
    clock.advance(HOUR_MS)
    calendars.edit(benedict.email).accept(uid)
    expect(calendars.of(amara.email)[0]).toMatchObject({ sequence: 0, changedAt: clock.now() })
    calendars.edit(amara.email).rewrite(uid, { title: 'Plan' })
    expect(calendars.of(amara.email)[0]).toMatchObject({ sequence: 1 })
  })

  it('cannot be changed by those who may not', () => {
    const { calendars } = setUp()
    const { uid } = calendars.edit(amara.email).insert(draft)
    expect(() => calendars.edit(benedict.email).cancel(uid)).toThrow(`Only ${amara.email} can change ${uid}`)
    expect(() => calendars.edit(kenji.email).accept(uid)).toThrow(`${kenji.email} has no invitation ${uid}`)
    expect(() => calendars.edit(amara.email).cancel(uid, start)).toThrow('is no series')
    expect(() => calendars.edit(amara.email).insert({ ...draft, uid })).toThrow('already')
  })
})
