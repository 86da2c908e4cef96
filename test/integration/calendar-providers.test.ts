import os from 'node:os'
import { describe, expect, test } from 'vitest'
import { timed } from '../../sandbox/google/calendar-editor.ts'
import { providerNames } from '../../src/features/calendars/index.ts'
import { describeCalendarProvider } from '../../src/features/calendars/providers/provider.contract.ts'
import type { NoticeRequest } from '../../src/features/calendars/providers/provider.ts'
import { loadConfig } from '../../src/platform/config/index.ts'
import { createTestApp } from '../support/app.ts'
import { ana, ben, createGoogleWorld } from '../support/google-world.ts'
import { startHttpServer } from '../support/http-servers.ts'
import { icsFeed } from '../support/ics.ts'

const reader = { calendarId: 'c1', ownerEmail: ana }
const given = {
  google: { good: 'Ana@example.com', bad: 'ana' },
  ics: { good: 'https://example.com/ana/secret/basic.ics', bad: 'ftp://example.com/a' },
}

/** A request without anything in it. */
const silent = { header: () => undefined, query: () => undefined, body: async () => '' }
/** An installation without any settings. */
const bare = loadConfig({}, os.tmpdir())

test('Every provider of the registry keeps the contract', () => {
  expect([...providerNames].sort()).toEqual(Object.keys(given).sort())
})

describe('Google', () => {
  describeCalendarProvider('google', async () => {
    const world = await createGoogleWorld({ env: { GOOGLE_ADMIN_EMAIL: ana } })
    const calendar = world.google.as(ana)
    const ids = new Map<string, string>()
    const heard: NoticeRequest[] = []
    const server = await startHttpServer(({ headers }, response) => {
      heard.push({ ...silent, header: (name) => headers[name]?.toString() })
      response.writeHead(204).end()
    })
    const redirectUri = 'https://meetings.example.com/dashboard/auth/google/callback/'
    world.google.oauth.redirectUris.add(redirectUri)
    const crew = 'crew@example.com'
    world.google.groups.set(crew, [ben])
    return {
      provider: world.app.sync.providers.google,
      reader: { ...reader, access: 'service_account', credential: null },
      put({ name, startsAt, isWeekly }) {
        const event = {
          summary: name,
          ...timed(startsAt, 30, 'UTC'),
          ...(isWeekly ? { recurrence: ['RRULE:FREQ=WEEKLY'] } : {}),
        }
        const known = ids.get(name)
        if (known) calendar.patch(known, event)
        else ids.set(name, calendar.insert(event))
      },
      remove: (name) => calendar.delete(ids.get(name) ?? ''),
      fail: () => void world.google[Symbol.asyncDispose](),
      given: given.google,
      notices: {
        address: `${server.origin}/notices`,
        heard: () => world.google.push.settled().then(() => [...heard]),
      },
      directory: { person: { email: ben, accountId: world.google.directory.find(ben)?.id ?? '' }, group: crew },
      consent: {
        redirectUri,
        email: ben,
        agree: (location) => world.google.oauth.decide(location.href, { email: ben }),
      },
      checked: { setUp: world.app, bare: { ...world.app, ...bare } },
      [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
    }
  })
})

describe('iCalendar', () => {
  describeCalendarProvider('ics', async () => {
    const entries = new Map<string, string[]>()
    let isBroken = false
    const server = await startHttpServer((_request, response) => {
      if (isBroken) response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in</html>')
      else response.writeHead(200, { 'content-type': 'text/calendar' }).end(icsFeed(...entries.values()))
    })
    const world = await createTestApp({ env: { ALLOW_PRIVATE_HOSTS: `127.0.0.1:${server.port}` } })
    const stamp = (at: Date) => `${at.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`
    return {
      provider: world.app.sync.providers.ics,
      reader: { ...reader, access: null, credential: `${server.origin}/feed.ics` },
      put({ name, startsAt, isWeekly }) {
        const times = [`DTSTART:${stamp(startsAt)}`, 'DURATION:PT30M', ...(isWeekly ? ['RRULE:FREQ=WEEKLY'] : [])]
        entries.set(name, [`UID:${name}`, `SUMMARY:${name}`, ...times])
      },
      remove: (name) => void entries.delete(name),
      fail() {
        isBroken = true
      },
      given: given.ics,
      checked: { setUp: world.app, bare: { ...world.app, ...bare } },
      [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
    }
  })
})
