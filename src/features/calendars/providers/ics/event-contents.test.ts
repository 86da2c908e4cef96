import { describe, expect, it } from 'vitest'
import { expandIcsItem } from './expand-item.ts'
import { readIcsFeed } from './read-feed.ts'

const window = { from: new Date('2026-11-01T00:00:00Z'), to: new Date('2027-01-01T00:00:00Z') }

async function one(...lines: string[]) {
  const event = ['BEGIN:VEVENT', 'UID:a@example.com', 'DTSTART:20261123T090000Z', ...lines, 'END:VEVENT']
  const feed = await readIcsFeed(['BEGIN:VCALENDAR', ...event, 'END:VCALENDAR', ''].join('\r\n'))
  const content = feed.items[0]?.content ?? ''
  const { events } = expandIcsItem(content, {
    window,
    ownerEmail: 'Ann@example.com',
    fallbackTimeZone: 'Europe/Berlin',
  })
  const [only] = events
  if (only === undefined || events.length > 1) throw new Error('expected one event')
  return only
}

describe('people', () => {
  it('are read with name, answer and kind', async () => {
    const { attendees, organizerEmail, organizerName, ownResponse } = await one(
      'ORGANIZER;CN="Boss, Big":MAILTO:Boss@Example.com',
      'ATTENDEE;CN=Ann;PARTSTAT=TENTATIVE:mailto:ann@example.com',
      'ATTENDEE;CUTYPE=ROOM;PARTSTAT=ACCEPTED:mailto:room@example.com',
      'ATTENDEE;CUTYPE=RESOURCE:mailto:beamer@example.com',
      'ATTENDEE;CUTYPE=GROUP:mailto:team@example.com',
      'ATTENDEE;EMAIL=cy@example.com;PARTSTAT=DECLINED:urn:uuid:1',
      'ATTENDEE:invalid:nomail',
      'ATTENDEE:mailto:ANN@example.com',
    )
    expect(attendees).toEqual([
      { email: 'ann@example.com', name: 'Ann', response: 'tentative', kind: 'person' },
      { email: 'room@example.com', name: null, response: 'accepted', kind: 'room' },
      { email: 'beamer@example.com', name: null, response: 'needs_action', kind: 'room' },
      { email: 'team@example.com', name: null, response: 'needs_action', kind: 'group' },
      { email: 'cy@example.com', name: null, response: 'declined', kind: 'person' },
    ])
    expect({ organizerEmail, organizerName, ownResponse }).toEqual({
      organizerEmail: 'boss@example.com',
      organizerName: 'Boss, Big',
      ownResponse: 'tentative',
    })
  })

  it.each([
    ['accepted by who organises it', ['ORGANIZER:mailto:ann@example.com'], 'accepted'],
    [
      'accepted by an organiser who has not answered',
      ['ORGANIZER:mailto:ann@example.com', 'ATTENDEE:mailto:ann@example.com'],
      'accepted',
    ],
    [
      'declined by an organiser who says so',
      ['ORGANIZER:mailto:ann@example.com', 'ATTENDEE;PARTSTAT=DECLINED:mailto:ann@example.com'],
      'declined',
    ],
    ['not answered by who is not in it', ['ATTENDEE;PARTSTAT=ACCEPTED:mailto:bob@example.com'], 'none'],
  ])('an event is %s', async (_what, lines, expected) => {
    expect((await one(...lines)).ownResponse).toBe(expected)
  })

  it('by the thousand are all kept, since the list says who may read', async () => {
    const guests = Array.from({ length: 1_500 }, (_, i) => `ATTENDEE:mailto:guest${i}@example.com`)
    const { attendees, ownResponse } = await one(...guests, 'ATTENDEE;PARTSTAT=ACCEPTED:mailto:ann@example.com')
    expect(attendees).toHaveLength(1_501)
    expect(attendees.at(-1)?.email).toBe('ann@example.com')
    expect(ownResponse).toBe('accepted')
  })
})

describe('links and texts', () => {
  it('take conference properties first, each link once', async () => {
    const { linkTexts } = await one(
      'X-MICROSOFT-ONLINEMEETINGEXTERNALLINK:https://rooms.example.com/4',
      'X-MICROSOFT-SKYPETEAMSMEETINGURL:https://rooms.example.com/3',
      'X-GOOGLE-CONFERENCE:https://rooms.example.com/2',
      'CONFERENCE;VALUE=URI;FEATURE=AUDIO,VIDEO;LABEL="a:b":https://rooms.example.com/1',
      'CONFERENCE;VALUE=URI:https://rooms.example.com/1',
      'URL:https://example.com/event',
    )
    expect(linkTexts.conferenceUrls).toEqual([1, 2, 3, 4].map((n) => `https://rooms.example.com/${n}`))
  })

  it('take URL only where nothing else has a link', async () => {
    expect((await one('URL:https://example.com/event')).linkTexts.conferenceUrls).toEqual(['https://example.com/event'])
    expect(
      (await one('URL:https://example.com/event', 'LOCATION:https://rooms.example.com/1')).linkTexts.conferenceUrls,
    ).toEqual([])
  })

  it('append the HTML description', async () => {
    const { linkTexts } = await one(
      'DESCRIPTION:Agenda\\, first\\nline',
      'X-ALT-DESC;FMTTYPE=text/html:<a href="https://rooms.example.com/1">join</a>',
    )
    expect(linkTexts.description).toBe('Agenda, first\nline\n\n<a href="https://rooms.example.com/1">join</a>')
  })

  it('are cut at a whole character and cleaned', async () => {
    const { linkTexts, title } = await one(
      `DESCRIPTION:${'😀'.repeat(60_000)}`,
      `SUMMARY:${'\u202e'}x\u0007${'y'.repeat(600)}`,
    )
    expect(linkTexts.description.length).toBeLessThanOrEqual(100_000)
    expect(linkTexts.description.isWellFormed()).toBe(true)
    expect(title).toMatch(/^xy{498}…$/)
  })
})

describe('kind and visibility', () => {
  it.each([
    ['X-MICROSOFT-CDO-BUSYSTATUS:OOF', 'out_of_office'],
    ['X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE', 'working_location'],
    ['X-MICROSOFT-CDO-BUSYSTATUS:BUSY', 'default'],
    ['X-GOOGLE-EVENT-TYPE:focusTime', 'focus_time'],
    ['X-GOOGLE-EVENT-TYPE:birthday', 'birthday'],
  ])('%s is %s', async (line, kind) => {
    expect((await one(line)).kind).toBe(kind)
  })

  it('a meeting shown as working elsewhere is a meeting', async () => {
    expect((await one('X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE', 'ATTENDEE:mailto:bob@example.com')).kind).toBe(
      'default',
    )
  })

  it.each([
    ['PUBLIC', 'public'],
    ['private', 'private'],
    ['CONFIDENTIAL', 'confidential'],
    ['X-SECRET', 'private'],
  ])('CLASS:%s is %s', async (text, visibility) => {
    expect((await one(`CLASS:${text}`)).visibility).toBe(visibility)
  })
})

describe('texts in the way of vCalendar 1.0', () => {
  it('are decoded, and joined where a line ends in an equals sign', async () => {
    const { title, linkTexts } = await one(
      'SUMMARY;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Besprechung f=C3=BCr =',
      'J=C3=BCrgen',
      'LOCATION;ENCODING=QUOTED-PRINTABLE:https://zoom.us/j/123456789?pwd=3Dabc',
      'DESCRIPTION;ENCODING=QUOTED-PRINTABLE:Raum f=FCr alle',
    )
    expect(title).toBe('Besprechung für Jürgen')
    expect(linkTexts.location).toBe('https://zoom.us/j/123456789?pwd=abc')
    expect(linkTexts.description).toBe('Raum für alle')
  })

  it('are left as they are where nothing says so', async () => {
    expect((await one('SUMMARY:a=C3=BC=', 'LOCATION:here')).title).toBe('a=C3=BC=')
  })
})
