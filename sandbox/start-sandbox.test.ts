import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { HOUR_MS, MINUTE_MS } from '../src/base/time.ts'
import { systemTimers } from '../src/base/timers.ts'
import { createManualClock } from '../test/support/manual-clock.ts'
import { agendaUid } from './agenda.ts'
import { amara, companyName, juergen, layla, rosa, sebnem } from './organisation.ts'
import { type Sandbox, startSandbox } from './start-sandbox.ts'

const startedAt = new Date('2026-11-22T12:00:20Z')
const running: Sandbox[] = []
afterEach(async () => {
  for (const sandbox of running.splice(0)) await sandbox[Symbol.asyncDispose]()
})

async function setUp() {
  const clock = createManualClock(startedAt)
  const sandbox = await startSandbox({ clock })
  running.push(sandbox)
  const { origin } = sandbox
  const get = async (path: string) => {
    const answer = await fetch(origin + path)
    return { status: answer.status, headers: answer.headers, text: await answer.text() }
  }
  const post = (path: string, form: Record<string, string>, headers: Record<string, string> = {}) =>
    fetch(origin + path, { method: 'POST', body: new URLSearchParams(form), headers, redirect: 'manual' })
  const uidOf = (name: string) => agendaUid({ startedAt, origin }, name)
  return { sandbox, clock, origin, get, post, uidOf }
}

/** What is answered under another Host header, which `fetch` would not send. */
async function askAs(origin: string, host: string): Promise<number | undefined> {
  const [answer] = (await once(request(origin, { headers: { host } }).end(), 'response')) as [IncomingMessage]
  answer.resume()
  return answer.statusCode
}

describe('The sandbox', () => {
  it('has eight people, six with calendars at Google and two with files at addresses of their own', async () => {
    const { sandbox, get } = await setUp()
    const [files, atGoogle] = [true, false].map((isFile) =>
      sandbox.people.filter(({ calendarUrl }) => (calendarUrl !== null) === isFile),
    )
    expect(files?.map(({ email }) => email)).toEqual([rosa.email, sebnem.email])
    for (const { calendarUrl, name } of files ?? []) {
      const { status, text } = await get(new URL(calendarUrl ?? '').pathname)
      expect(status).toBe(200)
      expect(text).toContain(`X-WR-CALNAME:${name}`)
    }
    expect(atGoogle).toHaveLength(6)
    for (const { email } of atGoogle ?? []) {
      expect(sandbox.google.as(email).calendar.entries.size).toBeGreaterThan(5)
      expect((await get(`/calendars/${email}.ics`)).status).toBe(404)
    }
  })

  it('answers under its own address only, so that no site can have its name point here and act for its visitors', async () => {
    const { sandbox } = await setUp()
    for (const origin of [sandbox.origin, sandbox.google.origin]) {
      const { port } = new URL(origin)
      expect(await askAs(origin, `localhost:${port}`)).not.toBe(421)
      for (const host of [
        'evil.example',
        `evil.example:${port}`,
        `127.0.0.1.evil.example:${port}`,
        '127.0.0.1:1',
        'localhost',
      ])
        expect(await askAs(origin, host), host).toBe(421)
    }
  })

  it('lists people and where their calendars are at its door', async () => {
    const { sandbox, get } = await setUp()
    const { text } = await get('/')
    for (const { name, calendarUrl } of sandbox.people) {
      expect(text).toContain(name)
      expect(text).toContain(calendarUrl ?? 'in the pretend Google')
    }
    expect(text).toContain(companyName)
  })

  it('has pages for its rooms that say what they are, with hostile names shown as text', async () => {
    const { get } = await setUp()
    const { status, text, headers } = await get(`/rooms/${encodeURIComponent('<img src=x onerror=alert(1)>')}`)
    expect(status).toBe(200)
    expect(text).toContain('pretend meeting room')
    expect(text).not.toContain('<img')
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
  })

  it.each(['/nothing', '/calendars/nobody@example.com.ics', '/calendars/', '/rooms/', '/rooms/a%2Fb', '/rooms/a/b'])(
    'has nothing at %s',
    async (path) => {
      const { get } = await setUp()
      expect((await get(path)).status).toBe(404)
    },
  )

  it('answers a second question about an unchanged calendar with 304', async () => {
    const { sandbox } = await setUp()
    const url = `${sandbox.origin}/calendars/${rosa.email}.ics`
    const first = await fetch(url)
    const etag = first.headers.get('etag') ?? ''
    const second = await fetch(url, { headers: { 'if-none-match': etag } })
    expect([second.status, await second.text()]).toEqual([304, ''])
    expect(sandbox.requests.map(({ status }) => status)).toEqual([200, 304])
    expect(sandbox.requests[1]?.headers['if-none-match']).toBe(etag)
  })

  it('shows what the organiser changes in everybody’s calendar, wherever it is', async () => {
    const { sandbox, get, uidOf } = await setUp()
    sandbox.calendars.edit(amara.email).rewrite(uidOf('stand-up'), { title: 'Sit-down' })
    const standUp = sandbox.calendars.of(amara.email).find(({ uid }) => uid === uidOf('stand-up'))
    expect(standUp?.invitees).toHaveLength(4)
    expect((await get(`/calendars/${sebnem.email}.ics`)).text).toContain('SUMMARY:Sit-down')
    for (const email of [amara.email, juergen.email]) {
      const { entries } = sandbox.google.as(email).calendar
      expect([...entries.values()].map(({ body }) => body.content.summary)).toContain('Sit-down')
    }
  })

  it('lets series at Google grow by itself, hour by hour', async () => {
    const clock = createManualClock(startedAt)
    let minute = () => {}
    const every = (_: number, work: () => void) => {
      minute = work
      return () => {}
    }
    const sandbox = await startSandbox({ clock, timers: { ...systemTimers, every } })
    running.push(sandbox)
    const { calendar } = sandbox.google.as(amara.email)
    const corner = () => [...calendar.entries.values()].find(({ body }) => body.content.summary?.startsWith('Coffee'))
    expect(corner()?.body.recurrence).toEqual([expect.stringMatching(/^RRULE:FREQ=MINUTELY;.*UNTIL=20261122T131600Z$/)])
    clock.advance(HOUR_MS)
    minute()
    expect(corner()?.body.recurrence).toEqual([expect.stringContaining('UNTIL=20261122T141600Z')])
  })

  it('ends at once when disposed of, with readers still there', async () => {
    const { sandbox, origin } = await setUp()
    sandbox.setFault(rosa.email, 'slow_headers')
    const { hostname, port, host } = new URL(origin)
    const reader = connect(Number(port), hostname)
    reader.write(`GET /calendars/${rosa.email}.ics HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
    await once(reader, 'data')
    const left = once(reader, 'close')
    await sandbox[Symbol.asyncDispose]()
    await left
    await expect(fetch(origin)).rejects.toThrow()
  })
})

describe('A person’s page', () => {
  it('shows the person’s meetings as text', async () => {
    const { get } = await setUp()
    const { text } = await get(`/people/${layla.email}`)
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
    expect(text).not.toContain('<script')
  })

  it('moves, cancels and answers', async () => {
    const { sandbox, post, uidOf } = await setUp()
    const path = (email: string) => `/people/${email}/invitations/${encodeURIComponent(uidOf('stand-up'))}`
    const standUp = () => sandbox.calendars.of(juergen.email).find(({ uid }) => uid === uidOf('stand-up'))
    const before = standUp()
    expect((await post(path(amara.email), { action: 'move' })).status).toBe(303)
    const startOf = (one: typeof before) => (one && 'startsAt' in one.when ? one.when.startsAt.getTime() : 0)
    expect(startOf(standUp())).toBe(startOf(before) + 15 * MINUTE_MS)
    await post(path(juergen.email), { action: 'decline' })
    expect(standUp()?.invitees.find(({ email }) => email === juergen.email)?.answer).toBe('declined')
    await post(path(amara.email), { action: 'cancel' })
    expect(standUp()?.isCancelled).toBe(true)
  })

  it('invites to new meetings, in a room of the sandbox where a word is given', async () => {
    const { sandbox, post, origin } = await setUp()
    const form = { title: 'By hand', location: 'den', inMinutes: '3', lengthMinutes: '10', invitees: juergen.email }
    await post(`/people/${amara.email}/invitations`, form)
    const made = sandbox.calendars.of(juergen.email).find(({ title }) => title === 'By hand')
    expect(made?.location).toBe(`${origin}/rooms/den`)
  })

  it('refuses what cannot be, and says why', async () => {
    const { post, uidOf } = await setUp()
    const invitations = `/people/${juergen.email}/invitations`
    const refusals = [
      await post(invitations, { title: '', inMinutes: 'soon', lengthMinutes: '0' }),
      await post(`${invitations}/${encodeURIComponent(uidOf('stand-up'))}`, { action: 'cancel' }),
    ]
    expect(refusals.map(({ status }) => status)).toEqual([400, 400])
    expect(await refusals[1]?.text()).toContain(`Only ${amara.email} can change`)
    expect((await post(`${invitations}/x`, { action: 'explode' })).status).toBe(404)
  })

  it('orders faults and takes them away', async () => {
    const { get, post } = await setUp()
    const calendar = `/calendars/${rosa.email}.ics`
    await post(`/people/${rosa.email}/fault`, { fault: 'server_error' })
    expect((await get(calendar)).status).toBe(500)
    await post(`/people/${rosa.email}/fault`, { fault: '' })
    expect((await get(calendar)).status).toBe(200)
  })

  it('orders what Google can have, of a calendar there', async () => {
    const { sandbox, get, post } = await setUp()
    const suspended = () => sandbox.google.directory.find(juergen.email)?.isSuspended
    for (const fault of ['account_suspended', 'account_suspended', 'notices_lost']) {
      expect((await post(`/people/${juergen.email}/fault`, { fault })).status).toBe(303)
      expect(suspended()).toBe(fault === 'account_suspended')
    }
    expect((await get(`/people/${juergen.email}`)).text).toContain('<option value="notices_lost" selected="">')
    expect((await post(`/people/${juergen.email}/fault`, { fault: 'truncated' })).status).toBe(400)
  })

  it('shows of a calendar at Google no more what was cancelled, and of a file that it was', async () => {
    const { get } = await setUp()
    expect((await get('/people/benedict.marsh@example.com')).text).not.toContain('Supplier visit')
    expect((await get(`/people/${rosa.email}`)).text).toMatch(/Supplier visit[\s\S]*?, cancelled/)
  })

  it('takes changes from its own pages and from programs, not from other sites', async () => {
    const { post, origin } = await setUp()
    const path = `/people/${amara.email}/fault`
    const from = (site: string) => post(path, { fault: '' }, { origin: site })
    expect((await from('https://evil.example')).status).toBe(403)
    expect((await from('null')).status).toBe(403)
    expect((await from(origin)).status).toBe(303)
  })
})
