import { execFileSync } from 'node:child_process'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isAppError } from '../../../../base/errors.ts'
import { readIcsFeed } from './read-feed.ts'

const calendar = (...lines: string[]) => ['BEGIN:VCALENDAR', 'VERSION:2.0', ...lines, 'END:VCALENDAR', ''].join('\r\n')
const event = (...lines: string[]) => ['BEGIN:VEVENT', ...lines, 'END:VEVENT'].join('\r\n')
const daily = event('UID:daily@example.com', 'DTSTART:20261123T090000Z', 'DTEND:20261123T093000Z', 'SUMMARY:Daily')
const uids = async (text: string) => (await readIcsFeed(text)).items.map((item) => item.uid)
const hashOf = async (text: string) => (await readIcsFeed(text)).items[0]?.contentHash

describe('what is no calendar', () => {
  it.each([
    ['nothing', ''],
    ['blank lines', ' \r\n\n\t '],
    ['a page for signing in', '<!DOCTYPE html><html><body>Sign in BEGIN:VCALENDAR</body></html>'],
    ['an error in JSON', '{"error": "not found"}'],
    ['any other text', 'Not found'],
  ])('is refused: %s', async (_what, text) => {
    await expect(readIcsFeed(text)).rejects.toMatchObject({
      code: 'ics_not_calendar',
      message: expect.stringContaining('Check the address'),
    })
  })

  it.each([
    ['without END:VCALENDAR', calendar(daily).replace('END:VCALENDAR\r\n', '')],
    ['cut within an event', calendar(daily).slice(0, -60)],
    ['with one calendar cut before the next', calendar(daily).replace('END:VCALENDAR\r\n', '') + calendar(daily)],
  ])('is not taken for shorter than it is: %s', async (_what, text) => {
    await expect(readIcsFeed(text)).rejects.toMatchObject({
      code: 'ics_truncated',
      message: expect.stringContaining('was not used'),
    })
  })
})

describe('what a server glued to a calendar', () => {
  const codes = async (text: string) => (await readIcsFeed(text)).problems.map(({ code }) => code)

  it('behind its end is passed over and listed', async () => {
    for (const rest of [
      '<!DOCTYPE html>\n<html>\n <body>Internal Server Error</body></html>',
      '\nFatal error: out of memory',
    ]) {
      const text = calendar(daily).trimEnd() + rest
      expect(await uids(text)).toEqual(['daily@example.com'])
      expect(await codes(text)).toEqual(['stray_text'])
    }
  })

  it('between its events is passed over and listed', async () => {
    const text = calendar(
      daily,
      '<br />\n<b>Warning</b>: Undefined variable in feed.php on line 3<br />',
      event('UID:b', 'DTSTART:20261123T090000Z'),
    )
    expect(await uids(text)).toEqual(['daily@example.com', 'b'])
    expect(await codes(text)).toEqual(['stray_text'])
  })

  it('in place of its end is named as the reason why it is not used', async () => {
    const text = `${calendar(daily).replace('END:VCALENDAR\r\n', '')}<b>Fatal error</b>: Maximum execution time exceeded`
    await expect(readIcsFeed(text)).rejects.toMatchObject({
      code: 'ics_truncated',
      message: expect.stringContaining('“Fatal error : Maximum execution time exceeded”'),
    })
  })

  it('before its beginning is named as the reason why it is not used', async () => {
    await expect(readIcsFeed(`<b>Warning</b>: no such table\n${calendar(daily)}`)).rejects.toMatchObject({
      code: 'ics_not_calendar',
      message: expect.stringContaining('“Warning : no such table'),
    })
  })

  it('does not make texts of events that only look like it suspect', async () => {
    const text = calendar(
      event(
        'UID:a',
        'DTSTART:20261123T090000Z',
        'DESCRIPTION:first line',
        '<p>a line that was not folded</p>',
        'Error: as a word',
      ),
    )
    expect(await codes(text)).toEqual([])
  })
})

describe('a calendar that says nothing', () => {
  it('is an error, so that what was known stays', async () => {
    for (const text of ['BEGIN:VCALENDAR\r\nEND:VCALENDAR', 'BEGIN:VCALENDAR\n\nEND:VCALENDAR\n'])
      await expect(readIcsFeed(text)).rejects.toMatchObject({
        code: 'ics_empty',
        message: expect.stringContaining('says nothing'),
      })
  })
})

describe('a calendar', () => {
  it('may begin with blanks, zeros and several marks, be moved in as a whole, and have blanks behind its names', async () => {
    const expected = await hashOf(calendar(daily))
    for (const before of ['\n\n  ', '\ufeff\ufeff', '\u00ef\u00bb\u00bf', '\0', '\u200b\t'])
      expect(await hashOf(before + calendar(daily)), JSON.stringify(before)).toBe(expected)
    expect(await hashOf(calendar(daily).replace(/^(?=.)/gm, '    '))).toBe(expected)
    expect(await hashOf(calendar(daily).replace(/^(BEGIN|END)/gm, '$1 '))).toBe(expected)
    expect(await hashOf(calendar(daily).replace(/^(BEGIN:|END:)/gm, '$1 '))).toBe(expected)
  })

  it('without events is empty', async () => {
    expect(await readIcsFeed(calendar())).toEqual({ name: null, timeZone: null, items: [], problems: [] })
  })

  it('says its name and zone', async () => {
    const feed = await readIcsFeed(calendar('X-WR-CALNAME:Ann\\, at work', 'X-WR-TIMEZONE:W. Europe Standard Time'))
    expect(feed).toMatchObject({ name: 'Ann, at work', timeZone: 'Europe/Berlin' })
    expect(await readIcsFeed(calendar('X-WR-TIMEZONE:Mars/Olympus'))).toMatchObject({ timeZone: null })
  })

  it('may be several in one file', async () => {
    expect(await uids(calendar(daily) + calendar(event('UID:b', 'DTSTART:20261123T090000Z')))).toEqual([
      'daily@example.com',
      'b',
    ])
  })

  it('may begin with a byte order mark and have any line endings', async () => {
    const text = `\ufeff${calendar(daily)}`
    const expected = await hashOf(text)
    for (const ending of ['\n', '\r', '\r\r\n', '\n\n'])
      expect(await hashOf(text.replaceAll('\r\n', ending))).toBe(expected)
    expect(expected).toBeDefined()
  })

  it('may have tasks, alarms and properties nobody knows', async () => {
    const alarm = 'BEGIN:VALARM\r\nTRIGGER:-PT15M\r\nUID:alarm\r\nSUMMARY:Alarm\r\nEND:VALARM'
    const feed = await readIcsFeed(
      calendar(
        'BEGIN:VTODO\r\nUID:todo\r\nEND:VTODO',
        event('UID:a', alarm, 'DTSTART:20261123T090000Z', 'X-A;B=1:2', 'no property'),
      ),
    )
    expect(feed.items.map((item) => item.uid)).toEqual(['a'])
    expect(feed.items[0]?.content).not.toContain('Alarm')
    expect(feed.problems).toEqual([])
  })
})

describe('one broken event does not cost the others', () => {
  const good = event('UID:good', 'DTSTART:20261123T090000Z')
  it.each([
    ['cut off', 'BEGIN:VEVENT\r\nUID:bad\r\nSUMMARY:Broken\r\nDTSTART:20261123T090000Z', 'event_unreadable'],
    ['cut off within its alarm', 'BEGIN:VEVENT\r\nUID:bad\r\nSUMMARY:Broken\r\nBEGIN:VALARM', 'event_unreadable'],
    ['without a start', event('UID:bad', 'SUMMARY:Broken'), 'event_without_start'],
    ['with an impossible start', event('UID:bad', 'SUMMARY:Broken', 'DTSTART:20261345T990000Z'), 'event_without_start'],
  ])('%s', async (_what, bad, code) => {
    for (const text of [calendar(bad, good), calendar(good, bad)]) {
      const feed = await readIcsFeed(text)
      expect(feed.items.map((item) => item.uid)).toEqual(['good'])
      expect(feed.problems).toMatchObject([{ code, uid: 'bad', title: 'Broken' }])
    }
  })

  it('cut in its zone', async () => {
    expect(await uids(calendar('BEGIN:VTIMEZONE\r\nTZID:x\r\nBEGIN:STANDARD', good))).toEqual(['good'])
  })

  it('with lines that are none', async () => {
    const lines = [
      'UID:bad',
      'DTSTART:20261123T090000Z',
      'RRULE',
      'ATTENDEE;CN="open:mailto:a@example.com',
      ';:',
      'EXDATE;=:1',
    ]
    expect(await uids(calendar(event(...lines), good))).toEqual(['bad', 'good'])
  })

  it('keeps private titles out of its problems', async () => {
    const feed = await readIcsFeed(calendar(event('UID:a', 'CLASS:PRIVATE', 'SUMMARY:Secret')))
    expect(feed.problems).toMatchObject([{ uid: 'a', title: null }])
  })

  it('and many of them are listed up to a limit', async () => {
    const feed = await readIcsFeed(calendar(...Array.from({ length: 300 }, (_, i) => event(`UID:${i}`))))
    expect(feed.problems).toHaveLength(201)
    expect(feed.problems.at(-1)).toMatchObject({ code: 'more_problems', message: expect.stringContaining('100 more') })
  })
})

describe('an item', () => {
  it('is one UID with all its occurrences', async () => {
    const moved = event('UID:a', 'RECURRENCE-ID:20261124T090000Z', 'DTSTART:20261225T090000Z')
    const feed = await readIcsFeed(
      calendar(moved, event('UID:a', 'DTSTART:20261123T090000Z', 'RRULE:FREQ=DAILY;UNTIL=20261126T090000Z')),
    )
    expect(feed.items).toMatchObject([{ uid: 'a', isRecurring: true }])
    const [item] = feed.items
    expect(item?.firstStartsAt.getTime()).toBeLessThanOrEqual(Date.UTC(2026, 10, 23, 9))
    expect(item?.lastEndsAt?.getTime()).toBeGreaterThanOrEqual(Date.UTC(2026, 11, 25, 10))
  })

  it('knows when it is over, or that it has no end', async () => {
    const end = async (rule: string) =>
      (await readIcsFeed(calendar(event('UID:a', 'DTSTART:20261123T090000Z', rule)))).items[0]?.lastEndsAt
    expect(await end('SUMMARY:single')).toEqual(new Date('2026-11-23T10:00:00Z'))
    expect(await end('RRULE:FREQ=DAILY')).toBeNull()
    expect(await end('RRULE:FREQ=YEARLY;COUNT=2')).toBeNull()
    const counted = await end('RRULE:FREQ=WEEKLY;COUNT=3')
    expect(counted?.getTime()).toBeGreaterThanOrEqual(Date.UTC(2026, 11, 7, 10))
    expect(counted?.getTime()).toBeLessThan(Date.UTC(2027, 1, 1))
    expect(await end('RRULE:FREQ=NEVER')).toEqual(new Date('2026-11-24T10:00:00Z'))
  })

  it('without a UID gets one that stays the same', async () => {
    const text = (stamp: string) => calendar(event(`DTSTAMP:${stamp}`, 'DTSTART:20261123T090000Z', 'SUMMARY:Anonymous'))
    const [first] = await uids(text('20261101T000000Z'))
    expect(first).toMatch(/^no-uid-[0-9a-f]{32}$/)
    expect(await uids(text('20261102T000000Z'))).toEqual([first])
    expect(await uids(text('20261102T000000Z').replace('Anonymous', 'Other'))).not.toEqual([first])
  })

  it('is the newest of several revisions: SEQUENCE, then time, then place in the file', async () => {
    const revision = (summary: string, sequence: number, stamp: string) =>
      event('UID:a', 'DTSTART:20261123T090000Z', `SEQUENCE:${sequence}`, `DTSTAMP:${stamp}`, `SUMMARY:${summary}`)
    const winner = async (...events: string[]) =>
      /SUMMARY:(\w+)/.exec((await readIcsFeed(calendar(...events))).items[0]?.content ?? '')?.[1]
    expect(await winner(revision('new', 10, '20260101T000000Z'), revision('old', 9, '20270101T000000Z'))).toBe('new')
    expect(await winner(revision('new', 1, '20260102T000000Z'), revision('old', 1, '20260101T000000Z'))).toBe('new')
    expect(await winner(revision('old', 1, '20260101T000000Z'), revision('new', 1, '20260101T000000Z'))).toBe('new')
  })
})

describe('several events under one UID', () => {
  const at = (day: number, ...lines: string[]) => event('UID:a', `DTSTART:202611${day}T090000Z`, ...lines)
  const startsOf = async (...events: string[]) =>
    [...((await readIcsFeed(calendar(...events))).items[0]?.content ?? '').matchAll(/DTSTART:(\d+)/g)].map(
      ([, day]) => day,
    )

  it('are all kept if they start at different times and none is a later revision', async () => {
    expect(await startsOf(at(24, 'DTSTAMP:20261102T000000Z'), at(23, 'DTSTAMP:20261101T000000Z'))).toEqual([
      '20261123',
      '20261124',
    ])
  })

  it('are one if a later SEQUENCE says so', async () => {
    expect(await startsOf(at(23), at(24, 'SEQUENCE:1'))).toEqual(['20261124'])
  })
})

describe('the hash of an item', () => {
  const text = calendar(
    event(
      'UID:a',
      'DTSTAMP:20261101T000000Z',
      'DTSTART:20261123T090000Z',
      'SUMMARY:A long title that is folded',
      'ATTENDEE:mailto:b@example.com',
    ),
  )

  it.each([
    ['the time of export', text.replace('DTSTAMP:20261101', 'DTSTAMP:20261102')],
    ['folding', text.replace('title that', 'title\r\n  that')],
    ['line endings', text.replaceAll('\r\n', '\n')],
    [
      'the order of lines',
      text.replace(
        'SUMMARY:A long title that is folded\r\nATTENDEE:mailto:b@example.com',
        'ATTENDEE:mailto:b@example.com\r\nSUMMARY:A long title that is folded',
      ),
    ],
    ['properties we do not use', text.replace('SUMMARY', 'LAST-MODIFIED:20261102T000000Z\r\nX-OTHER:1\r\nSUMMARY')],
    ['the calendar around it', text.replace('VERSION:2.0', 'X-PUBLISHED-TTL:PT1H')],
  ])('ignores %s', async (_what, other) => {
    expect(other).not.toBe(text)
    expect(await hashOf(other)).toBe(await hashOf(text))
  })

  it.each([
    ['the title', text.replace('long', 'short')],
    ['the time', text.replace('T090000Z', 'T093000Z')],
    ['a guest', text.replace('b@example.com', 'c@example.com')],
    ['cancellation of the calendar', text.replace('VERSION:2.0', 'METHOD:CANCEL')],
  ])('sees %s', async (_what, other) => {
    expect(await hashOf(other)).not.toBe(await hashOf(text))
  })

  it('sees what a zone’s name means', async () => {
    const zone = (offset: string) =>
      `BEGIN:VTIMEZONE\r\nTZID:Own\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:${offset}\r\nTZOFFSETTO:${offset}\r\nEND:STANDARD\r\nEND:VTIMEZONE`
    const own = event('UID:a', 'DTSTART;TZID=Own:20261123T090000')
    expect(await hashOf(calendar(zone('+0100'), own))).not.toBe(await hashOf(calendar(zone('+0200'), own)))
  })
})

describe('any text', () => {
  const readable = (text: string) =>
    readIcsFeed(text).then(
      (feed) => Array.isArray(feed.items),
      (error: unknown) => isAppError(error) && /^ics_(not_calendar|truncated|empty)$/.test(error.code),
    )
  const word = fc.constantFrom(
    'BEGIN:VCALENDAR',
    'END:VCALENDAR',
    'BEGIN:VEVENT',
    'END:VEVENT',
    'BEGIN:VTIMEZONE',
    'END:VTIMEZONE',
    'BEGIN:STANDARD',
    'END:STANDARD',
    'UID:a',
    'DTSTART:20261123T090000Z',
    'DTSTART;TZID=x:20261123T090000',
    'TZID:x',
    'TZOFFSETTO:+0100',
    'TZOFFSETFROM:+0200',
    'RRULE:FREQ=DAILY',
    'RECURRENCE-ID:20261124',
    '\r\n',
    '\n',
    '\r',
    ' ',
    ';',
    ':',
    '"',
    '=',
    '\0',
    '\ud800',
    'DTEND;VALUE=DATE:00000000',
  )

  it('is read or refused with a reason, never with a bug', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
        expect(await readable(text)).toBe(true)
      }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(word, fc.string()), { maxLength: 60 }), async (words) => {
        expect(await readable(words.join('\n'))).toBe(true)
        expect(await readable(calendar(...words))).toBe(true)
      }),
    )
  })
})

describe('a big feed', () => {
  it('lets other work run meanwhile', async () => {
    const text = calendar(...Array.from({ length: 5_000 }, (_, i) => event(`UID:${i}`, 'DTSTART:20261123T090000Z')))
    let turns = 0
    let isDone = false
    const reading = readIcsFeed(text).then((feed) => {
      isDone = true
      return feed
    })
    while (!isDone) {
      await setImmediate()
      turns++
    }
    expect((await reading).items).toHaveLength(5_000)
    expect(turns).toBeGreaterThan(3)
  })

  it.each([
    ['a line folded 500,000 times', () => calendar(`X-NOTE:x${'\r\n y'.repeat(500_000)}`, daily)],
    ['3,000,000 blank lines', () => calendar(`X-NOTE:x${'\n'.repeat(3_000_000)}`, daily)],
    ['3,000,000 blank lines of an old kind', () => calendar(`X-NOTE:x${'\r'.repeat(3_000_000)}`, daily)],
    [
      'components nested 60,000 deep',
      () => {
        const names = Array.from({ length: 60_000 }, (_, i) => `X-${i}`)
        const opened = names.map((name) => `BEGIN:${name}`)
        return calendar(
          daily.replace(
            'SUMMARY',
            [...opened, ...names.reverse().map((name) => `END:${name}`), 'SUMMARY'].join('\r\n'),
          ),
        )
      },
    ],
    [
      'zones of 30,000 names',
      () => {
        const dates = Array.from({ length: 19_000 }, (_, i) => `EXDATE;TZID=Zone ${i}:20261123T090000`)
        return calendar(daily.replace('SUMMARY', [...dates, 'SUMMARY'].join('\r\n')))
      },
    ],
  ])('lets others have their turn, and its events are read, whatever it has: %s', async (_what, make) => {
    const text = make()
    let turns = 0
    let isDone = false
    const reading = readIcsFeed(text).finally(() => {
      isDone = true
    })
    while (!isDone) {
      await setImmediate()
      turns++
    }
    expect((await reading).items).toMatchObject([
      { uid: 'daily@example.com', content: expect.stringContaining('SUMMARY:Daily') },
    ])
    expect(turns).toBeGreaterThan(1)
  })

  it('may begin with as many blanks as it likes', async () => {
    expect(await uids(' '.repeat(10_000_000) + calendar(daily))).toEqual(['daily@example.com'])
  })

  it('is read where one of its texts is broken by equals signs into 100,000 parts', async () => {
    const text = `DESCRIPTION;ENCODING=QUOTED-PRINTABLE:${'a=\r\n'.repeat(100_000)}a`
    expect(await uids(calendar(daily.replace('SUMMARY', `${text}\r\nSUMMARY`)))).toEqual(['daily@example.com'])
  })

  it('takes nothing into an event that stands in what is nested in it, however deep', async () => {
    const depth = 30
    const inner = [...Array(depth).fill('BEGIN:X-BOX'), 'SUMMARY:Not this', ...Array(depth).fill('END:X-BOX')]
    const { items } = await readIcsFeed(
      calendar(event('UID:a', 'DTSTART:20261123T090000Z', ...inner, 'SUMMARY:This'), daily),
    )
    expect(items.map(({ uid }) => uid)).toEqual(['a', 'daily@example.com'])
    expect(items[0]?.content).toContain('SUMMARY:This')
    expect(items[0]?.content).not.toContain('Not this')
  })

  it('is read on where what is nested is never closed', async () => {
    const opened = Array(30).fill('BEGIN:X-BOX')
    expect(await uids(calendar(event('UID:a', 'DTSTART:20261123T090000Z', ...opened), daily))).toEqual([
      'a',
      'daily@example.com',
    ])
  })

  // The text has 10 MB and the stored contents about as much, which with the garbage of reading stays below 120 MB; a tree for each event, kept
  // until the end, would not fit into 256 MB.
  it('of 50,000 events and 10 MB is read in 256 MB of heap', () => {
    const script = fileURLToPath(new URL('./testdata/read-big-feed.ts', import.meta.url))
    const output = execFileSync(process.execPath, ['--max-old-space-size=256', script], {
      encoding: 'utf8',
    })
    expect(JSON.parse(output)).toMatchObject({ items: 50_000, problems: 0 })
  })
})
