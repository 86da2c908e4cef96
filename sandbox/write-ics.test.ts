import fc from 'fast-check'
import ICAL from 'ical.js'
import { describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../src/base/time.ts'
import { parseFeed } from '../test/support/parse-feed.ts'
import { createInvitation, type Invitation, type InvitationDraft, invite, type Timed } from './invitation.ts'
import { amara, juergen, layla, prismRoom } from './organisation.ts'
import { writeCalendar } from './write-ics.ts'

const now = new Date('2026-11-22T12:00:00Z')
const from = new Date('2000-01-01T00:00:00Z')
const to = new Date('2060-01-01T00:00:00Z')

const nine: Timed = {
  startsAt: new Date('2026-11-23T08:00:00Z'),
  endsAt: new Date('2026-11-23T09:00:00Z'),
  timeZone: 'Europe/Berlin',
}

function write(draft: Partial<InvitationDraft>, changes: Partial<Invitation> = {}): string {
  const invitation = createInvitation(amara, { title: 'Meeting', when: nine, uid: 'one@example.com', ...draft }, now)
  return writeCalendar(amara, [{ ...invitation, ...changes }], now)
}

function unfold(feed: string): string[] {
  return feed.replaceAll('\r\n ', '').split('\r\n')
}

describe('A calendar file', () => {
  it('has lines of at most 75 bytes that end in CR LF, and never cuts a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (title) => {
        const lines = write({ title }).split('\r\n')
        expect(lines.at(-1)).toBe('')
        for (const line of lines) {
          expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75)
          expect(line).not.toMatch(/[\r\n\ufffd]/)
        }
      }),
    )
  })

  it('gives back every title and location as it was, without control characters', () => {
    const text = fc.string({ unit: 'binary', maxLength: 200 })
    fc.assert(
      fc.property(text, text, (title, location) => {
        const [event] = parseFeed(write({ title, location: `at ${location}` }), from, to)
        const expected = (given: string) => given.replace(/\r\n?/g, '\n').replace(/[^\P{Cc}\n\t]/gu, '')
        expect(event?.title).toBe(expected(title))
        expect(event?.location).toBe(expected(`at ${location}`))
      }),
    )
  })

  it('gives back names with quotes, commas, carets and right-to-left letters', () => {
    const names = ['Weiß, "Jürgen" ^ Co; KG: x', layla.name, 'two\nlines']
    const invitees = names.map((name, i) => ({ ...invite(`p${i}@example.com`), name }))
    const event = new ICAL.Component(ICAL.parse(write({ invitees }))).getFirstSubcomponent('vevent')
    const read = event?.getAllProperties('attendee').map((attendee) => attendee.getParameter('cn'))
    expect(read).toEqual([amara.name, ...names])
  })

  it('names the same instants in any zone, on days when clocks change too', () => {
    const zones = [
      'UTC',
      'Europe/Berlin',
      'America/New_York',
      'Asia/Kolkata',
      'Australia/Lord_Howe',
      'America/Sao_Paulo',
    ]
    const clockChanges = [
      '2026-10-25T00:30:00Z',
      '2026-11-01T05:30:00Z',
      '2027-03-28T00:30:00Z',
      '2027-04-03T15:00:00Z',
    ]
    const instant = fc.oneof(
      fc.integer({ min: 0, max: 2 * 365 * 24 * 60 }).map((minutes) => now.getTime() + minutes * MINUTE_MS),
      fc
        .tuple(fc.constantFrom(...clockChanges), fc.integer({ min: -90, max: 90 }))
        .map(([at, minutes]) => Date.parse(at) + minutes * MINUTE_MS),
    )
    fc.assert(
      fc.property(instant, fc.integer({ min: 1, max: 600 }), fc.constantFrom(...zones), (start, length, timeZone) => {
        const startsAt = new Date(start)
        const endsAt = new Date(start + length * MINUTE_MS)
        const [event] = parseFeed(write({ when: { startsAt, endsAt, timeZone } }), from, to)
        expect([event?.startsAt, event?.endsAt]).toEqual([startsAt, endsAt])
      }),
    )
  })

  it('writes whole days with the last day included', () => {
    const lines = unfold(write({ when: { firstOn: '2026-12-30', lastOn: '2026-12-31' } }))
    expect(lines).toContain('DTSTART;VALUE=DATE:20261230')
    expect(lines).toContain('DTEND;VALUE=DATE:20270101')
  })

  it('writes a Windows zone by name and does not define it', () => {
    const lines = unfold(write({ when: { ...nine, zoneName: 'W. Europe Standard Time' } }))
    expect(lines).toContain('DTSTART;TZID=W. Europe Standard Time:20261123T090000')
    expect(lines).not.toContain('BEGIN:VTIMEZONE')
  })

  it('keeps a weekly series at its hour when clocks change, with one occurrence moved and one cancelled', () => {
    const at = (text: string) => new Date(text)
    const feed = write({
      when: { startsAt: at('2026-10-12T08:00:00Z'), endsAt: at('2026-10-12T08:30:00Z'), timeZone: 'Europe/Berlin' },
      series: {
        rule: 'FREQ=WEEKLY',
        changes: [
          {
            originalStartsAt: at('2026-10-26T09:00:00Z'),
            to: { startsAt: at('2026-10-27T12:00:00Z'), endsAt: at('2026-10-27T12:45:00Z') },
          },
          { originalStartsAt: at('2026-11-02T09:00:00Z'), to: 'cancelled' },
        ],
      },
    })
    const read = parseFeed(feed, from, at('2026-11-10T00:00:00Z'))
    expect(read.map(({ startsAt, endsAt }) => [startsAt.toISOString(), endsAt.toISOString()])).toEqual([
      ['2026-10-12T08:00:00.000Z', '2026-10-12T08:30:00.000Z'],
      ['2026-10-19T08:00:00.000Z', '2026-10-19T08:30:00.000Z'],
      ['2026-10-27T12:00:00.000Z', '2026-10-27T12:45:00.000Z'],
      ['2026-11-09T09:00:00.000Z', '2026-11-09T09:30:00.000Z'],
    ])
  })

  it('says who was asked and what they answered, and that a room is none', () => {
    const feed = write({
      invitees: [invite(juergen.email, 'declined'), { ...prismRoom, answer: 'accepted', kind: 'room' }],
    })
    const [event] = parseFeed(feed, from, to)
    expect(event?.organizer).toBe(amara.email)
    expect(event?.answers).toEqual({
      [amara.email]: 'ACCEPTED',
      [juergen.email]: 'DECLINED',
      [prismRoom.email]: 'ACCEPTED',
    })
    expect(feed).toContain('CUTYPE=ROOM')
  })

  it('says what is cancelled, private, out of office, and where the conference is', () => {
    const lines = unfold(
      write({
        isCancelled: true,
        visibility: 'private',
        kind: 'out_of_office',
        conference: { property: 'CONFERENCE', url: 'https://meet.google.com/xxx-xxxx-xxx' },
      }),
    )
    expect(lines).toEqual(
      expect.arrayContaining([
        'STATUS:CANCELLED',
        'CLASS:PRIVATE',
        'X-MICROSOFT-CDO-BUSYSTATUS:OOF',
        'CONFERENCE;VALUE=URI;FEATURE=AUDIO,VIDEO:https://meet.google.com/xxx-xxxx-xxx',
      ]),
    )
  })

  it('is the same, byte for byte, a day later', () => {
    const invitation = createInvitation(amara, { title: 'Meeting', when: nine }, now)
    const later = new Date(now.getTime() + DAY_MS)
    expect(writeCalendar(amara, [invitation], later)).toBe(writeCalendar(amara, [invitation], now))
  })

  it('writes a series that is written ahead as far as it should be, and changes once an hour', () => {
    const invitation = createInvitation(
      amara,
      { title: 'Coffee', when: nine, series: { rule: 'FREQ=HOURLY', changes: [], writtenAheadMs: 2 * HOUR_MS } },
      now,
    )
    const feedAt = (minutes: number) =>
      writeCalendar(amara, [invitation], new Date(nine.startsAt.getTime() + minutes * MINUTE_MS))
    expect(feedAt(1)).toContain('UNTIL=20261123T110000Z')
    expect(feedAt(60)).toBe(feedAt(1))
    expect(feedAt(61)).toContain('UNTIL=20261123T120000Z')
  })
})
