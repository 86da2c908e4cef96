import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { seedCalendar, seedEvents } from '../support/seed.ts'
import { startTestWeb, type TestWeb, textOf } from '../support/web.ts'

const MEET = 'https://meet.google.com/abc-defg-hij'

let web: TestWeb
let session: string

beforeEach(async () => {
  web = await startTestWeb()
  session = await web.signIn({ email: 'ana@example.com', isAdmin: true })
})
afterEach(() => web[Symbol.asyncDispose]())

const open = async (path: string) => (await web.ask(path, { session })).body
const connect = async (owner: string, calendar = {}) => ({
  id: await seedCalendar(web.db, web.clock, owner, calendar),
  owner,
})

describe('The plan of a day', () => {
  test('says how to connect a calendar where there never was one', async () => {
    const page = await open('/dashboard/')
    expect(page).toContain('Connect a calendar')
    expect(page).toContain('npx rapporteur calendar add ics')
    expect(page).not.toContain('Observing')
  })

  test('tells apart what is not read yet, what is empty, what comes next and what is not known yet', async () => {
    const ana = await connect('ana@example.com', { lastSuccessAt: null })
    expect(await open('/dashboard/')).toContain('have not been read yet')
    await web.db.updateTable('calendar').set({ lastSuccessAt: web.clock.now() }).execute()
    expect(await open('/dashboard/')).toContain('No meetings today')
    await seedEvents(web, [ana], [{ title: 'Weekly planning', at: '2026-11-30T08:00:00Z', location: MEET }])
    const next = await open('/dashboard/')
    expect(next).toContain('Mon 30 Nov, 09:00')
    expect(next).toContain('Weekly planning')
    expect(await open('/dashboard/?date=2027-06-01')).toContain('what is later is not known yet')
    await web.db.updateTable('calendar').set({ removedAt: web.clock.now() }).execute()
    expect(await open('/dashboard/?date=2026-11-24')).toContain('No calendar is connected any more')
  })

  test('gives a reason for every meeting and every event', async () => {
    const people = [await connect('ana@example.com'), await connect('ben@example.com')]
    await seedEvents({ ...web, joinable: ['jitsi'] }, people, [
      { title: 'Planning', at: '2026-11-23T09:00:00Z', location: MEET },
      {
        title: 'Secret',
        at: '2026-11-23T10:00:00Z',
        location: 'https://meet.google.com/abc-defg-hik',
        visibility: 'private',
      },
      { title: 'Lunch', at: '2026-11-23T11:00:00Z' },
      { title: 'Off', at: '2026-11-23T12:00:00Z', kind: 'out_of_office' },
      {
        title: 'Gone',
        at: '2026-11-23T13:00:00Z',
        location: 'https://meet.google.com/abc-defg-hil',
        isCancelled: true,
      },
    ])
    const page = textOf(await open('/dashboard/'))
    expect(page).toContain('Observing. Nothing is attended until you switch it on. See what that would do today')
    expect(page).toContain('1 of 3 meetings today would be attended; for 1 of them there is no way to join yet.')
    expect(page).toContain(
      'Would be attended: neither of the two people invited from here has declined. There is no way to join Google Meet yet.',
    )
    expect(page).toContain('Not attended: it is marked private.')
    expect(page).toContain('Not attended: it was cancelled.')
    expect(page).toContain('The invitation has no meeting link.')
    expect(page).toContain('It marks an absence.')
    expect(page).toContain('Times in Europe/Vienna')
  })

  test('shows the title of a private meeting nowhere', async () => {
    const ana = await connect('ana@example.com')
    await seedEvents(
      web,
      [ana],
      [
        { title: 'Surgery', at: '2026-11-23T10:00:00Z', location: MEET, visibility: 'private' },
        { title: 'Therapy', at: '2026-11-23T11:00:00Z', visibility: 'confidential' },
      ],
    )
    const meeting = await web.db.selectFrom('meeting').select('id').executeTakeFirstOrThrow()
    const paths = ['/dashboard/', `/dashboard/meetings/${meeting.id}/`, `/dashboard/calendars/${ana.id}/`]
    for (const path of paths) {
      const page = await open(path)
      expect(page, path).not.toMatch(/Surgery|Therapy/)
      expect(page, path).toContain('Private')
    }
  })

  test('prints whatever a title holds as text', async () => {
    const ana = await connect('ana@example.com')
    const titles = [
      '<script>alert(1)</script>',
      '"><img src=x onerror=alert(1)>',
      '👩‍👩‍👧 café',
      'פגישה \u202eevil',
      'x'.repeat(500),
    ]
    await seedEvents(
      web,
      [ana],
      titles.map((title, index) => ({
        title,
        at: `2026-11-23T1${index}:00:00Z`,
        location: `https://meet.google.com/abc-defg-hi${'abcde'[index]}`,
      })),
    )
    const page = await open('/dashboard/')
    expect(page).not.toMatch(/<script|<img/)
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
    expect(page).toContain('<bdi>👩‍👩‍👧 café</bdi>')
    const meetings = await web.db.selectFrom('meeting').select(['id', 'title']).execute()
    for (const { id } of meetings) expect(await open(`/dashboard/meetings/${id}/`)).not.toMatch(/<script|<img/)
  })

  test('shows a day in the zone that is asked for, and goes on in it', async () => {
    const ana = await connect('ana@example.com')
    await seedEvents(web, [ana], [{ title: 'Late', at: '2026-11-23T23:30:00Z', minutes: 90, location: MEET }])
    expect(await open('/dashboard/?date=2026-11-24')).toContain('>00:30<')
    const kathmandu = await open('/dashboard/?date=2026-11-24&tz=Asia/Kathmandu')
    expect(kathmandu).toContain('>05:15<')
    expect(kathmandu).toContain('date=2026-11-25&amp;tz=Asia%2FKathmandu')
    expect(kathmandu).toContain('datetime="2026-11-23T23:30:00.000Z"')
    expect(textOf(await open('/dashboard/?date=2026-11-23&tz=UTC'))).toContain('until Tue 24 Nov')
  })

  test('has what lasts all day on its own date, wherever its calendar is and the reader', async () => {
    const ana = await connect('ana@example.com')
    const firstInstants = { Auckland: '2026-11-24T11:00Z', Berlin: '2026-11-24T23:00Z', Honolulu: '2026-11-25T10:00Z' }
    const wholeDay = { minutes: 1_440, isAllDay: true }
    await seedEvents(
      web,
      [ana],
      Object.entries(firstInstants).flatMap(([place, at], index) => [
        {
          title: `Offsite in ${place}`,
          at,
          ...wholeDay,
          location: `https://meet.google.com/abc-defg-hi${'jkl'[index]}`,
        },
        { title: `Fair in ${place}`, at, ...wholeDay },
      ]),
    )
    expect(textOf(await open('/dashboard/?date=2026-11-22&tz=UTC'))).toMatch(
      /Next: Wednesday, 25 November 2026, +Offsite/,
    )
    const round = { title: 'Round', at: '2026-11-24T12:00:00Z', location: 'https://meet.google.com/abc-defg-him' }
    await seedEvents(web, [ana], [round])
    for (const zone of ['UTC', 'Europe/Berlin', 'America/Los_Angeles']) {
      const page = await open(`/dashboard/?date=2026-11-25&tz=${zone}`)
      const others = await open(`/dashboard/?date=2026-11-24&tz=${zone}`)
      for (const place of Object.keys(firstInstants)) {
        for (const title of [`Offsite in ${place}`, `Fair in ${place}`]) {
          expect(page, zone).toContain(title)
          expect(others, zone).not.toContain(title)
        }
      }
    }
    expect(textOf(await open(`/dashboard/calendars/${ana.id}/?tz=UTC`))).toContain('Wed 25 Nov, all day')
  })

  test('says that a day is longer where clocks change', async () => {
    const ana = await connect('ana@example.com')
    await seedEvents(web, [ana], [{ title: 'Long', at: '2026-10-25T10:00:00Z', location: MEET }])
    expect(textOf(await open('/dashboard/?date=2026-10-25'))).toContain('this day has 25 hours')
  })

  test.each([
    ['date=tomorrow', 'YYYY-MM-DD'],
    ['date=2026-02-30', 'YYYY-MM-DD'],
    ['date=9999-12-31', 'YYYY-MM-DD'],
    ['tz=Mars/Olympus', 'Europe/Vienna'],
    ['tz=%3Cscript%3E', 'Europe/Vienna'],
  ])('refuses %s and says what is expected', async (query, hint) => {
    const answer = await web.ask(`/dashboard/?${query}`, { session })
    expect(answer.status).toBe(400)
    expect(answer.body).toContain(hint)
    expect(answer.body).not.toContain('<script')
  })

  test('admits that it cannot tell when nobody reads the calendars', async () => {
    await connect('ana@example.com', {
      nextSyncAt: new Date('2026-11-23T06:00:00Z'),
      lastSuccessAt: new Date('2026-11-23T05:00:00Z'),
    })
    expect(textOf(await open('/dashboard/'))).toContain(
      'We cannot tell how the day stands: no calendar has been read since Mon 23 Nov, 06:00.',
    )
  })
})

describe('A meeting', () => {
  test('shows who has it, what was decided when, and where the decision ended', async () => {
    const people = [await connect('ana@example.com'), await connect('ben@example.com')]
    await seedEvents(web, people, [
      {
        title: 'Planning',
        at: '2026-11-23T09:00:00Z',
        location: `${MEET}?pwd=secret`,
        organizerEmail: 'ana@example.com',
      },
    ])
    const { id } = await web.db.selectFrom('meeting').select('id').executeTakeFirstOrThrow()
    const page = await open(`/dashboard/meetings/${id}/`)
    const text = textOf(page)
    expect(text).toContain('Seen in calendars : Yes. In 2 calendars of this organisation.')
    expect(text).toContain('A way to join : No. There is no way to join Google Meet yet.')
    expect(text).toContain('Attendance : Not asked. Not asked any more.')
    expect(text).toContain('Monday, 23 November 2026, 10:00')
    expect(page).toContain(`/dashboard/calendars/${people[1]?.id}/`)
    expect(page).not.toContain('secret')
  })

  test('shows its bots and what happened to them', async () => {
    const ana = await connect('ana@example.com')
    await seedEvents(web, [ana], [{ title: 'Planning', at: '2026-11-23T09:00:00Z', location: MEET }])
    const meeting = await web.db.selectFrom('meeting').select(['id', 'roomKey', 'startsAt']).executeTakeFirstOrThrow()
    const bot = {
      id: 'bot_abcdefghijklmnop',
      meetingId: meeting.id,
      roomKey: meeting.roomKey,
      runner: 'browser',
      state: 'fatal_error',
      joinAt: meeting.startsAt,
      attendsAt: meeting.startsAt,
      outcome: 'no_capacity',
      jobId: null,
    }
    await web.db.insertInto('bot').values(bot).execute()
    const event = {
      botId: bot.id,
      type: 'fatal_error',
      subType: 'no_capacity',
      oldState: 'scheduled',
      newState: 'fatal_error',
      detail: '{}',
      createdAt: web.clock.now(),
    }
    await web.db.insertInto('botEvent').values(event).execute()
    const text = textOf(await open(`/dashboard/meetings/${meeting.id}/`))
    const why = 'Every place for a bot was taken until it was too late'
    expect(text).toContain('Missed')
    expect(text).toContain(`It should have had a bot and got none. ${why}`)
    expect(text).toContain('bot_abcdefghijklmnop')
    expect(text).toContain(`Fatal error ${why}`)
    expect(textOf(await open('/dashboard/'))).toContain(`It should have had a bot and got none. ${why}`)
  })

  test('that is due and has no place for its bot says so, with how many are taken, and what somebody can do', async () => {
    let taken = 3
    const worker = { capacity: 3, runners: ['browser' as const], isDraining: false }
    await using full = await startTestWeb({
      capacity: async () => ({ total: 20, taken: { browser: taken, attendee: 0 }, workers: taken < 0 ? [] : [worker] }),
    })
    const cookie = await full.signIn({ email: 'ana@example.com', isAdmin: true })
    const read = async (path: string) => textOf((await full.ask(path, { session: cookie })).body)
    const ana = { id: await seedCalendar(full.db, full.clock, 'ana@example.com'), owner: 'ana@example.com' }
    await seedEvents(
      { ...full, joinable: ['google_meet'] },
      [ana],
      [{ title: 'Planning', at: '2026-11-23T08:00:00Z', location: MEET }],
    )
    const meeting = await full.db.selectFrom('meeting').select(['id', 'roomKey', 'startsAt']).executeTakeFirstOrThrow()
    await full.db.updateTable('meeting').set({ decision: 'attend' }).execute()
    const row = {
      meetingId: meeting.id,
      roomKey: meeting.roomKey,
      joinAt: meeting.startsAt,
      attendsAt: meeting.startsAt,
      jobId: null,
    }
    await full.db
      .insertInto('bot')
      .values({ ...row, id: 'bot_waitingwaitingwa', runner: 'browser', state: 'scheduled' })
      .execute()
    const said = 'Waiting for a free place'
    for (const path of ['/dashboard/', `/dashboard/meetings/${meeting.id}/`]) {
      const text = await read(path)
      expect(text).toContain(said)
      expect(text).toContain('3 of 3 places for bots are taken; it gets the next that is free.')
    }
    const page = await read(`/dashboard/meetings/${meeting.id}/`)
    expect(page).toContain('Send no bot')
    expect(page).not.toContain('Ask the bot to leave')
    expect(await read('/dashboard/problems/')).toContain('Meetings that wait for their bot 1')
    expect(await read('/dashboard/')).toContain('1 thing needs you.')
    taken = 2
    expect(await read('/dashboard/')).not.toContain(said)
    taken = -1
    expect(await read('/dashboard/')).toContain('no worker is running that could launch it')
  })

  test('of which somebody said something can go as planned again, by a button that is there only then', async () => {
    const asked: string[] = []
    const attendance = {
      switchTo: async () => {},
      want: async () => {},
      refuse: async () => {},
      followPlan: async (id: string, { by }: { by: string }) => void asked.push(`${id} ${by}`),
    }
    await using own = await startTestWeb({ attendance })
    const cookie = await own.signIn({ email: 'ana@example.com', isAdmin: true })
    const ana = { id: await seedCalendar(own.db, own.clock, 'ana@example.com'), owner: 'ana@example.com' }
    await seedEvents(own, [ana], [{ title: 'Planning', at: '2026-11-23T09:00:00Z', location: MEET }])
    const { id } = await own.db.selectFrom('meeting').select('id').executeTakeFirstOrThrow()
    const path = `/dashboard/meetings/${id}/`
    expect((await own.ask(path, { session: cookie })).body).not.toContain('As planned')
    await own.db.updateTable('meeting').set({ wish: 'none', wishAt: own.clock.now() }).execute()
    expect((await own.ask(path, { session: cookie })).body).toContain('As planned')
    expect((await own.submit(`${path}as-planned/`, cookie)).status).toBe(303)
    expect(asked).toEqual([`${id} ana@example.com`])
  })
})

describe('Calendars and problems', () => {
  test('say what this machine lacks to attend meetings', async () => {
    const parts = ['No browser was found, so no meeting can be joined.', 'The speech model is missing.']
    await using web = await startTestWeb({ missingParts: async () => parts })
    const session = await web.signIn({ email: null, isAdmin: true })
    const { body } = await web.ask('/dashboard/problems/', { session })
    for (const part of parts) expect(body).toContain(part)
  })

  test('keep the last success apart from the last try', async () => {
    const failing = await connect('ben@example.com', {
      failureCount: 3,
      failureMessage: 'The address answers 401: it needs a password.',
      lastSuccessAt: new Date('2026-11-22T08:00:00Z'),
    })
    await connect('ana@example.com')
    const list = textOf(await open('/dashboard/calendars/'))
    expect(list).toContain('1 of 2 calendars is up to date.')
    expect(list.indexOf('ben@example.com')).toBeLessThan(list.indexOf('ana@example.com', list.indexOf('up to date')))
    expect(list).toContain('The address answers 401')
    expect(list).toContain('Sun 22 Nov, 09:00')
    expect(textOf(await open(`/dashboard/calendars/${failing.id}/`))).toContain('Failing The address answers 401')
    expect(textOf(await open('/dashboard/'))).toContain('1 thing needs you.')
  })

  test('group what could not be read, and list it with its calendar', async () => {
    const ana = await connect('ana@example.com')
    const problem = {
      calendarId: ana.id,
      code: 'rrule_invalid',
      message: 'The rule <b>never</b> ends.',
      uid: 'u1',
      title: '<i>Series</i>',
    }
    await web.db
      .insertInto('calendarProblem')
      .values([problem, { ...problem, uid: 'u2' }])
      .execute()
    const problems = await open('/dashboard/problems/')
    expect(textOf(problems)).toContain(
      '2 entries rrule_invalid The rule &lt;b&gt;never&lt;/b&gt; ends. ana@example.com',
    )
    const calendar = await open(`/dashboard/calendars/${ana.id}/`)
    expect(calendar).toContain('&lt;i&gt;Series&lt;/i&gt;')
    expect(calendar).not.toContain('<i>')
  })

  test('list failed jobs and retry one or all of them', async () => {
    const job = { name: 'sync-calendar', payload: {}, reason: 'The disk is full.', failedAt: web.clock.now() }
    web.deadLetters.push(
      { ...job, id: '00000000-0000-4000-8000-000000000001' },
      { ...job, id: '00000000-0000-4000-8000-000000000002' },
    )
    expect(textOf(await open('/dashboard/problems/'))).toContain('The disk is full.')
    await web.submit('/dashboard/problems/00000000-0000-4000-8000-000000000001/retry/', session)
    const all = await web.submit('/dashboard/problems/retry-all/', session)
    expect(web.sent).toEqual(['retry 00000000-0000-4000-8000-000000000001', 'retry all'])
    expect(await open(all.headers.location as string)).toContain('in their queues again')
  })

  test('say so when nothing needs anybody', async () => {
    await connect('ana@example.com')
    expect(await open('/dashboard/problems/')).toContain('Nothing needs you')
  })

  test('put no words of an address into a page', async () => {
    expect(await open('/dashboard/problems/?notice=Send+money')).not.toContain('Send money')
    expect(await open('/dashboard/problems/?notice=constructor')).not.toContain('native code')
  })
})
