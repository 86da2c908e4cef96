import { describe, expect, it } from 'vitest'
import { HOUR_MS, SECOND_MS } from '../src/base/time.ts'
import { createManualClock } from '../test/support/manual-clock.ts'
import { createCalendarServer } from './calendar-server.ts'
import { createCalendars } from './calendars.ts'
import { amara, benedict } from './organisation.ts'

function setUp() {
  const clock = createManualClock('2026-11-22T12:00:00.400Z')
  const calendars = createCalendars({ clock })
  const server = createCalendarServer({ calendars, clock })
  const { uid } = calendars.edit(amara.email).insert({
    title: 'Planning',
    when: { startsAt: clock.now(), endsAt: new Date(clock.now().getTime() + HOUR_MS), timeZone: 'UTC' },
    invitees: [benedict.email],
  })
  const ask = (headers: Record<string, string> = {}) => server.answer(amara, new Headers(headers))
  const header = (answer: Response, name: string) => answer.headers.get(name) ?? ''
  return { clock, calendars, uid, ask, header }
}

describe('A calendar’s address', () => {
  it('gives the file with its tag and date', async () => {
    const { ask, header } = setUp()
    const answer = ask()
    expect(answer.status).toBe(200)
    expect(header(answer, 'content-type')).toBe('text/calendar; charset=utf-8')
    expect(header(answer, 'last-modified')).toBe('Sun, 22 Nov 2026 12:00:00 GMT')
    expect(header(answer, 'etag')).toMatch(/^"[\w-]{43}"$/)
    expect(await answer.text()).toContain('SUMMARY:Planning')
  })

  it('says that nothing changed to who knows the tag, strong or weak, alone or among others', () => {
    const { ask, header, clock } = setUp()
    const etag = header(ask(), 'etag')
    clock.advance(HOUR_MS)
    for (const tags of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const answer = ask({ 'if-none-match': tags })
      expect(answer.status).toBe(304)
      expect(header(answer, 'etag')).toBe(etag)
    }
  })

  it('says that nothing changed to who knows the date', () => {
    const { ask, header } = setUp()
    const since = header(ask(), 'last-modified')
    expect(ask({ 'if-modified-since': since }).status).toBe(304)
    expect(ask({ 'if-modified-since': 'Sun, 22 Nov 2026 11:59:59 GMT' }).status).toBe(200)
    expect(ask({ 'if-modified-since': 'yesterday' }).status).toBe(200)
  })

  it('believes the tag rather than the date', () => {
    const { ask, header } = setUp()
    const since = header(ask(), 'last-modified')
    expect(ask({ 'if-none-match': '"older"', 'if-modified-since': since }).status).toBe(200)
  })

  it('gives the new file after a change, also to who asks by date within the same second', () => {
    const { ask, header, calendars, uid } = setUp()
    const before = ask()
    calendars.edit(benedict.email).decline(uid)
    const after = ask({
      'if-none-match': header(before, 'etag'),
      'if-modified-since': header(before, 'last-modified'),
    })
    expect(after.status).toBe(200)
    expect(ask({ 'if-modified-since': header(before, 'last-modified') }).status).toBe(200)
    expect(Date.parse(header(after, 'last-modified'))).toBe(Date.parse(header(before, 'last-modified')) + SECOND_MS)
  })
})
