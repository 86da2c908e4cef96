import { describe, expect, it } from 'vitest'
import { ana, askGoogle, ben } from './testdata/ask-google.ts'

const reasonOf = ({ body }: { body: Record<string, unknown> }) =>
  (body as { error?: { errors?: { reason: string }[] } }).error?.errors?.[0]?.reason

describe('A fault', () => {
  it.each([
    ['rate_limit', 403, 'rateLimitExceeded'],
    ['user_rate_limit', 403, 'userRateLimitExceeded'],
    ['too_many_requests', 429, 'rateLimitExceeded'],
    ['quota_exceeded', 403, 'quotaExceeded'],
    ['unauthorized', 401, 'authError'],
    ['insufficient_scope', 403, 'insufficientPermissions'],
    ['forbidden', 403, 'forbidden'],
    ['not_a_calendar_user', 403, 'notACalendarUser'],
    ['push_not_supported', 403, 'pushNotSupportedForRequestedResource'],
    ['not_found', 404, 'notFound'],
    ['sync_token_gone', 410, 'fullSyncRequired'],
    ['sync_token_gone_without_reason', 410, undefined],
    ['page_token_refused', 400, 'badRequest'],
    ['backend_error', 503, 'backendError'],
    ['internal_error', 500, 'backendError'],
  ] as const)('%s is answered with %i and %s', async (fault, status, reason) => {
    await using asked = await askGoogle()
    asked.google.faults.order({ fault, method: 'events.list', times: 1, retryAfterSeconds: 120 })
    const answer = await asked.list(ana)
    expect([answer.status, reasonOf(answer), answer.headers.get('retry-after')]).toEqual([status, reason, '120'])
    expect((await asked.list(ana)).status).toBe(200)
  })

  it.each([
    ['html', 200, /^<!doctype html>/],
    ['html_error', 502, /^<!DOCTYPE html>/],
    ['empty', 200, /^$/],
    ['error_with_status_200', 200, /backendError/],
  ] as const)('%s is no answer of the API', async (fault, status, text) => {
    await using asked = await askGoogle()
    await asked.token(ana)
    asked.google.faults.order({ fault })
    const answer = await fetch(`${asked.google.origin}/calendar/v3/calendars/primary/events`)
    expect([answer.status, await answer.text()]).toEqual([status, expect.stringMatching(text)])
  })

  it.each(['reset', 'cut'] as const)('%s breaks the connection', async (fault) => {
    await using asked = await askGoogle()
    await asked.token(ana)
    asked.google.faults.order({ fault, times: 1 })
    await expect(asked.list(ana)).rejects.toThrow()
    expect((await asked.list(ana)).status).toBe(200)
  })

  it('hang answers nothing, until the sandbox ends', async () => {
    const asked = await askGoogle()
    await asked.token(ana)
    asked.google.faults.order({ fault: 'hang' })
    const answer = asked.list(ana)
    const came = await Promise.race([
      answer.then(() => 'answer'),
      new Promise((resolve) => setTimeout(resolve, 50, 'nothing')),
    ])
    expect(came).toBe('nothing')
    await Promise.all([expect(answer).rejects.toThrow(), asked[Symbol.asyncDispose]()])
  })

  it('meets one person, one kind of call, some pages, after so many that go well', async () => {
    await using asked = await askGoogle()
    const { faults } = asked.google
    faults.order({ fault: 'backend_error', email: ben, method: 'events.list' })
    expect([(await asked.list(ana)).status, (await asked.list(ben)).status]).toEqual([200, 503])
    faults.clear()
    faults.order({ fault: 'unauthorized', after: 1, times: 1 })
    const statuses = [await asked.list(ana), await asked.list(ana), await asked.list(ana)].map(({ status }) => status)
    expect(statuses).toEqual([200, 401, 200])
    const takeAway = faults.order({ fault: 'page_token_refused', when: ({ query }) => query.has('pageToken') })
    expect([(await asked.list(ana)).status, (await asked.list(ana, { pageToken: 'x' })).status]).toEqual([200, 400])
    takeAway()
    faults.order({ fault: 'backend_error', email: 'cleo@example.com', method: 'token' })
    await expect(asked.list('cleo@example.com')).rejects.toThrow(/backendError/)
  })
})

describe('The quota', () => {
  it('is counted per user and per project, within the last minute by the clock', async () => {
    await using asked = await askGoogle({ quotas: { projectPerMinute: 3, userPerMinute: 2 } })
    const call = (quotaUser: string) => asked.list(ana, { quotaUser })
    expect([(await call('a')).status, (await call('a')).status]).toEqual([200, 200])
    expect(reasonOf(await call('a'))).toBe('userRateLimitExceeded')
    expect((await call('b')).status).toBe(200)
    expect(reasonOf(await call('b'))).toBe('rateLimitExceeded')
    asked.clock.advance(60_000)
    expect((await call('a')).status).toBe(200)
  })

  it('charges the service account where no user is named, so that everybody shares one user’s part', async () => {
    await using asked = await askGoogle({ quotas: { projectPerMinute: 100, userPerMinute: 2 } })
    expect([(await asked.list(ana)).status, (await asked.list(ben)).status]).toEqual([200, 200])
    expect(reasonOf(await asked.list(ana))).toBe('userRateLimitExceeded')
    expect((await asked.list(ana, { quotaUser: 'x'.repeat(41) })).status).toBe(400)
  })
})

describe('The usage', () => {
  it('counts calls, bytes and statuses by method', async () => {
    await using asked = await askGoogle()
    const { text } = await asked.list(ana)
    const { text: other } = await asked.list(ben, { syncToken: 'none' })
    const bytesOut = Buffer.byteLength(text) + Buffer.byteLength(other)
    expect(asked.google.usage.of('events.list')).toEqual({
      calls: 2,
      bytesIn: 0,
      bytesOut,
      statuses: { 200: 1, 400: 1 },
    })
    expect(asked.google.usage.total().calls).toBe(4)
    asked.google.usage.reset()
    expect(asked.google.usage.of('token').calls).toBe(0)
  })
})
