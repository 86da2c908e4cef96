import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { AppError } from '../../src/base/errors.ts'
import {
  beginConsent,
  type ConsentDeps,
  completeConsent,
  type Providers,
  readDirectoryState,
  renewChannels,
  syncPeopleIfDue,
  syncPeopleNow,
} from '../../src/features/calendars/index.ts'
import type { CalendarProvider, CalendarPush } from '../../src/features/calendars/providers/provider.ts'
import type { ProviderConsent } from '../../src/features/calendars/providers/provider-consent.ts'
import type { DirectoryPerson } from '../../src/features/calendars/providers/provider-directory.ts'
import { createGoogleTestApp, type GoogleTestApp } from '../support/google-app.ts'
import { peopleAtGoogle } from '../support/providers.ts'

const admin = 'admin@example.com'
const mia: DirectoryPerson = {
  ...{ accountId: 'm1', email: 'mia@example.com', aliases: [], status: 'active' },
  ...{ fullName: null, createdAt: null },
}

/** The second member as one that can do what Google can: an organisation with Mia, notices and consent. */
function withAll(one: CalendarProvider, parts: Partial<CalendarProvider> = {}): CalendarProvider {
  return {
    ...one,
    identify: (given) => ({ credential: given, label: `Second calendar of ${given}` }),
    directory: {
      keyEnding: 'second-app',
      formerKeyEndings: [],
      people: {
        list: async () => ({ people: [mia], unreadable: 0 }),
        listGroupMembers: async () => undefined,
        concernsOneGroup: () => true,
      },
    },
    ...parts,
  }
}

describe('With two providers that can do the same', () => {
  let world: GoogleTestApp

  beforeAll(async () => {
    world = await createGoogleTestApp({ people: [{ email: admin, isAdmin: true }, { email: 'ana@example.com' }] })
  })
  afterAll(() => world[Symbol.asyncDispose]())
  beforeEach(async () => {
    world.google.serviceAccount.trouble = null
    // No token of an earlier test is good any more.
    world.clock.advance(24 * 3_600_000)
    await world.app.db.deleteFrom('calendar').execute()
    await world.app.db.deleteFrom('setting').execute()
  })

  const both = (parts: Partial<CalendarProvider> = {}): Providers => {
    const { providers } = peopleAtGoogle(world.app, { adminEmail: admin })
    return { ...providers, ics: withAll(providers.ics, parts) }
  }
  const calendars = () =>
    world.app.db
      .selectFrom('calendar')
      .select(['id', 'ownerEmail', 'provider', 'access', 'deduplicationKey', 'addressLabel', 'state'])
      .orderBy('ownerEmail')
      .execute()

  test('each organisation’s people are connected with keys of their own, and nobody is missing at the other', async () => {
    const deps = { ...world.app.people, providers: both() }
    expect((await syncPeopleNow(deps)).changes).toHaveLength(3)
    expect(await calendars()).toMatchObject([
      { ownerEmail: admin, provider: 'google', deduplicationKey: `${admin}-google-sa` },
      { ownerEmail: 'ana@example.com', provider: 'google', addressLabel: 'Google Calendar of ana@example.com' },
      {
        ...{ ownerEmail: mia.email, provider: 'ics', access: 'service_account', state: 'connected' },
        ...{ deduplicationKey: `${mia.email}-second-app`, addressLabel: `Second calendar of ${mia.email}` },
      },
    ])
    expect(await syncPeopleNow(deps)).toMatchObject({ changes: [], unchanged: 3 })
  })

  test('one whose people cannot be read costs the other nothing, and each has its own turn', async () => {
    world.google.serviceAccount.trouble = 'policy'
    const deps = { ...world.app.people, providers: both(), random: () => 0.5 }
    const result = await syncPeopleIfDue(deps)
    expect(result?.problem?.code).toMatch(/^google_/)
    expect(result?.changes.map(({ email }) => email)).toEqual([mia.email])
    const [google, second] = await Promise.all([
      readDirectoryState(world.app.db, 'google'),
      readDirectoryState(world.app.db, 'ics'),
    ])
    expect(google?.failureCode).toMatch(/^google_/)
    expect(second).toMatchObject({ failureCode: null, people: 1 })
    world.google.serviceAccount.trouble = null
    world.clock.advance(10 * 60_000)
    // Google's turn comes again after ten minutes, the other's after an hour.
    expect((await syncPeopleIfDue(deps))?.changes.map(({ email }) => email)).toEqual([admin, 'ana@example.com'])
    await expect(syncPeopleNow({ ...deps, providers: both({ directory: brokenDirectory() }) })).rejects.toMatchObject({
      code: 'second_unavailable',
    })
  })

  test('each is told its own address for notices, and one that cannot reach us has no channels', async () => {
    const asked: string[] = []
    const push: CalendarPush = {
      address: undefined,
      async watch({ channel }) {
        asked.push(channel.address)
        return { resourceId: 'r', expiresAt: channel.expiresAt }
      },
      stop: async () => {},
      whyUnwatched: () => 'failed',
    }
    const providers = both({ push })
    await syncPeopleNow({ ...world.app.people, providers })
    const addresses: Partial<Record<string, string>> = {
      google: world.noticeAddress,
      ics: 'https://example.com/second',
    }
    const channels = { ...world.app.channels, providers, addressOf: (name: string) => addresses[name] }
    expect(await renewChannels(channels)).toMatchObject({ opened: 3, failed: 0 })
    expect(asked).toEqual(['https://example.com/second'])
    const open = () =>
      world.app.db
        .selectFrom('pushChannel')
        .innerJoin('calendar', 'calendar.id', 'pushChannel.calendarId')
        .select(['provider', 'address'])
        .where('pushChannel.state', '=', 'open')
        .orderBy('provider')
        .execute()
    expect(new Set((await open()).map(({ provider, address }) => `${provider} ${address}`))).toEqual(
      new Set([`google ${world.noticeAddress}`, 'ics https://example.com/second']),
    )
    delete addresses.google
    expect(await renewChannels(channels)).toMatchObject({ opened: 0, stopped: 2 })
    expect(await open()).toEqual([{ provider: 'ics', address: 'https://example.com/second' }])
  })

  test('an answer of one is no answer of the other, and an account of one has no calendar of the other', async () => {
    const brought = { account: { accountId: '1', email: 'ana@example.com', name: null }, refreshToken: 'r' }
    const consent: ProviderConsent = {
      redirectUri: undefined,
      locate: ({ state }) => new URL(`https://example.com/?state=${encodeURIComponent(state)}`),
      redeem: async () => brought,
      explainRefusal: () => new AppError('consent_refused', 'No.'),
      explainMissingGrant: () => new AppError('consent_no_refresh_token', 'Nothing that lasts.'),
    }
    const providers = both({ consent })
    const deps: ConsentDeps = {
      ...{ db: world.app.db, clock: world.clock, encrypt: world.app.encrypt, decrypt: world.app.sync.decrypt },
      ...{ providers: { ...providers, google: { ...providers.google, consent } }, orgDomains: ['example.com'] },
      ...{ reconcile: world.app.sync.reconcile, connected: async () => {} },
    }
    const come = (begunAt: 'google' | 'ics', provider: 'google' | 'ics') => {
      const redirectUri = 'https://meetings.example.com/back/'
      const { location, browserSecret } = beginConsent(deps, { provider: begunAt, redirectUri })
      const state = new URL(location).searchParams.get('state') ?? ''
      return completeConsent(deps, {
        provider,
        state,
        code: 'c',
        error: undefined,
        browserSecret,
        redirectUri,
        isAdmin: false,
      })
    }
    await expect(come('google', 'ics')).rejects.toMatchObject({
      code: 'consent_foreign',
      message: expect.stringContaining('from ICS'),
    })
    expect(await calendars()).toEqual([])
    expect(await come('google', 'google')).toMatchObject({ outcome: 'connected' })
    expect(await come('ics', 'ics')).toMatchObject({ outcome: 'connected' })
    expect(await come('ics', 'ics')).toMatchObject({ outcome: 'connected_again' })
    expect((await calendars()).map(({ deduplicationKey }) => deduplicationKey).sort()).toEqual([
      'ana@example.com-google-oauth',
      'ana@example.com-ics-oauth',
    ])
  })
})

function brokenDirectory(): NonNullable<CalendarProvider['directory']> {
  return {
    keyEnding: 'second-app',
    formerKeyEndings: [],
    people: {
      list: () => Promise.reject(new AppError('second_unavailable', 'The second one is away.', { retry: 'later' })),
      listGroupMembers: async () => undefined,
      concernsOneGroup: () => true,
    },
  }
}
