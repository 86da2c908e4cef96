import { describe, expect, it } from 'vitest'
import { timed } from './calendar-editor.ts'
import { ana, askGoogle, ben, cleo } from './testdata/ask-google.ts'

const morning = (day: string) => timed(new Date(`${day}T08:00:00Z`), 30, 'Europe/Berlin')
const weekly = { ...morning('2026-11-23'), recurrence: ['RRULE:FREQ=WEEKLY;COUNT=4'], summary: 'Stand-up' }
const idsOf = (items: Record<string, unknown>[]) => items.map(({ id }) => id)

describe('A listing', () => {
  it('has series and exceptions without singleEvents, and occurrences with it', async () => {
    await using asked = await askGoogle()
    const calendar = asked.google.as(ana)
    const id = calendar.insert(weekly)
    const second = calendar.occurrence(id, new Date('2026-11-30T08:00:00Z'))
    calendar.patch(second, { summary: 'Sit-down' })
    const { items } = await asked.listAll(ana)
    expect(idsOf(items)).toEqual([id, second])
    expect(items[0]).toMatchObject({ recurrence: weekly.recurrence, start: { dateTime: '2026-11-23T09:00:00+01:00' } })
    expect(items[1]).toMatchObject({ recurringEventId: id, originalStartTime: { timeZone: 'Europe/Berlin' } })
    const single = await asked.listAll(ana, { singleEvents: 'true' })
    expect(single.items.map(({ summary }) => summary)).toEqual(['Stand-up', 'Sit-down', 'Stand-up', 'Stand-up'])
    expect(single.items.every((item) => item.recurrence === undefined)).toBe(true)
  })

  it('bounds by the end of an event from below and by its start from above, both excluded', async () => {
    await using asked = await askGoogle()
    const id = asked.google.as(ana).insert(morning('2026-11-23'))
    const within = async (timeMin: string, timeMax: string) =>
      idsOf((await asked.list(ana, { timeMin, timeMax })).body.items)
    expect(await within('2026-11-23T08:29:59Z', '2026-11-23T08:00:01Z').catch(() => 'refused')).toBe('refused')
    expect(await within('2026-11-23T08:29:59Z', '2026-11-24T00:00:00Z')).toEqual([id])
    expect(await within('2026-11-23T08:30:00Z', '2026-11-24T00:00:00Z')).toEqual([])
    expect(await within('2026-11-23T00:00:00Z', '2026-11-23T08:00:01Z')).toEqual([id])
    expect(await within('2026-11-23T00:00:00Z', '2026-11-23T08:00:00Z')).toEqual([])
  })

  it('comes in pages, of which only the last has a sync token, and some may be empty', async () => {
    await using asked = await askGoogle()
    const calendar = asked.google.as(ana)
    const ids = Array.from({ length: 5 }, () => calendar.insert(morning('2026-11-23')))
    calendar.cutPages({ size: 2, withEmptyPages: true })
    const first = await asked.list(ana)
    expect(first.body).toMatchObject({ items: [], nextPageToken: expect.any(String) })
    expect(first.body.nextSyncToken).toBeUndefined()
    const { items, pages, syncToken } = await asked.listAll(ana)
    expect([idsOf(items), pages]).toEqual([ids, 6])
    expect(syncToken).not.toBe('')
  })
})

describe('A delta', () => {
  it('has what was changed since, once each, in the order of the last change', async () => {
    await using asked = await askGoogle()
    const calendar = asked.google.as(ana)
    const [a, b, c] = [1, 2, 3].map(() => calendar.insert(morning('2026-11-23'))) as [string, string, string]
    const { syncToken } = await asked.listAll(ana)
    calendar.patch(b, { summary: 'Changed' })
    calendar.patch(a, { summary: 'Changed' })
    calendar.patch(b, { summary: 'Changed again' })
    calendar.delete(c)
    const delta = await asked.listAll(ana, { syncToken, maxResults: '2' })
    expect(idsOf(delta.items)).toEqual([a, b, c])
    expect(delta.items[2]?.status).toBe('cancelled')
    expect((await asked.listAll(ana, { syncToken: delta.syncToken })).items).toEqual([])
  })

  it('is refused with the parameters that Google forbids beside a sync token', async () => {
    await using asked = await askGoogle()
    const { syncToken } = await asked.listAll(ana)
    for (const [name, value] of [
      ['timeMin', '2026-11-23T00:00:00Z'],
      ['orderBy', 'updated'],
      ['q', 'x'],
      ['showDeleted', 'false'],
      ['singleEvents', 'true'],
    ] as const) {
      expect((await asked.list(ana, { syncToken, [name]: value })).status, name).toBe(400)
    }
  })

  it('is answered 410 when tokens were called off, and what was deleted is in no listing then', async () => {
    await using asked = await askGoogle()
    const calendar = asked.google.as(ana)
    const id = calendar.insert(morning('2026-11-23'))
    const { syncToken } = await asked.listAll(ana)
    calendar.delete(id)
    calendar.expireSyncTokens()
    const { status, body } = await asked.list(ana, { syncToken })
    expect([status, body]).toMatchObject([410, { error: { errors: [{ reason: 'fullSyncRequired' }] } }])
    expect((await asked.listAll(ana, { showDeleted: 'true' })).items).toEqual([])
  })
})

describe('An invitation', () => {
  it('stands in everybody’s calendar under one id, with each reader’s own entry marked', async () => {
    await using asked = await askGoogle()
    const id = asked.google.as(ana).insert({ ...morning('2026-11-23'), attendees: [{ email: ben }, { email: cleo }] })
    asked.google.as(ben).respond(id, 'accepted')
    const [copy] = (await asked.listAll(cleo)).items
    expect(copy).toMatchObject({ id, organizer: { email: ana } })
    expect(copy?.attendees).toEqual([
      { email: ana, displayName: undefined, responseStatus: 'accepted', organizer: true },
      { email: ben, responseStatus: 'accepted' },
      { email: cleo, responseStatus: 'needsAction', self: true },
    ])
  })
})

describe('What a listing can be asked for', () => {
  it('kinds of events, few attendees, another zone and some fields', async () => {
    await using asked = await askGoogle()
    const calendar = asked.google.as(ana)
    calendar.insert({ ...morning('2026-11-23'), eventType: 'focusTime' })
    const id = calendar.insert({ ...morning('2026-11-24'), attendees: [{ email: ben }, { email: cleo }] })
    const asking = { eventTypes: 'default', maxAttendees: '2', timeZone: 'Asia/Tokyo' }
    const { body } = await asked.list(ana, {
      ...asking,
      fields: 'nextSyncToken,items(id,start/dateTime,attendees(email,self))',
    })
    expect(body).toEqual({
      items: [{ id, start: { dateTime: '2026-11-24T17:00:00+09:00' }, attendees: [{ email: ana, self: true }] }],
      nextSyncToken: expect.any(String),
    })
    const [item] = (await asked.list(ana, asking)).body.items
    expect(item).toMatchObject({ attendeesOmitted: true, start: { timeZone: 'Europe/Berlin' } })
    expect((await asked.list(ana, { eventTypes: 'party' })).status).toBe(400)
    expect((await asked.list(ana, { fields: 'items(id' })).status).toBe(400)
  })

  it('a search or an order, which give no sync token', async () => {
    await using asked = await askGoogle()
    const calendar = asked.google.as(ana)
    const later = calendar.insert({ ...morning('2026-11-24'), summary: 'Lamps' })
    const sooner = calendar.insert({ ...morning('2026-11-23'), summary: 'Other' })
    const search = await asked.list(ana, { q: 'lamp' })
    expect([idsOf(search.body.items), search.body.nextSyncToken]).toEqual([[later], undefined])
    const ordered = await asked.list(ana, { orderBy: 'startTime', singleEvents: 'true' })
    expect([idsOf(ordered.body.items), ordered.body.nextSyncToken]).toEqual([[sooner, later], undefined])
    expect((await asked.list(ana, { orderBy: 'startTime' })).status).toBe(400)
  })

  it('the occurrences of one series, where the lower bound is included', async () => {
    await using asked = await askGoogle()
    const calendar = asked.google.as(ana)
    const id = calendar.insert(weekly)
    calendar.delete(calendar.occurrence(id, new Date('2026-11-30T08:00:00Z')))
    const instances = async (query: Record<string, string>) => {
      const path = `/calendar/v3/calendars/primary/events/${id}/instances`
      return (await asked.ask(ana, `${path}?${new URLSearchParams(query)}`)).body
    }
    const starts = ({ items }: { items: Record<string, unknown>[] }) =>
      items.map((item) => String(item.id).slice(-16, -8))
    expect(starts(await instances({ timeMin: '2026-11-23T08:30:00Z' }))).toEqual(['20261123', '20261207', '20261214'])
    expect(starts(await instances({ showDeleted: 'true', timeMax: '2026-12-07T08:00:00Z' }))).toEqual([
      '20261123',
      '20261130',
    ])
    expect(starts(await instances({ originalStart: '2026-12-07T09:00:00+01:00' }))).toEqual(['20261207'])
    const first = await instances({ maxResults: '2' })
    expect(starts(first)).toEqual(['20261123', '20261207'])
    expect(starts(await instances({ maxResults: '2', pageToken: first.nextPageToken ?? '' }))).toEqual(['20261214'])
  })

  it('one event, or one occurrence that nothing was changed in', async () => {
    await using asked = await askGoogle()
    const id = asked.google.as(ana).insert(weekly)
    const get = (eventId: string) => asked.ask(ana, `/calendar/v3/calendars/primary/events/${eventId}`)
    expect((await get(id)).body).toMatchObject({ id, recurrence: weekly.recurrence })
    expect((await get(`${id}_20261130T080000Z`)).body).toMatchObject({ recurringEventId: id })
    expect((await get(`${id}_20261130T090000Z`)).status).toBe(404)
  })
})

describe('A delta of occurrences', () => {
  it('has all of a touched series, far beyond the range of the first listing', async () => {
    await using asked = await askGoogle()
    const calendar = asked.google.as(ana)
    const id = calendar.insert({ ...morning('2026-11-23'), recurrence: ['RRULE:FREQ=WEEKLY'] })
    const range = { timeMin: '2026-11-22T00:00:00Z', timeMax: '2026-12-20T00:00:00Z' }
    const { items, syncToken } = await asked.listAll(ana, { singleEvents: 'true', ...range })
    expect(items).toHaveLength(4)
    calendar.patch(id, { summary: 'Touched' })
    const delta = await asked.listAll(ana, { singleEvents: 'true', syncToken, maxResults: '30' })
    expect(new Set(idsOf(delta.items)).size).toBe(delta.items.length)
    expect(delta.items.length).toBeGreaterThan(100)
    calendar.delete(id)
    const gone = await asked.listAll(ana, { singleEvents: 'true', syncToken: delta.syncToken })
    expect(gone.items.map(({ status }) => status)).toEqual(delta.items.map(() => 'cancelled'))
  })

  it('keeps to the range of the first listing where the doubt says so', async () => {
    await using asked = await askGoogle({ doubts: { tokenKeepsWindow: true } })
    const calendar = asked.google.as(ana)
    const { syncToken } = await asked.listAll(ana, { timeMin: '2026-11-24T00:00:00Z' })
    calendar.insert(morning('2026-11-23'))
    const inside = calendar.insert(morning('2026-11-25'))
    expect(idsOf((await asked.listAll(ana, { syncToken })).items)).toEqual([inside])
  })
})

describe('Tokens', () => {
  it('of pages are refused when they were called off, and for other questions', async () => {
    await using asked = await askGoogle()
    const calendar = asked.google.as(ana)
    for (let i = 0; i < 3; i++) calendar.insert(morning('2026-11-23'))
    const pageToken = (await asked.list(ana, { maxResults: '1' })).body.nextPageToken ?? ''
    expect((await asked.list(ana, { maxResults: '1', pageToken, showDeleted: 'true' })).status).toBe(400)
    expect((await asked.list(ana, { maxResults: '1', pageToken })).status).toBe(200)
    calendar.expirePageTokens()
    expect((await asked.list(ana, { maxResults: '1', pageToken })).status).toBe(400)
  })

  it('of pages of a delta come with the sync token, unless the doubt says otherwise', async () => {
    await using asked = await askGoogle()
    const calendar = asked.google.as(ana)
    const { syncToken } = await asked.listAll(ana)
    const ids = [1, 2].map(() => calendar.insert(morning('2026-11-23')))
    const pageToken = (await asked.list(ana, { syncToken, maxResults: '1' })).body.nextPageToken ?? ''
    expect((await asked.list(ana, { pageToken, maxResults: '1' })).status).toBe(400)
    asked.google.doubts.pagesNeedSyncToken = false
    expect(idsOf((await asked.list(ana, { syncToken, pageToken, maxResults: '1' })).body.items)).toEqual([ids[1]])
  })

  it('miss nothing that comes while pages are read', async () => {
    await using asked = await askGoogle()
    const calendar = asked.google.as(ana)
    const [first, second] = [1, 2].map(() => calendar.insert(morning('2026-11-23')))
    const page = await asked.list(ana, { maxResults: '1' })
    calendar.patch(first ?? '', { summary: 'Changed' })
    const third = calendar.insert(morning('2026-11-24'))
    const last = await asked.list(ana, { maxResults: '5', pageToken: page.body.nextPageToken ?? '' })
    expect(idsOf(last.body.items)).toEqual([second, third])
    const delta = await asked.listAll(ana, { syncToken: last.body.nextSyncToken ?? '' })
    expect(idsOf(delta.items)).toEqual([first, third])
  })

  it('end when their calendar gets another address', async () => {
    await using asked = await askGoogle()
    const { syncToken } = await asked.listAll(ben)
    asked.google.directory.rename(ben, 'benno@example.com')
    expect((await asked.list(ben, { syncToken })).status).toBe(410)
    expect((await asked.list(ben)).body).toMatchObject({ summary: 'ben@example.com' })
  })

  it('that are none are refused', async () => {
    await using asked = await askGoogle()
    expect((await asked.list(ana, { syncToken: 'nothing' })).status).toBe(400)
    expect((await asked.list(ana, { pageToken: 'nothing' })).status).toBe(400)
  })
})

describe('A calendar', () => {
  it('is not there for who has no Calendar service, and gone with its owner', async () => {
    await using asked = await askGoogle({ people: [{ email: ana }, { email: ben, hasCalendar: false }] })
    const { status, body } = await asked.list(ben)
    expect([status, body]).toMatchObject([403, { error: { errors: [{ reason: 'notACalendarUser' }] } }])
    await asked.token(ana)
    asked.google.directory.delete(ana)
    expect((await asked.list(ana)).status).toBe(404)
  })

  it('shows only when somebody is busy to who may read no more', async () => {
    await using asked = await askGoogle()
    const calendar = asked.google.as(ana)
    calendar.insert({
      ...morning('2026-11-23'),
      summary: 'Secret',
      hangoutLink: 'https://meet.google.com/aaa-bbbb-ccc',
    })
    calendar.share(ben, 'freeBusyReader')
    const { body, text } = await asked.ask(ben, `/calendar/v3/calendars/${ana}/events`)
    expect(body).toMatchObject({ accessRole: 'freeBusyReader', items: [{ start: {}, end: {} }] })
    expect(text).not.toMatch(/Secret|meet/)
  })

  it('can be asked for its name and zone', async () => {
    await using asked = await askGoogle({ people: [{ email: ana, timeZone: 'Asia/Tokyo' }] })
    expect((await asked.ask(ana, '/calendar/v3/calendars/primary')).body).toMatchObject({
      id: ana,
      timeZone: 'Asia/Tokyo',
    })
    const entry = await asked.ask(ana, '/calendar/v3/users/me/calendarList/primary')
    expect(entry.body).toMatchObject({ id: ana, primary: true, accessRole: 'owner' })
  })

  it('that was filled by a function is made anew when it is needed, and kept from its first change on', async () => {
    const people = Array.from({ length: 70 }, (_, i) => ({ email: `p${i}@example.com` }))
    let made = 0
    const seed = (email: string) => {
      made += 1
      return [{ id: email.replace(/\D/g, '').padStart(8, '0'), ...morning('2026-11-23') }]
    }
    await using asked = await askGoogle({ people, seed })
    const { syncToken } = await asked.listAll('p0@example.com')
    const changed = asked.google.as('p1@example.com').insert(morning('2026-11-24'))
    for (const { email } of people) await asked.list(email)
    expect(made).toBe(70)
    const { items } = await asked.listAll('p0@example.com', { syncToken })
    expect([items, made]).toEqual([[], 71])
    expect(idsOf((await asked.listAll('p1@example.com')).items)).toEqual(['00000001', changed])
  })

  it('has a link later where a conference was asked for', async () => {
    await using asked = await askGoogle()
    const calendar = asked.google.as(ana)
    const conferenceData = { createRequest: { requestId: 'r1', conferenceSolutionKey: { type: 'hangoutsMeet' } } }
    const id = calendar.insert({ ...morning('2026-11-23'), conferenceData })
    const { items, syncToken } = await asked.listAll(ana)
    expect(items).toMatchObject([{ conferenceData: { createRequest: { status: { statusCode: 'pending' } } } }])
    expect(items[0]?.hangoutLink).toBeUndefined()
    calendar.completeConference(id)
    const [item] = (await asked.listAll(ana, { syncToken })).items
    expect(item).toMatchObject({
      hangoutLink: expect.stringMatching(/^https:\/\/meet\.google\.com\/[a-z]{3}-[a-z]{4}-[a-z]{3}$/),
      conferenceData: {
        createRequest: { status: { statusCode: 'success' } },
        conferenceSolution: { key: { type: 'hangoutsMeet' } },
      },
    })
  })

  it('holds what no program makes when it is planted there', async () => {
    await using asked = await askGoogle()
    asked.google.as(ana).plant({ id: 'damaged0', status: 'confirmed', start: { dateTime: 'yesterday' } })
    expect((await asked.listAll(ana)).items).toMatchObject([{ id: 'damaged0', start: { dateTime: 'yesterday' } }])
  })
})
