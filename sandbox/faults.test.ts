import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../src/base/clock.ts'
import { type Fault, PRIVATE_ADDRESS } from './faults.ts'
import { amara, rosa, sebnem } from './organisation.ts'
import { type Sandbox, startSandbox } from './start-sandbox.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox({ clock: systemClock })
})
afterAll(() => sandbox[Symbol.asyncDispose]())

const url = () => `${sandbox.origin}/calendars/${rosa.email}.ics`

async function askWith(fault: Fault | null, headers: Record<string, string> = {}) {
  sandbox.setFault(rosa.email, fault)
  return fetch(url(), { headers, redirect: 'manual' })
}

async function wholeFile(): Promise<string> {
  return (await askWith(null)).text()
}

describe('A calendar’s address with a fault', () => {
  it('html: shows a login page and calls it a success', async () => {
    const answer = await askWith('html')
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    expect(await answer.text()).toContain('<form>')
  })

  it('empty: gives no byte', async () => {
    const answer = await askWith('empty')
    expect([answer.status, await answer.text()]).toEqual([200, ''])
  })

  it('truncated: ends in the middle of a property as if that were all', async () => {
    const whole = await wholeFile()
    const text = await (await askWith('truncated')).text()
    expect(whole.startsWith(text)).toBe(true)
    expect(text).toMatch(/SUMMA$/)
  })

  it('truncated_with_length: loses the connection before what it announced', async () => {
    const whole = await wholeFile()
    const answer = await askWith('truncated_with_length')
    expect(answer.headers.get('content-length')).toBe(String(Buffer.byteLength(whole)))
    await expect(answer.text()).rejects.toThrow()
  })

  it.each([
    ['unauthorized', 401],
    ['server_error', 500],
    ['not_found', 404],
  ] as const)('%s: answers %i', async (fault, status) => {
    const answer = await askWith(fault)
    expect(answer.status).toBe(status)
    expect(await answer.text()).not.toContain('BEGIN:VCALENDAR')
  })

  it('endless: sends until the reader leaves', async () => {
    const answer = await askWith('endless')
    let bytes = 0
    for await (const chunk of answer.body ?? []) {
      bytes += chunk.length
      if (bytes > 5_000_000) break
    }
    expect(bytes).toBeGreaterThan(5_000_000)
  })

  it('slow_headers: begins a head and does not end it', async () => {
    sandbox.setFault(rosa.email, 'slow_headers')
    const { hostname, port } = new URL(sandbox.origin)
    const socket = connect(Number(port), hostname)
    socket.write(`GET ${new URL(url()).pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\n\r\n`)
    const [head] = await once(socket, 'data')
    socket.destroy()
    expect(String(head)).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(String(head)).not.toContain('\r\n\r\n')
  })

  it('reset: ends the connection without a word', async () => {
    await expect(askWith('reset')).rejects.toThrow()
    expect(sandbox.requests.at(-1)).toMatchObject({ path: new URL(url()).pathname, status: null })
  })

  it('etag_changes_same_content: gives the same file under ever new tags', async () => {
    const whole = await wholeFile()
    const first = await askWith('etag_changes_same_content')
    const etag = first.headers.get('etag') ?? ''
    const second = await askWith('etag_changes_same_content', { 'if-none-match': etag })
    expect(second.status).toBe(200)
    expect(second.headers.get('etag')).not.toBe(etag)
    expect([await first.text(), await second.text()]).toEqual([whole, whole])
  })

  it('redirect_to_private: leads into a private network', async () => {
    const answer = await askWith('redirect_to_private')
    expect([answer.status, answer.headers.get('location')]).toEqual([302, PRIVATE_ADDRESS])
  })

  it('leaves the other calendars alone, and is gone when taken away', async () => {
    sandbox.setFault(rosa.email, 'server_error')
    expect((await fetch(`${sandbox.origin}/calendars/${sebnem.email}.ics`)).status).toBe(200)
    expect((await askWith(null)).status).toBe(200)
  })

  it('cannot be ordered for somebody without a calendar, nor for a calendar elsewhere', () => {
    expect(() => sandbox.setFault('nobody@example.com', 'html')).toThrow('Nobody has a calendar nobody@example.com')
    expect(() => sandbox.setFault(amara.email, 'truncated')).toThrow('cannot have the fault truncated')
    expect(() => sandbox.setFault(rosa.email, 'account_suspended')).toThrow('cannot have the fault account_suspended')
  })
})
