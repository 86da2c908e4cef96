import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { withUsableEnd } from '../../usable-end.ts'
import { decodeFeed } from './decode-feed.ts'
import { expandIcsItem } from './expand-item.ts'
import { readIcsFeed } from './read-feed.ts'

/** Feeds as programs and people really send them, each made for this project after one that some reader failed on. */

const options = {
  window: { from: new Date('2026-11-28T00:00:00Z'), to: new Date('2026-12-28T00:00:00Z') },
  ownerEmail: 'ana@example.com',
}

/** `start +minutes`, with `!` for a cancelled one, and the codes of all problems; the zone of TIME_ZONE must not matter. */
async function read(name: string, timeZone: string) {
  const bytes = readFileSync(new URL(`./testdata/cases/${name}.ics`, import.meta.url))
  const feed = await readIcsFeed(decodeFeed(bytes), { now: new Date('2026-11-28T00:00:00Z') })
  const fallbackTimeZone = feed.timeZone ?? timeZone
  const expanded = feed.items.map((item) => expandIcsItem(item.content, { ...options, fallbackTimeZone }))
  const events = expanded.flatMap((expansion) => expansion.events.map(withUsableEnd))
  const problems = [...feed.problems, ...expanded.flatMap((expansion) => expansion.problems)]
  return { events, problems: problems.map(({ code }) => code) }
}

async function times(name: string, timeZone: string) {
  const { events, problems } = await read(name, timeZone)
  const rows = events.map(({ startsAt, endsAt, isCancelled }) => {
    const minutes = (endsAt.getTime() - startsAt.getTime()) / 60_000
    return `${startsAt.toISOString().slice(5, 16)} +${minutes}${isCancelled ? '!' : ''}`
  })
  return [...rows, ...problems]
}

it.each([
  ['in UTF-16 with its mark', 'b01-utf16le', ['12-02T09:00 +30']],
  ['with blanks before its first line', 'b02-leading-blanks', ['12-02T09:00 +30']],
  ['with a blank within its first line', 'b34-begin-with-space-colon', ['12-02T09:00 +30']],
  ['with an error page glued to its end', 'b04-html-after-end', ['12-02T09:00 +30', 'stray_text']],
  ['with a slash before its zone', 'b05-tzid-leading-slash', ['12-04T08:00 +60', '12-11T08:00 +60', '12-18T08:00 +60']],
  ['with a zone of two eras and no name', 'b07-custom-zone-two-eras', ['12-02T19:00 +60']],
  [
    'with an exception that a newer series excludes',
    'b09-deleted-exception-exdate',
    ['12-01T09:00 +60', '12-15T09:00 +60'],
  ],
  ['whose event is cancelled by its title', 'b11-canceled-in-title', ['12-02T08:00 +30!', 'cancelled_by_title']],
  [
    'with a copied series that calls itself an exception',
    'b12-copied-series-recurrence-id',
    ['12-01T09:30 +30', '12-08T09:30 +30', '12-15T09:30 +30', 'series_without_master'],
  ],
  ['with a start that ends in T', 'b13-dtstart-ends-in-T', ['event_without_start']],
  ['with parameters in the quotes of its zone', 'b14-quoted-params', ['12-03T15:00 +60']],
  ['with a zone whose definition begins in UTC', 'b19-vtimezone-dtstart-z', ['12-03T11:00 +60']],
  ['with a zone in German', 'b22-mitteleuropaeische-zeit', ['12-03T09:30 +30']],
  ['with a numbered zone', 'b23-gmt-standard-time-1', ['12-03T12:00 +30']],
  [
    'with a parameter on its rule',
    'b25-rrule-with-parameter',
    ['12-01T06:20 +20', '12-02T06:20 +20', '12-04T06:20 +20'],
  ],
  ['with a part of its rule that is none', 'b26-rrule-wkst1', ['12-01T10:00 +30', '12-15T10:00 +30']],
  [
    'with two exceptions for one date',
    'b18-two-overrides-one-occurrence',
    ['12-01T09:00 +30', '12-02T10:00 +30', '12-03T09:00 +30'],
  ],
  ['with an event that takes no time', 'b27-zero-length', ['12-03T15:00 +60']],
  ['with characters that are none', 'b28-noncharacters', ['12-03T16:00 +30']],
  ['with floating times and one zone', 'b31-floating-one-vtimezone', ['12-03T15:00 +60', 'time_zone_guessed']],
  ['in ISO-8859-1', 'b33-latin1', ['12-03T17:00 +30', 'time_zone_guessed']],
])('a feed %s is read wherever this machine is', async (_what, name, expected) => {
  for (const zone of ['Europe/Berlin', 'Asia/Tokyo', 'America/Los_Angeles']) {
    expect(await times(name, zone), zone).toEqual(expected)
  }
})

it('a series of whole days loses the day that is excluded as a floating time', async () => {
  expect(await times('b15-allday-exdate-floating', 'Europe/Berlin')).toEqual([
    '11-30T23:00 +1440',
    '12-02T23:00 +1440',
    '12-03T23:00 +1440',
  ])
})

it('titles are readable whatever their encoding', async () => {
  const titleOf = async (name: string) => (await read(name, 'UTC')).events[0]?.title
  expect(await titleOf('b33-latin1')).toBe('Besprechung für Jürgen')
  expect(await titleOf('b28-noncharacters')).toBe('T\ufffeitle')
})
