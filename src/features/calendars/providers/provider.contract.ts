import { expect, test } from 'vitest'
import { isAppError } from '../../../base/errors.ts'
import { newId } from '../../../base/ids.ts'
import type { CalendarAccess, CalendarProvider, Cursor, Page, SourceItem } from './provider.ts'

/** A calendar at a provider, with a hand on the other side. */
interface ProviderUnderTest extends AsyncDisposable {
  provider: CalendarProvider
  reader: CalendarAccess
  /** Puts an event there, or changes it: half an hour at an instant, each week where it says so. */
  put(event: { name: string; startsAt: Date; isWeekly?: boolean }): void
  remove(name: string): void
  /** From now on the other side answers with a fault. */
  fail(): void
  /** Something that a person could give, and something that means nothing. */
  given: { good: string; bad: string }
  /** Where notices can be sent to, and what has come there so far; undefined where the provider sends none. */
  notices?: { address: string; heard(): Promise<readonly HeardNotice[]> }
}

/** What a notice says of its channel. */
export interface HeardNotice {
  channelId: string
  secret: string
  resourceId: string
}

const monday = new Date('2026-11-23T09:00:00Z')
const tuesday = new Date('2026-11-24T09:00:00Z')
const window = { from: new Date('2026-11-23T00:00:00Z'), to: new Date('2026-12-14T00:00:00Z') }

/** What every provider of calendars owes the sync; each member's tests run it. */
export function describeCalendarProvider(open: () => Promise<ProviderUnderTest>): void {
  test('everything is listed, and the last page alone says where to go on from', async () => {
    await using one = await open()
    one.put({ name: 'One', startsAt: monday })
    one.put({ name: 'Weekly', startsAt: tuesday, isWeekly: true })
    const pages = await collect(one.provider.listAll({ reader: one.reader, urgency: 'routine' }))
    expect(pages.every(({ isWhole }) => isWhole)).toBe(true)
    expect(pages.map(({ cursor }) => typeof cursor)).toEqual([...Array(pages.length - 1).fill('undefined'), 'string'])
    expect(titlesOf(one, fold(pages))).toEqual(['One 2026-11-23', ...weeks('Weekly')])
  })

  test('what changes, comes and goes after a cursor is listed after it, and once', async () => {
    await using one = await open()
    one.put({ name: 'Stays', startsAt: monday })
    one.put({ name: 'Goes', startsAt: monday })
    const first = await read(one, null)
    one.put({ name: 'Stays', startsAt: tuesday })
    one.put({ name: 'Comes', startsAt: tuesday })
    one.remove('Goes')
    const second = await read(one, first.cursor, first.items)
    expect(titlesOf(one, second.items)).toEqual(['Comes 2026-11-24', 'Stays 2026-11-24'])
    const third = await read(one, second.cursor, second.items)
    expect(third.delivered).toBe(0)
    expect(titlesOf(one, third.items)).toEqual(titlesOf(one, second.items))
  })

  test('changes read one after the other come to the same as everything read anew', async () => {
    await using one = await open()
    let state = await read(one, null)
    for (const name of ['A', 'B', 'C']) {
      one.put({ name, startsAt: monday, isWeekly: name === 'B' })
      state = await read(one, state.cursor, state.items)
    }
    one.remove('A')
    state = await read(one, state.cursor, state.items)
    expect(titlesOf(one, state.items)).toEqual(titlesOf(one, (await read(one, null)).items))
  })

  test('a cursor that means nothing is refused, or everything is listed; never is a part taken for all', async () => {
    await using one = await open()
    one.put({ name: 'One', startsAt: monday })
    const pages = await collect(
      one.provider.listChanges({ reader: one.reader, urgency: 'routine', cursor: 'nonsense' }),
    ).catch((error: unknown) => error)
    if (Array.isArray(pages)) expect(titlesOf(one, fold(pages as Page[]))).toEqual(['One 2026-11-23'])
    else expect(pages).toMatchObject({ code: 'cursor_refused' })
  })

  test('a fault is an error that says what to do, and never an empty calendar', async () => {
    await using one = await open()
    one.put({ name: 'One', startsAt: monday })
    const { cursor } = await read(one, null)
    one.fail()
    for (const pages of [
      one.provider.listAll({ reader: one.reader, urgency: 'routine' }),
      one.provider.listChanges({ reader: one.reader, urgency: 'routine', cursor }),
    ]) {
      const error = await collect(pages).catch((caught: unknown) => caught)
      expect(isAppError(error)).toBe(true)
      expect(one.provider.whyLost(error)).toBeUndefined()
    }
  })

  test('an aborted reading ends with the reason', async () => {
    await using one = await open()
    one.put({ name: 'One', startsAt: monday })
    const reason = new Error('enough')
    const input = { reader: one.reader, urgency: 'routine', signal: AbortSignal.abort(reason) } as const
    await expect(collect(one.provider.listAll(input))).rejects.toBe(reason)
  })

  test('expanding knows the window, needs nobody, and forgives any content it wrote itself', async () => {
    await using one = await open()
    one.put({ name: 'Weekly', startsAt: monday, isWeekly: true })
    const { items } = await read(one, null)
    one.fail()
    expect(titlesOf(one, items)).toHaveLength(3)
    const late = { from: new Date('2030-01-01T00:00:00Z'), to: new Date('2030-01-31T00:00:00Z') }
    expect(titlesOf(one, items, late)).toHaveLength(4)
  })

  test('what a person gives is understood or refused, and shown without what is secret', async () => {
    await using one = await open()
    const { credential, label } = one.provider.identify(one.given.good)
    expect(credential).not.toBe('')
    expect(label).not.toBe('')
    expect(label).not.toContain('secret')
    expect(() => one.provider.identify(one.given.bad)).toThrow(expect.objectContaining({ name: 'AppError' }))
  })

  test('a calendar is looked at from time to time, whether or not its provider tells of changes', async () => {
    await using one = await open()
    for (const isWatched of [true, false]) {
      const pauseMs = one.provider.pollMs(one.reader, isWatched)
      expect(pauseMs).toBeGreaterThanOrEqual(60_000)
      expect(pauseMs).toBeLessThanOrEqual(2 * 3_600_000)
    }
  })

  test('a provider that sends notices sends them with the secret of its channel until it is told to stop; others say that they send none', async () => {
    await using one = await open()
    const { push } = one.provider
    if (push === null || one.notices === undefined) {
      expect([push, one.notices]).toEqual([null, undefined])
      // Who never tells is looked at as often whatever is expected.
      expect(one.provider.pollMs(one.reader, true)).toBe(one.provider.pollMs(one.reader, false))
      return
    }
    const { notices, reader } = one
    const channel = { ...channelRequest(), address: notices.address }
    const { resourceId, expiresAt } = await push.watch({ reader, channel })
    expect(expiresAt.getTime()).toBeGreaterThan(monday.getTime())
    expect(expiresAt.getTime()).toBeLessThanOrEqual(channel.expiresAt.getTime())
    const opening = (await notices.heard()).length
    one.put({ name: 'New', startsAt: tuesday })
    const heard = await notices.heard()
    expect(heard.length).toBeGreaterThan(opening)
    expect(new Set(heard.map((notice) => JSON.stringify(notice)))).toEqual(
      new Set([JSON.stringify({ channelId: channel.id, secret: channel.secret, resourceId })]),
    )
    await push.stop({ reader, channel: { id: channel.id, resourceId } })
    one.put({ name: 'Unsaid', startsAt: tuesday })
    expect(await notices.heard()).toHaveLength(heard.length)
    // One that is gone already counts as stopped.
    await push.stop({ reader, channel: { id: channel.id, resourceId } })
  })

  test('a channel that could not be asked for is an error, and not taken for one that is refused for good', async () => {
    await using one = await open()
    const { push } = one.provider
    one.fail()
    const channel = { ...channelRequest(), address: 'https://meetings.example.com/notices' }
    const error = await push?.watch({ reader: one.reader, channel }).catch((caught: unknown) => caught)
    expect(isAppError(error)).toBe(push !== null)
    if (push !== null && isAppError(error)) expect(push.whyUnwatched(error)).toBe('unanswered')
  })
}

function channelRequest() {
  return { id: newId(), secret: 'secret of this channel', expiresAt: new Date('2026-11-25T08:00:00Z') }
}

function weeks(name: string): string[] {
  return ['2026-11-24', '2026-12-01', '2026-12-08'].map((day) => `${name} ${day}`)
}

async function read(one: ProviderUnderTest, cursor: Cursor | null, known: ReadonlyMap<string, SourceItem> = new Map()) {
  const input = { reader: one.reader, urgency: 'routine' } as const
  const pages = await collect(
    cursor === null ? one.provider.listAll(input) : one.provider.listChanges({ ...input, cursor }),
  )
  const delivered = pages.reduce((sum, { items, removed }) => sum + items.length + removed.length, 0)
  return { items: fold(pages, known), cursor: pages.at(-1)?.cursor ?? '', delivered }
}

async function collect(pages: AsyncIterable<Page>): Promise<Page[]> {
  const list: Page[] = []
  for await (const page of pages) list.push(page)
  return list
}

/** What is known after a round. */
function fold(pages: readonly Page[], known: ReadonlyMap<string, SourceItem> = new Map()): Map<string, SourceItem> {
  const items = pages.some(({ isWhole }) => isWhole) ? new Map<string, SourceItem>() : new Map(known)
  for (const page of pages) {
    for (const item of page.items) items.set(item.id, item)
    for (const { id } of page.removed) items.delete(id)
  }
  return items
}

function titlesOf(one: ProviderUnderTest, items: ReadonlyMap<string, SourceItem>, within = window): string[] {
  const options = { window: within, ownerEmail: one.reader.ownerEmail, fallbackTimeZone: 'UTC' }
  const byUid = Map.groupBy(items.values(), ({ uid }) => uid)
  return [...byUid.values()]
    .flatMap((group) => {
      const { events, unsure } = one.provider.expand(
        group.map(({ content }) => content),
        options,
      )
      expect(unsure).toEqual([])
      return events.filter(({ isCancelled }) => !isCancelled)
    })
    .map(({ title, startsAt }) => `${title} ${startsAt.toISOString().slice(0, 10)}`)
    .sort()
}
