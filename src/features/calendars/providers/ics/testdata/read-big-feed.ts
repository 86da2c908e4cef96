import { readIcsFeed } from '../read-feed.ts'

/** Run by a test as a process of its own with a bounded heap: reads a feed of 50,000 events and says what it found. */
function* bigFeed(): Generator<string> {
  yield 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\n'
  for (let i = 0; i < 50_000; i++) {
    const day = `2026${String(1 + (i % 12)).padStart(2, '0')}${String(1 + (i % 28)).padStart(2, '0')}`
    yield `BEGIN:VEVENT\r\nUID:${i}@example.com\r\nDTSTAMP:20261101T000000Z\r\nDTSTART;TZID=Europe/Berlin:${day}T090000\r\n`
    yield `DTEND;TZID=Europe/Berlin:${day}T100000\r\nSUMMARY:Meeting ${i} of the whole organisation\r\nEND:VEVENT\r\n`
  }
  yield 'END:VCALENDAR\r\n'
}

const text = Buffer.from([...bigFeed()].join('')).toString('utf8')
const { items, problems } = await readIcsFeed(text)
console.log(JSON.stringify({ length: text.length, items: items.length, problems: problems.length }))
