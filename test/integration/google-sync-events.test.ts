import { expect, test } from 'vitest'
import { ana, ben } from '../support/google-world.ts'
import { expectInStep, once, readMeetings, startWith } from '../support/synced-calendar.ts'

test('an entry that cannot be read at all is listed as it came, and what was known of it stays', async () => {
  await using world = await startWith(({ google }) => google.as(ana).insert({ ...once('Known'), id: 'known' }))
  const { calendar, id } = world
  calendar.plant({ id: 'known', status: 'confirmed', summary: 'Known', start: { date: 'soon' } })
  calendar.plant({ id: 'odd', status: 'confirmed', summary: 'Odd', start: {} })
  calendar.insert(once('Other'))
  expect(await world.sync(id)).toMatchObject({ outcome: 'changed', changes: 1 })
  const problems = () =>
    world.app.db.selectFrom('calendarProblem').select(['code', 'uid', 'raw']).orderBy('uid').execute()
  expect(await problems()).toMatchObject([
    { code: 'event_unreadable', uid: 'known' },
    { code: 'event_unreadable', uid: 'odd', raw: expect.stringContaining('Odd') },
  ])
  expect((await world.stored(ana)).map((line) => line.split(' ')[2])).toEqual(['Known', 'Other'])
  calendar.delete('odd')
  calendar.expireSyncTokens()
  await world.sync(id)
  expect(await problems()).toMatchObject([{ uid: 'known' }])
})

test('whole days are days of the calendar’s zone, and move when the zone changes', async () => {
  await using world = await startWith(({ google }) => {
    google.as(ana).calendar.timeZone = 'America/Los_Angeles'
    google.as(ana).insert({ summary: 'Offsite', start: { date: '2026-11-25' }, end: { date: '2026-11-27' } })
    google.as(ana).insert({
      summary: 'Every week',
      start: { date: '2026-11-25' },
      end: { date: '2026-11-26' },
      recurrence: ['RRULE:FREQ=WEEKLY'],
    })
  })
  await expectInStep(world)
  world.calendar.calendar.timeZone = 'Asia/Tokyo'
  await world.sync(world.id)
  await expectInStep(world)
})

test('a link that comes some seconds after its event updates the plan, and another link replaces it', async () => {
  await using world = await startWith(({ google }) => {
    google.as(ana).insert({
      ...once('Meeting'),
      hangoutLink: undefined,
      id: 'meeting',
      conferenceData: { createRequest: { status: { statusCode: 'pending' } } },
    })
  })
  expect(await readMeetings(world)).toEqual([])
  world.calendar.patch('meeting', {
    conferenceData: { entryPoints: [{ entryPointType: 'video', uri: 'https://meet.google.com/new-link-abc' }] },
  })
  await world.sync(world.id)
  expect(await readMeetings(world)).toMatchObject([{ meetingUrl: 'https://meet.google.com/new-link-abc' }])
  world.calendar.patch('meeting', {
    conferenceData: { entryPoints: [{ entryPointType: 'video', uri: 'https://meet.google.com/oth-link-abc' }] },
  })
  await world.sync(world.id)
  expect(await readMeetings(world)).toMatchObject([{ meetingUrl: 'https://meet.google.com/oth-link-abc' }])
})

test('the passcode that stands beside a conference’s link is used with it', async () => {
  const uri = 'https://us02web.zoom.us/j/81234567890'
  await using world = await startWith(({ google }) => {
    google.as(ana).insert({
      ...once('Meeting'),
      hangoutLink: undefined,
      conferenceData: { entryPoints: [{ entryPointType: 'video', uri, passcode: 'aB3x' }] },
    })
  })
  expect(await readMeetings(world)).toMatchObject([{ meetingUrl: `${uri}?pwd=aB3x` }])
})

test('what its title calls cancelled is, once its time is free as well', async () => {
  await using world = await startWith(({ google }) => {
    google.as(ana).insert({ ...once('Canceled: Ana and Ben'), id: 'booking' })
  })
  expect(await readMeetings(world)).toMatchObject([{ reason: 'wanted' }])
  world.calendar.patch('booking', { transparency: 'transparent' })
  await world.sync(world.id)
  expect(await readMeetings(world)).toMatchObject([{ decision: 'skip', reason: 'cancelled' }])
})

test('one invitation in several calendars is one meeting; who declines ceases to count, and so does who is cancelled', async () => {
  await using world = await startWith(({ google }) => {
    google.as(ana).insert({ ...once('Together'), id: 'together', attendees: [{ email: ben }] })
  })
  const bens = await world.connect(ben)
  await world.sync(bens)
  expect(await readMeetings(world)).toMatchObject([{ copies: 2, supporting: 2 }])
  world.google.as(ben).respond('together', 'declined')
  await world.sync(bens)
  await world.sync(world.id)
  expect(await readMeetings(world)).toMatchObject([{ copies: 2, supporting: 1, decision: 'no_runner' }])
  world.calendar.delete('together')
  await world.sync(world.id)
  await world.sync(bens)
  expect(await readMeetings(world)).toEqual([])
  await expectInStep(world, ana, ben)
})

test('what is no meeting is told by its kind, what is private by its visibility', async () => {
  await using world = await startWith(({ google }) => {
    const types = ['outOfOffice', 'focusTime', 'workingLocation', 'birthday', 'fromGmail'] as const
    for (const [index, eventType] of types.entries()) {
      google.as(ana).insert({ ...once(eventType, '11-24', `1${index}:00`), eventType })
    }
    google.as(ana).insert({ ...once('Secret', '11-24', '18:00'), visibility: 'private' })
  })
  const rows = await world.app.db.selectFrom('event').select(['title', 'kind', 'visibility']).orderBy('title').execute()
  expect(rows).toEqual([
    { title: 'Secret', kind: 'default', visibility: 'private' },
    { title: 'birthday', kind: 'birthday', visibility: 'default' },
    { title: 'focusTime', kind: 'focus_time', visibility: 'default' },
    { title: 'fromGmail', kind: 'default', visibility: 'default' },
    { title: 'outOfOffice', kind: 'out_of_office', visibility: 'default' },
    { title: 'workingLocation', kind: 'working_location', visibility: 'default' },
  ])
  const decided = await readMeetings(world)
  expect(decided.filter(({ decision }) => decision !== 'skip').map(({ title }) => title)).toEqual(['fromGmail'])
})

test('2,000 guests, 100 KB of description and hostile characters are stored, the texts within limits', async () => {
  await using world = await startWith(({ google }) => {
    const attendees = Array.from({ length: 2_000 }, (_, i) => ({ email: `guest${i}@example.org` }))
    google.as(ana).insert({
      ...once(`\u202eevil \u0000\ud83c\udf89 ${'x'.repeat(900)}`),
      attendees,
      description: '\u0000é'.repeat(60_000),
    })
  })
  const event = await world.app.db.selectFrom('event').select(['title', 'attendees']).executeTakeFirstOrThrow()
  expect(event.title).toMatch(/^evil \ufffd🎉 x+…$/)
  // The organiser besides.
  expect(event.attendees).toHaveLength(2_001)
})
