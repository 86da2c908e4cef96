import { describe, expect, it } from 'vitest'
import { timed } from './calendar-editor.ts'
import type { Doubts } from './doubts.ts'
import { ana, askGoogle, ben, cleo } from './testdata/ask-google.ts'

type Json = Record<string, unknown>

const at = (text: string) => new Date(text)
const slot = (start: string, minutes = 30) => timed(at(start), minutes, 'Europe/Berlin')
const daily = { ...slot('2026-11-23T08:00:00Z'), recurrence: ['RRULE:FREQ=DAILY;COUNT=5'], summary: 'Daily' }
const window = { singleEvents: 'true', timeMin: '2026-11-22T00:00:00Z', timeMax: '2026-12-22T00:00:00Z' }

async function setUp(doubts: Partial<Doubts> = {}) {
  const asked = await askGoogle({ doubts })
  const tokens = new Map<string, string>()
  return {
    asked,
    google: asked.google,
    /** What changed in somebody's calendar since this was last asked. */
    async changes(email: string): Promise<Json[]> {
      const syncToken = tokens.get(email)
      const { items, syncToken: next } = await asked.listAll(email, syncToken ? { syncToken } : {})
      tokens.set(email, next)
      return items
    },
    /** `day hour:minute title` of each occurrence, in UTC. */
    async occurrences(email: string): Promise<string[]> {
      const { items } = await asked.listAll(email, window)
      return items.map(({ start, summary }) => {
        const { dateTime = '' } = start as { dateTime?: string }
        return `${new Date(dateTime).toISOString().slice(5, 16)} ${summary}`
      })
    },
    [Symbol.asyncDispose]: () => asked[Symbol.asyncDispose](),
  }
}

describe('One occurrence', () => {
  it('that is moved becomes an exception under its original start in all copies', async () => {
    await using tried = await setUp()
    const calendar = tried.google.as(ana)
    const id = calendar.insert({ ...daily, attendees: [{ email: ben }] })
    await tried.changes(ben)
    const second = calendar.occurrence(id, at('2026-11-24T08:00:00Z'))
    calendar.patch(second, slot('2026-11-26T14:00:00Z'))
    expect(await tried.changes(ben)).toMatchObject([
      {
        id: `${id}_20261124T080000Z`,
        recurringEventId: id,
        originalStartTime: { dateTime: '2026-11-24T09:00:00+01:00' },
        start: { dateTime: '2026-11-26T15:00:00+01:00' },
      },
    ])
    expect(await tried.occurrences(ben)).toEqual([
      '11-23T08:00 Daily',
      '11-25T08:00 Daily',
      '11-26T08:00 Daily',
      '11-26T14:00 Daily',
      '11-27T08:00 Daily',
    ])
  })

  it('that is cancelled is a hole: with details for the organiser, with what is guaranteed for others', async () => {
    await using tried = await setUp()
    const calendar = tried.google.as(ana)
    const id = calendar.insert({ ...daily, attendees: [{ email: ben }] })
    await Promise.all([tried.changes(ana), tried.changes(ben)])
    calendar.delete(calendar.occurrence(id, at('2026-11-24T08:00:00Z')))
    expect(await tried.changes(ana)).toMatchObject([{ status: 'cancelled', summary: 'Daily', recurringEventId: id }])
    const [hole] = await tried.changes(ben)
    expect(Object.keys(hole ?? {})).toEqual(['kind', 'etag', 'id', 'status', 'recurringEventId', 'originalStartTime'])
    expect(await tried.occurrences(ben)).toHaveLength(4)
    // Without showDeleted too: such holes belong to a series that lives.
    expect((await tried.asked.listAll(ben)).items).toHaveLength(2)
  })

  it('that is cancelled may say only its id', async () => {
    await using tried = await setUp({ cancelledInstancesNameSeries: false })
    const calendar = tried.google.as(ana)
    const id = calendar.insert({ ...daily, attendees: [{ email: ben }] })
    await tried.changes(ben)
    calendar.delete(calendar.occurrence(id, at('2026-11-24T08:00:00Z')))
    const [hole] = await tried.changes(ben)
    expect(hole).toEqual({
      kind: 'calendar#event',
      etag: hole?.etag,
      id: `${id}_20261124T080000Z`,
      status: 'cancelled',
    })
  })

  it('comes back when it is taken back', async () => {
    await using tried = await setUp()
    const calendar = tried.google.as(ana)
    const id = calendar.insert(daily)
    const second = calendar.occurrence(id, at('2026-11-24T08:00:00Z'))
    calendar.delete(second)
    calendar.patch(second, { status: 'confirmed' })
    expect(await tried.occurrences(ana)).toHaveLength(5)
  })

  it('can invite somebody who is not invited to the series, and not invite somebody who is', async () => {
    await using tried = await setUp()
    const calendar = tried.google.as(ana)
    const id = calendar.insert({ ...daily, attendees: [{ email: ben }] })
    await Promise.all([tried.changes(ben), tried.changes(cleo)])
    calendar.patch(calendar.occurrence(id, at('2026-11-24T08:00:00Z')), { attendees: [{ email: cleo }] })
    expect(await tried.changes(cleo)).toMatchObject([{ recurringEventId: id, status: 'confirmed' }])
    expect(await tried.changes(ben)).toMatchObject([{ recurringEventId: id, status: 'cancelled' }])
    calendar.delete(id)
    expect(await tried.changes(cleo)).toMatchObject([{ status: 'cancelled' }])
    expect(await tried.occurrences(cleo)).toEqual([])
  })

  it('that somebody answers is an exception with that answer, for everybody', async () => {
    await using tried = await setUp()
    const calendar = tried.google.as(ana)
    const id = calendar.insert({ ...daily, attendees: [{ email: ben }, { email: cleo }] })
    await Promise.all([tried.changes(ana), tried.changes(cleo)])
    tried.google.as(ben).respond(calendar.occurrence(id, at('2026-11-24T08:00:00Z')), 'declined')
    for (const email of [ana, cleo]) {
      const [exception] = await tried.changes(email)
      expect(exception?.attendees).toContainEqual({ email: ben, responseStatus: 'declined' })
    }
    expect(tried.google.as(ana).read(id).attendees).toContainEqual({ email: ben, responseStatus: 'needsAction' })
  })
})

describe('A series', () => {
  it('that is deleted leaves one trace without details, and takes its exceptions along', async () => {
    await using tried = await setUp()
    const calendar = tried.google.as(ana)
    const id = calendar.insert({ ...daily, attendees: [{ email: ben }] })
    calendar.patch(calendar.occurrence(id, at('2026-11-24T08:00:00Z')), { summary: 'Other' })
    await tried.changes(ben)
    calendar.delete(id)
    expect(await tried.changes(ben)).toEqual([
      { kind: 'calendar#event', etag: expect.any(String), id, status: 'cancelled' },
    ])
    expect(await tried.occurrences(ben)).toEqual([])
    expect((await tried.asked.listAll(ben)).items).toEqual([])
    expect((await tried.asked.listAll(ben, { showDeleted: 'true' })).items).toMatchObject([{ id }])
  })

  it('that is deleted lists its exceptions too where the doubt says so', async () => {
    await using tried = await setUp({ deletedSeriesListsExceptions: true })
    const calendar = tried.google.as(ana)
    const id = calendar.insert({ ...daily, attendees: [{ email: ben }] })
    calendar.patch(calendar.occurrence(id, at('2026-11-24T08:00:00Z')), { summary: 'Other' })
    await tried.changes(ben)
    calendar.delete(id)
    expect((await tried.changes(ben)).map((item) => item.status)).toEqual(['cancelled', 'cancelled'])
  })

  it('hands a change on to the exceptions that do not differ there', async () => {
    await using tried = await setUp()
    const calendar = tried.google.as(ana)
    const id = calendar.insert(daily)
    const [second, third] = ['2026-11-24T08:00:00Z', '2026-11-25T08:00:00Z'].map((start) =>
      calendar.occurrence(id, at(start)),
    )
    calendar.patch(second ?? '', { summary: 'Other' })
    calendar.patch(third ?? '', slot('2026-11-25T10:00:00Z'))
    await tried.changes(ana)
    calendar.patch(id, { summary: 'New' })
    expect((await tried.changes(ana)).map((item) => [item.id, item.summary])).toEqual([
      [id, 'New'],
      [third, 'New'],
    ])
    expect(await tried.occurrences(ana)).toContain('11-24T08:00 Other')
  })

  it('that is moved takes away the exceptions of days that it no longer has', async () => {
    await using tried = await setUp()
    const calendar = tried.google.as(ana)
    const id = calendar.insert({ ...daily, attendees: [{ email: ben }] })
    const second = calendar.occurrence(id, at('2026-11-24T08:00:00Z'))
    calendar.patch(second, { summary: 'Other' })
    await tried.changes(ben)
    calendar.patch(id, slot('2026-11-23T09:00:00Z'))
    expect(await tried.changes(ben)).toMatchObject([{ id }, { id: second, status: 'cancelled', recurringEventId: id }])
    expect(await tried.occurrences(ben)).toEqual(['23', '24', '25', '26', '27'].map((day) => `11-${day}T09:00 Daily`))
  })

  it('split from a day on ends before it and begins anew under a name that tells where it comes from', async () => {
    await using tried = await setUp()
    const calendar = tried.google.as(ana)
    const id = calendar.insert({ ...daily, attendees: [{ email: ben }] })
    const fourth = calendar.occurrence(id, at('2026-11-26T08:00:00Z'))
    calendar.patch(fourth, { summary: 'Other' })
    await tried.changes(ben)
    const next = calendar.split(id, at('2026-11-25T08:00:00Z'), { summary: 'After', ...slot('2026-11-25T12:00:00Z') })
    expect(next).toBe(`${id}_R20261125T080000`)
    expect(await tried.changes(ben)).toMatchObject([
      { id, recurrence: ['RRULE:FREQ=DAILY;UNTIL=20261125T075959Z'] },
      { id: fourth, status: 'cancelled' },
      { id: next, recurrence: ['RRULE:FREQ=DAILY;COUNT=3'], organizer: { email: ana } },
    ])
    expect(await tried.occurrences(ben)).toEqual([
      '11-23T08:00 Daily',
      '11-24T08:00 Daily',
      '11-25T12:00 After',
      '11-26T12:00 After',
      '11-27T12:00 After',
    ])
    expect(calendar.read(calendar.occurrence(next, at('2026-11-26T12:00:00Z')))).toMatchObject({
      recurringEventId: next,
    })
  })
})

describe('An event', () => {
  it('that the invited delete is declined for all and gone, with details, in the own calendar', async () => {
    await using tried = await setUp()
    const calendar = tried.google.as(ana)
    const id = calendar.insert({ ...slot('2026-11-23T08:00:00Z'), summary: 'Talk', attendees: [{ email: ben }] })
    await Promise.all([tried.changes(ana), tried.changes(ben)])
    tried.google.as(ben).delete(id)
    expect(await tried.changes(ben)).toMatchObject([{ status: 'cancelled', summary: 'Talk' }])
    const [copy] = await tried.changes(ana)
    expect(copy).toMatchObject({ status: 'confirmed' })
    expect(copy?.attendees).toContainEqual({ email: ben, responseStatus: 'declined' })
    calendar.patch(id, { summary: 'Talk again' })
    expect(await tried.changes(ben)).toEqual([])
  })

  it('goes from the calendars of those who are not invited any more', async () => {
    await using tried = await setUp()
    const calendar = tried.google.as(ana)
    const id = calendar.insert({ ...slot('2026-11-23T08:00:00Z'), attendees: [{ email: ben }, { email: cleo }] })
    await tried.changes(ben)
    calendar.patch(id, { attendees: [{ email: cleo }] })
    expect(await tried.changes(ben)).toEqual([
      { kind: 'calendar#event', etag: expect.any(String), id, status: 'cancelled' },
    ])
    expect(await tried.occurrences(cleo)).toHaveLength(1)
  })

  it('given to another calendar has another organiser and leaves a trace with only its id', async () => {
    await using tried = await setUp()
    const id = tried.google.as(ana).insert({ ...slot('2026-11-23T08:00:00Z'), attendees: [{ email: cleo }] })
    await Promise.all([tried.changes(ana), tried.changes(cleo)])
    tried.google.as(ana).move(id, ben)
    expect(await tried.changes(ana)).toEqual([
      { kind: 'calendar#event', etag: expect.any(String), id, status: 'cancelled' },
    ])
    expect(await tried.changes(cleo)).toMatchObject([{ id, organizer: { email: ben } }])
    expect(await tried.changes(ben)).toMatchObject([{ id, organizer: { email: ben, self: true } }])
  })

  it('of somebody elsewhere is in the calendars of the invited, whose answers it takes', async () => {
    await using tried = await setUp()
    const hanna = tried.google.as('hanna@example.org')
    const id = hanna.insert({ ...slot('2026-11-23T08:00:00Z'), attendees: [{ email: ben }] })
    tried.google.as(ben).respond(id, 'tentative')
    expect(hanna.read(id).attendees).toContainEqual({ email: ben, responseStatus: 'tentative' })
    expect(await tried.changes(ben)).toMatchObject([{ id, organizer: { email: 'hanna@example.org' } }])
    expect((await tried.asked.ask(ana, '/calendar/v3/calendars/hanna@example.org/events')).status).toBe(404)
  })

  it('can be changed by its organiser only, unless guests may', async () => {
    await using tried = await setUp()
    const id = tried.google.as(ana).insert({ ...slot('2026-11-23T08:00:00Z'), attendees: [{ email: ben }] })
    expect(() => tried.google.as(ben).patch(id, { summary: 'Mine' })).toThrow(/organizer/)
    tried.google.as(ana).patch(id, { guestsCanModify: true })
    tried.google.as(ben).patch(id, { summary: 'Ours' })
    expect(tried.google.as(ana).read(id).summary).toBe('Ours')
  })

  it('that is private shows a reader when it is and nothing else', async () => {
    await using tried = await setUp()
    const calendar = tried.google.as(ana)
    const secret = { summary: 'Secret', location: 'Room', visibility: 'private' as const, attendees: [{ email: cleo }] }
    calendar.insert({ ...slot('2026-11-23T08:00:00Z'), ...secret })
    const read = async () => (await tried.asked.ask(ben, `/calendar/v3/calendars/${ana}/events`)).body
    calendar.share(ben, 'reader')
    const { items, accessRole } = await read()
    expect([accessRole, items]).toMatchObject(['reader', [{ visibility: 'private', start: {}, end: {} }]])
    expect(JSON.stringify(items)).not.toMatch(/Secret|Room|cleo/)
    calendar.share(ben, 'writer')
    expect(JSON.stringify((await read()).items)).toMatch(/Secret/)
    calendar.share(ben, null)
    expect((await tried.asked.ask(ben, `/calendar/v3/calendars/${ana}/events`)).status).toBe(404)
  })
})

describe('Writing over HTTP', () => {
  const SCOPES = ['https://www.googleapis.com/auth/calendar']
  const events = '/calendar/v3/calendars/primary/events'

  it('inserts, patches, updates, moves and deletes', async () => {
    await using asked = await askGoogle({ authorizedScopes: SCOPES })
    const made = await asked.ask(ana, events, {
      method: 'POST',
      body: { summary: 'A', location: 'B', ...slot('2026-11-23T08:00:00Z') },
    })
    expect([made.status, made.body]).toMatchObject([200, { summary: 'A', organizer: { email: ana, self: true } }])
    const path = `${events}/${made.body.id}`
    expect((await asked.ask(ana, path, { method: 'PATCH', body: { summary: 'C' } })).body).toMatchObject({
      summary: 'C',
      location: 'B',
    })
    const put = await asked.ask(ana, path, { method: 'PUT', body: { summary: 'D', ...slot('2026-11-23T09:00:00Z') } })
    expect(put.body).toMatchObject({ summary: 'D', start: { dateTime: '2026-11-23T10:00:00+01:00' } })
    expect(put.body.location).toBeUndefined()
    const moved = await asked.ask(ana, `${path}/move?destination=${ben}`, { method: 'POST' })
    expect(moved.body.organizer).toMatchObject({ email: ben })
    expect((await asked.ask(ben, path, { method: 'DELETE' })).status).toBe(204)
    const again = await asked.ask(ben, path, { method: 'DELETE' })
    expect([again.status, again.body]).toMatchObject([410, { error: { errors: [{ reason: 'deleted' }] } }])
  })

  it('imports what others organise, under the same id when it comes again', async () => {
    await using asked = await askGoogle({ authorizedScopes: SCOPES })
    const copy = { iCalUID: 'x@example.org', organizer: { email: 'omar@example.org' }, ...slot('2026-11-23T08:00:00Z') }
    const first = await asked.ask(ana, `${events}/import`, { method: 'POST', body: copy })
    const second = await asked.ask(ana, `${events}/import`, { method: 'POST', body: { ...copy, summary: 'New' } })
    expect(second.body).toMatchObject({ id: first.body.id, summary: 'New', organizer: { email: 'omar@example.org' } })
  })

  it.each([
    ['a rule that is none', { ...slot('2026-11-23T08:00:00Z'), recurrence: ['RRULE:FREQ=FORTNIGHTLY'] }],
    ['a count below one', { ...slot('2026-11-23T08:00:00Z'), recurrence: ['RRULE:FREQ=DAILY;COUNT=-1'] }],
    ['a day and an hour', { start: { date: '2026-11-23' }, end: { dateTime: '2026-11-23T09:00:00Z' } }],
    ['an end before the start', slot('2026-11-23T08:00:00Z', -30)],
    ['no end', { start: { date: '2026-11-23' } }],
    ['an id that may not be chosen', { ...slot('2026-11-23T08:00:00Z'), id: 'UPPER_case' }],
  ])('refuses %s', async (_, body) => {
    await using asked = await askGoogle({ authorizedScopes: SCOPES })
    expect((await asked.ask(ana, events, { method: 'POST', body })).status).toBe(400)
  })

  it('wants a scope that may write', async () => {
    await using asked = await askGoogle()
    expect((await asked.ask(ana, events, { method: 'POST', body: slot('2026-11-23T08:00:00Z') })).status).toBe(403)
  })
})
