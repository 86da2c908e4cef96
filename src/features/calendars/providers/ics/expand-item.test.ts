import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expandIcsItem } from './expand-item.ts'
import { readIcsFeed } from './read-feed.ts'

const options = {
  window: { from: new Date('2026-11-01T00:00:00Z'), to: new Date('2027-01-01T00:00:00Z') },
  ownerEmail: 'Ann@example.com',
  fallbackTimeZone: 'Europe/Berlin',
}

const event = (...lines: string[]) => ['BEGIN:VEVENT', 'UID:a@example.com', ...lines, 'END:VEVENT'].join('\r\n')
const calendar = (...lines: string[]) => ['BEGIN:VCALENDAR', ...lines, 'END:VCALENDAR', ''].join('\r\n')

/** Reads the VEVENTs as a feed and expands its one item. */
async function expand(vevents: string | string[], over: Partial<typeof options> = {}, header: string[] = []) {
  const feed = await readIcsFeed(calendar(...header, ...[vevents].flat()))
  return expandIcsItem(feed.items[0]?.content ?? '', { ...options, ...over })
}

/** Key and start of each occurrence, `key > start`, with `!` for a cancelled one. */
async function list(vevents: string | string[], over: Partial<typeof options> = {}, header: string[] = []) {
  const { events } = await expand(vevents, over, header)
  return events.map((e) => `${e.occurrenceKey} > ${e.startsAt.toISOString().slice(5, 16)}${e.isCancelled ? '!' : ''}`)
}

async function one(...lines: string[]) {
  const { events, problems } = await expand(event('DTSTART:20261123T090000Z', ...lines))
  const [only] = events
  if (only === undefined || events.length > 1) throw new Error('expected one event')
  return { ...only, problems }
}

describe('a single event', () => {
  it('has no occurrence key, its zone, and an end of its own', async () => {
    const { events } = await expand(
      event(
        'DTSTART;TZID=Europe/Paris:20261123T090000',
        'DTEND;TZID=Europe/London:20261123T090000',
        'SUMMARY: A  title\\n',
      ),
    )
    expect(events).toMatchObject([
      {
        occurrenceKey: '',
        timeZone: 'Europe/Paris',
        title: 'A title',
        isAllDay: false,
        isCancelled: false,
        visibility: 'default',
        kind: 'default',
      },
    ])
    expect(events[0]?.startsAt).toEqual(new Date('2026-11-23T08:00:00Z'))
    expect(events[0]?.endsAt).toEqual(new Date('2026-11-23T09:00:00Z'))
  })

  it.each([
    ['an hour without end', 'SUMMARY:x', '2026-11-23T10:00:00Z', []],
    ['as long as its DURATION', 'DURATION:P1DT1H30M', '2026-11-24T10:30:00Z', []],
    ['no time where it ends at its start', 'DTEND:20261123T090000Z', '2026-11-23T09:00:00Z', []],
    [
      'an hour, flagged, where it ends before its start',
      'DTEND:20261122T090000Z',
      '2026-11-23T10:00:00Z',
      ['end_invalid'],
    ],
    ['an hour, flagged, with a negative duration', 'DURATION:-PT1H', '2026-11-23T10:00:00Z', ['end_invalid']],
  ])('lasts %s', async (_what, line, end, codes) => {
    const only = await one(line)
    expect(only.endsAt).toEqual(new Date(end))
    expect(only.problems.map((problem) => problem.code)).toEqual(codes)
  })

  it('is in the window if it ends after its start and begins before its end', async () => {
    const text = event('DTSTART:20261123T090000Z', 'DTEND:20261123T100000Z')
    const within = async (from: string, to: string) =>
      (await list(text, { window: { from: new Date(from), to: new Date(to) } })).length
    expect(await within('2026-11-23T10:00:00Z', '2026-11-24T00:00:00Z')).toBe(0)
    expect(await within('2026-11-23T09:59:00Z', '2026-11-24T00:00:00Z')).toBe(1)
    expect(await within('2026-11-22T00:00:00Z', '2026-11-23T09:00:00Z')).toBe(0)
    expect(await within('2026-11-22T00:00:00Z', '2026-11-23T09:01:00Z')).toBe(1)
  })

  it('without a title has an empty one', async () => {
    expect((await one()).title).toBe('')
  })

  it('is cancelled by its status or by the method of its calendar', async () => {
    expect(await list(event('DTSTART:20261123T090000Z', 'STATUS:CANCELLED'))).toEqual([' > 11-23T09:00!'])
    expect(await list(event('DTSTART:20261123T090000Z', 'STATUS:CONFIRMED'), {}, ['METHOD:CANCEL'])).toEqual([
      ' > 11-23T09:00!',
    ])
  })
})

describe('whole days', () => {
  it('begin and end at midnight of the calendar’s zone, the end excluded', async () => {
    const { events } = await expand(event('DTSTART;VALUE=DATE:20261123', 'DTEND;VALUE=DATE:20261125'))
    expect(events).toMatchObject([
      {
        isAllDay: true,
        timeZone: null,
        startsAt: new Date('2026-11-22T23:00Z'),
        endsAt: new Date('2026-11-24T23:00Z'),
      },
    ])
  })

  it.each(['SUMMARY:x', 'DTEND;VALUE=DATE:20261123', 'DURATION:PT24H'])('last one day with %s', async (line) => {
    const { events } = await expand(event('DTSTART;VALUE=DATE:20261123', line), {
      fallbackTimeZone: 'America/New_York',
    })
    expect(events).toMatchObject([{ startsAt: new Date('2026-11-23T05:00Z'), endsAt: new Date('2026-11-24T05:00Z') }])
  })

  it('repeat with their date as key', async () => {
    expect(
      await list(event('DTSTART;VALUE=DATE:20261123', 'RRULE:FREQ=DAILY;UNTIL=20261126', 'EXDATE;VALUE=DATE:20261124')),
    ).toEqual(['2026-11-23 > 11-22T23:00', '2026-11-25 > 11-24T23:00', '2026-11-26 > 11-25T23:00'])
  })

  it('may be moved to a time', async () => {
    const moved = event('RECURRENCE-ID;VALUE=DATE:20261124', 'DTSTART:20261124T090000Z')
    expect(await list([event('DTSTART;VALUE=DATE:20261123', 'RRULE:FREQ=DAILY;COUNT=2'), moved])).toEqual([
      '2026-11-23 > 11-22T23:00',
      '2026-11-24 > 11-24T09:00',
    ])
  })
})

describe('zones', () => {
  it('of floating times is the calendar’s', async () => {
    const { events, problems } = await expand(event('DTSTART:20261123T090000'), { fallbackTimeZone: 'Asia/Tokyo' })
    expect(events).toMatchObject([{ timeZone: null, startsAt: new Date('2026-11-23T00:00Z') }])
    expect(problems).toEqual([])
  })

  it('nobody knows are the calendar’s, and flagged', async () => {
    const { events, problems } = await expand(event('DTSTART;TZID=Mars/Olympus:20261123T090000', 'SUMMARY:Landing'))
    expect(events).toMatchObject([{ startsAt: new Date('2026-11-23T08:00Z'), timeZone: 'Europe/Berlin' }])
    expect(problems).toMatchObject([
      {
        code: 'time_zone_unknown',
        uid: 'a@example.com',
        title: 'Landing',
        message: expect.stringContaining('"Mars/Olympus"'),
      },
    ])
  })

  it('may be written with colons and commas and without quotes', async () => {
    expect(await list(event('DTSTART;TZID=tzone://Microsoft/Utc:20261123T090000'))).toEqual([' > 11-23T09:00'])
    expect(await list(event('DTSTART;TZID=(UTC+01:00) Amsterdam, Berlin, Bern:20261123T090000'))).toEqual([
      ' > 11-23T08:00',
    ])
    expect(await list(event('DTSTART;TZID=GMT-07:00:20261123T090000'))).toEqual([' > 11-23T16:00'])
  })

  it('may be defined by the feed, after the event even', async () => {
    const definition = [
      'BEGIN:VTIMEZONE',
      'TZID:Customized Time Zone',
      'BEGIN:STANDARD',
      'DTSTART:16011104T020000',
      'RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11',
      'TZOFFSETFROM:-0400',
      'TZOFFSETTO:-0500',
      'END:STANDARD',
      'BEGIN:DAYLIGHT',
      'DTSTART:16010311T020000',
      'RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3',
      'TZOFFSETFROM:-0500',
      'TZOFFSETTO:-0400',
      'END:DAYLIGHT',
      'END:VTIMEZONE',
    ]
    const text = event('DTSTART;TZID=Customized Time Zone:20261123T090000')
    for (const lines of [
      [text, ...definition],
      [...definition, text],
    ]) {
      const { events, problems } = await expand(lines)
      expect(events).toMatchObject([{ timeZone: 'America/New_York', startsAt: new Date('2026-11-23T14:00Z') }])
      expect(problems).toEqual([])
    }
  })

  it('that are guessed are flagged, once for each event', async () => {
    const { events, problems } = await expand(
      event('DTSTART;TZID=(UTC+02:00) Nowhere:20261123T090000', 'DTEND;TZID=(UTC+02:00) Nowhere:20261123T100000'),
    )
    expect(events).toMatchObject([{ startsAt: new Date('2026-11-23T07:00Z') }])
    expect(problems).toMatchObject([
      { code: 'time_zone_guessed', message: expect.stringContaining('+02:00 for "(UTC+02:00) Nowhere"') },
    ])
  })

  it('may be defined under a name that is quoted, escaped and capitalised otherwise', async () => {
    const definition = [
      'BEGIN:VTIMEZONE',
      'TZID:"Own\\, Zone"',
      'BEGIN:STANDARD',
      'DTSTART:19700101T000000',
      'TZOFFSETTO:+0545',
      'END:STANDARD',
      'END:VTIMEZONE',
    ]
    const { events, problems } = await expand([...definition, event('DTSTART;TZID="own, zone":20261123T090000')])
    expect(events).toMatchObject([{ startsAt: new Date('2026-11-23T03:15Z') }])
    expect(problems).toEqual([])
  })

  it('never are this machine’s', async () => {
    const before = process.env.TZ
    process.env.TZ = 'Pacific/Auckland'
    try {
      expect(await list(event('DTSTART:20261123T090000'), { fallbackTimeZone: 'no zone' })).toEqual([' > 11-23T09:00'])
      expect(await list(event('DTSTART;VALUE=DATE:20261123'))).toEqual([' > 11-22T23:00'])
    } finally {
      if (before === undefined) delete process.env.TZ
      else process.env.TZ = before
    }
  })
})

describe('a series', () => {
  const series = event(
    'DTSTART;TZID=Europe/Berlin:20261123T090000',
    'DTEND;TZID=Europe/Berlin:20261123T093000',
    'RRULE:FREQ=DAILY;COUNT=4',
    'SUMMARY:Daily',
  )

  it('has the original start of each occurrence as key', async () => {
    expect(await list(series)).toEqual([
      '2026-11-23T08:00:00Z > 11-23T08:00',
      '2026-11-24T08:00:00Z > 11-24T08:00',
      '2026-11-25T08:00:00Z > 11-25T08:00',
      '2026-11-26T08:00:00Z > 11-26T08:00',
    ])
  })

  it('has an occurrence that began before the window and still lasts', async () => {
    const window = { from: new Date('2026-11-24T08:15:00Z'), to: new Date('2026-11-25T00:00:00Z') }
    expect(await list(series, { window })).toEqual(['2026-11-24T08:00:00Z > 11-24T08:00'])
  })

  it('loses the excluded dates in every form', async () => {
    const text = event(
      'DTSTART;TZID=Europe/Berlin:20261123T090000',
      'RRULE:FREQ=DAILY;COUNT=8',
      'EXDATE;TZID=America/New_York:20261123T030000,20261124T030000',
      'EXDATE:20261125T080000Z',
      'EXDATE:20261126T090000',
      'EXDATE;VALUE=DATE:20261127,20261128',
      'EXDATE:nonsense',
    )
    expect(await list(text)).toEqual(['2026-11-29T08:00:00Z > 11-29T08:00', '2026-11-30T08:00:00Z > 11-30T08:00'])
  })

  it('may be dates and periods only, periods with lengths of their own', async () => {
    const { events } = await expand(
      event(
        'DTSTART:20261123T090000Z',
        'DTEND:20261123T093000Z',
        'RDATE:20261124T090000Z',
        'RDATE;VALUE=PERIOD:20261125T090000Z/PT2H,20261126T090000Z/20261126T120000Z',
      ),
    )
    expect(events.map((e) => (e.endsAt.getTime() - e.startsAt.getTime()) / 60_000)).toEqual([30, 30, 120, 180])
    expect(events[3]?.occurrenceKey).toBe('2026-11-26T09:00:00Z')
  })

  it('whose rule cannot be read is its start, flagged', async () => {
    const { events, problems } = await expand(
      event('DTSTART:20261123T090000Z', 'RRULE:FREQ=FORTNIGHTLY', 'SUMMARY:Odd'),
    )
    expect(events.map((e) => e.occurrenceKey)).toEqual(['2026-11-23T09:00:00Z'])
    expect(problems).toMatchObject([
      { code: 'rrule_invalid', title: 'Odd', message: expect.stringContaining('FORTNIGHTLY') },
    ])
  })

  it.each([
    ['each second', 'FREQ=SECONDLY'],
    ['each minute', 'FREQ=MINUTELY'],
    ['every half an hour', 'FREQ=HOURLY;BYMINUTE=0,30'],
    ['at many times of the day', 'FREQ=DAILY;BYHOUR=8,9,10,11,12;BYMINUTE=0,10,20,30,40,50'],
    ['each second for a while', 'FREQ=SECONDLY;COUNT=2000'],
  ])('that repeats more often than hourly takes place once, and says why: %s', async (_what, rule) => {
    const { events, problems } = await expand(event('DTSTART:20261123T090000Z', `RRULE:${rule}`, 'SUMMARY:Flood'))
    expect(events.map((e) => e.occurrenceKey)).toEqual(['2026-11-23T09:00:00Z'])
    expect(problems).toMatchObject([
      { code: 'rrule_too_frequent', title: 'Flood', message: expect.stringContaining('more often than hourly') },
    ])
  })

  it('that repeats hourly is whole, also where the clock changes', async () => {
    const { events, problems } = await expand(
      event('DTSTART;TZID=Europe/Berlin:20261025T000000', 'RRULE:FREQ=HOURLY;COUNT=700'),
    )
    expect(events.length).toBeGreaterThan(100)
    expect(problems).toEqual([])
  })

  it('that is cancelled is cancelled with its exceptions', async () => {
    const moved = event('RECURRENCE-ID:20261124T080000Z', 'DTSTART:20261124T120000Z')
    expect(await list([series.replace('SUMMARY:Daily', 'STATUS:CANCELLED'), moved])).toEqual([
      '2026-11-23T08:00:00Z > 11-23T08:00!',
      '2026-11-24T08:00:00Z > 11-24T12:00!',
      '2026-11-25T08:00:00Z > 11-25T08:00!',
      '2026-11-26T08:00:00Z > 11-26T08:00!',
    ])
  })

  describe('with exceptions', () => {
    it('moves one and keeps its key, in whatever form and order they come', async () => {
      for (const id of [
        ':20261124T080000Z',
        ';TZID=Europe/Berlin:20261124T090000',
        ';TZID=Asia/Tokyo:20261124T170000',
        ':20261124T090000',
        ';VALUE=DATE:20261124',
      ]) {
        const moved = event(`RECURRENCE-ID${id}`, 'DTSTART:20261130T120000Z', 'SUMMARY:Moved')
        for (const order of [
          [series, moved],
          [moved, series],
        ]) {
          expect(await list(order)).toEqual([
            '2026-11-23T08:00:00Z > 11-23T08:00',
            '2026-11-25T08:00:00Z > 11-25T08:00',
            '2026-11-26T08:00:00Z > 11-26T08:00',
            '2026-11-24T08:00:00Z > 11-30T12:00',
          ])
        }
      }
    })

    it('moved into the window appears, and out of it disappears', async () => {
      const moved = event('RECURRENCE-ID:20261124T080000Z', 'DTSTART:20261210T120000Z')
      const at = (from: string, to: string) =>
        list([series, moved], { window: { from: new Date(from), to: new Date(to) } })
      expect(await at('2026-12-10', '2026-12-11')).toEqual(['2026-11-24T08:00:00Z > 12-10T12:00'])
      expect(await at('2026-11-24', '2026-11-25')).toEqual([])
    })

    it('cancels one, also without a start of its own', async () => {
      expect(await list([series, event('RECURRENCE-ID:20261124T080000Z', 'STATUS:CANCELLED')])).toContain(
        '2026-11-24T08:00:00Z > 11-24T08:00!',
      )
    })

    it('moves one and all that follow, by the wall clock', async () => {
      const long = series.replace('20261123', '20261023').replace('20261123', '20261023')
      const later = event(
        'RECURRENCE-ID;RANGE=THISANDFUTURE:20261024T070000Z',
        'DTSTART;TZID=Europe/Berlin:20261024T110000',
        'DURATION:PT2H',
        'SUMMARY:Later',
      )
      const { events } = await expand([long, later], {
        window: { from: new Date('2026-10-01'), to: new Date('2026-11-01') },
      })
      expect(events.map((e) => `${e.occurrenceKey} ${e.startsAt.toISOString().slice(5, 16)} ${e.title}`)).toEqual([
        '2026-10-23T07:00:00Z 10-23T07:00 Daily',
        '2026-10-24T07:00:00Z 10-24T09:00 Later',
        '2026-10-25T08:00:00Z 10-25T10:00 Later',
        '2026-10-26T08:00:00Z 10-26T10:00 Later',
      ])
      expect(events.map((e) => (e.endsAt.getTime() - e.startsAt.getTime()) / 60_000)).toEqual([30, 120, 120, 120])
    })

    it('that all follow, moved by a week, come into the window from outside', async () => {
      const later = event(
        'RECURRENCE-ID;RANGE=THISANDFUTURE:20261124T080000Z',
        'DTSTART;TZID=Europe/Berlin:20261201T090000',
      )
      const window = { from: new Date('2026-12-02'), to: new Date('2026-12-03') }
      expect(await list([series, later], { window })).toEqual(['2026-11-25T08:00:00Z > 12-02T08:00'])
    })

    it('keeps only the newest revision of one', async () => {
      const revision = (sequence: number, hour: number) =>
        event('RECURRENCE-ID:20261124T080000Z', `DTSTART:20261124T${hour}0000Z`, `SEQUENCE:${sequence}`)
      const found = await list([series, revision(3, 15), revision(2, 14)])
      expect(found).toContain('2026-11-24T08:00:00Z > 11-24T15:00')
      expect(found).toHaveLength(4)
    })

    it('keeps those that no rule gives any more', async () => {
      expect(await list([series, event('RECURRENCE-ID:20261210T080000Z', 'DTSTART:20261210T080000Z')])).toContain(
        '2026-12-10T08:00:00Z > 12-10T08:00',
      )
    })

    it('of which the series is newer, stand only where it still has their day', async () => {
      const later = series.replace('SUMMARY:Daily', 'SEQUENCE:2\r\nEXDATE:20261124T080000Z')
      const moved = (day: number, sequence: number) =>
        event(`RECURRENCE-ID:202611${day}T080000Z`, `DTSTART:202611${day}T150000Z`, `SEQUENCE:${sequence}`)
      const times = async (...events: string[]) => (await list(events)).map((row) => row.slice(row.indexOf('>') + 2))
      const others = ['11-23T08:00', '11-25T08:00', '11-26T08:00']
      expect(await times(later, moved(24, 1))).toEqual(others)
      expect(await times(later, moved(24, 2))).toEqual(['11-23T08:00', '11-24T15:00', '11-25T08:00', '11-26T08:00'])
      expect(await times(later, moved(25, 1))).toEqual(['11-23T08:00', '11-25T15:00', '11-26T08:00'])
      expect(await times(later, moved(28, 1))).toEqual(others)
    })

    it('that are two for one date and equally new are listed', async () => {
      const twice = [
        event('RECURRENCE-ID:20261124T080000Z', 'DTSTART:20261124T120000Z'),
        event('RECURRENCE-ID:20261124T080000Z', 'DTSTART:20261124T130000Z'),
      ]
      const { events, problems } = await expand([series, ...twice])
      expect(events.map(({ startsAt }) => startsAt.getUTCHours())).toEqual([8, 13, 8, 8])
      expect(problems.map(({ code }) => code)).toEqual(['revision_unclear'])
      expect((await expand([series, ...twice.slice(1), ...twice.slice(1)])).problems).toEqual([])
    })

    it('without a master that repeat are taken for the series, flagged', async () => {
      const copied = event('RECURRENCE-ID:20261124T080000Z', 'DTSTART:20261124T083000Z', 'RRULE:FREQ=DAILY;COUNT=2')
      expect(await list(copied)).toEqual(['2026-11-24T08:30:00Z > 11-24T08:30', '2026-11-25T08:30:00Z > 11-25T08:30'])
      expect((await expand(copied)).problems.map(({ code }) => code)).toEqual(['series_without_master'])
    })

    it('without a master keeps them as what they are', async () => {
      expect(await list(event('RECURRENCE-ID:20261124T080000Z', 'DTSTART:20261124T100000Z'))).toEqual([
        '2026-11-24T08:00:00Z > 11-24T10:00',
      ])
    })
  })

  it('under a UID that another event has too does not lose it', async () => {
    const single = event('DTSTART:20261127T120000Z', 'SUMMARY:Party')
    expect(await list([series, single])).toEqual([
      '2026-11-23T08:00:00Z > 11-23T08:00',
      '2026-11-24T08:00:00Z > 11-24T08:00',
      '2026-11-25T08:00:00Z > 11-25T08:00',
      '2026-11-26T08:00:00Z > 11-26T08:00',
      '2026-11-27T12:00:00Z > 11-27T12:00',
    ])
    const { problems } = await expand([series, single])
    expect(problems.map(({ code }) => code)).toEqual(['uid_shared'])
  })

  it('split into this and following has one occurrence on the day of the split', async () => {
    const old = await list(event('DTSTART:20261123T090000Z', 'RRULE:FREQ=DAILY;UNTIL=20261125T085959Z'))
    const tail = await list(event('DTSTART:20261125T093000Z', 'RRULE:FREQ=DAILY;COUNT=2'))
    expect([...old, ...tail].filter((row) => row.includes('> 11-25'))).toEqual(['2026-11-25T09:30:00Z > 11-25T09:30'])
  })
})

describe('any event', () => {
  const lines = [
    'DTSTART;TZID=Europe/Berlin:20261123T090000',
    'DTEND;TZID="Own Zone":20261123T093000',
    'DURATION:P1DT1H',
    'RRULE:FREQ=MONTHLY;BYDAY=2MO,-1FR;BYSETPOS=1;COUNT=9',
    'RRULE:FREQ=HOURLY;INTERVAL=5;BYHOUR=9,10;UNTIL=20270101T000000Z',
    'EXRULE:FREQ=YEARLY;BYWEEKNO=20;BYYEARDAY=-7',
    'RDATE;VALUE=PERIOD:20261124T090000Z/PT1H',
    'EXDATE;VALUE=DATE:20261125,20261126',
    'RECURRENCE-ID;RANGE=THISANDFUTURE:20261124T080000Z',
    'ATTENDEE;CUTYPE=ROOM;CN="A, B":mailto:ann@example.com',
    'SUMMARY;LANGUAGE=de:Titel\\, lang',
    'CONFERENCE;VALUE=URI:https://rooms.example.com/1',
    'CLASS:PRIVATE',
    'STATUS:CANCELLED',
  ]
  const mutation = fc.record({
    at: fc.nat(),
    remove: fc.nat(8),
    insert: fc.oneof(
      fc.string({ maxLength: 6 }),
      fc.constantFrom('9', '0', '-', ';', ':', ',', '=', '"', '\n', 'T', 'Z', 'SECONDLY', 'CONSTRUCTOR'),
    ),
  })
  const mutate = (text: string, { at, remove, insert }: { at: number; remove: number; insert: string }) => {
    const from = at % (text.length + 1)
    return text.slice(0, from) + insert + text.slice(from + remove)
  }

  it('however mutated is expanded without a bug, into valid times within the window', async () => {
    const bodies = fc.tuple(fc.subarray(lines), fc.subarray(lines), fc.array(mutation, { maxLength: 6 }))
    await fc.assert(
      fc.asyncProperty(bodies, async ([first, second, mutations]) => {
        const content = calendar(...[first, second].map((body) => mutations.reduce(mutate, event(...body))))
        for (const text of [content, mutations.reduce(mutate, content)]) {
          const { events } = expandIcsItem(text, options)
          for (const { startsAt, endsAt } of events) {
            expect(startsAt.getTime()).toBeLessThan(options.window.to.getTime())
            expect(endsAt.getTime()).toBeGreaterThan(options.window.from.getTime())
            expect(endsAt.getTime()).toBeGreaterThanOrEqual(startsAt.getTime())
          }
        }
        const feed = await readIcsFeed(content).catch(() => undefined)
        for (const item of feed?.items ?? []) expect(() => expandIcsItem(item.content, options)).not.toThrow()
        for (const item of feed?.items ?? []) expect(item.lastEndsAt?.getTime()).not.toBeNaN()
      }),
      { numRuns: 300 },
    )
  })

  it('and any text at all gives no more than nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(expandIcsItem(text, options).events).toEqual([])
      }),
    )
  })
})
