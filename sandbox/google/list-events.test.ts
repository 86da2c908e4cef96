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
