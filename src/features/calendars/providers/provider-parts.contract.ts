import { createHash, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { isAppError } from '../../../base/errors.ts'
import type { ProviderConsent } from './provider-consent.ts'
import type { ProviderUnderTest } from './provider-under-test.contract.ts'
import { type ProviderName, providerNamed } from './registry.ts'

/** What a provider's other parts owe, those that it has: words, directory, consent, checks. */
export function describeProviderParts(name: ProviderName, open: () => Promise<ProviderUnderTest>): void {
  const { words, notices, check } = providerNamed(name)

  test('has words for people, and for each part that can be set up', async () => {
    await using one = await open()
    const { push, directory, consent } = one.provider
    expect(words.label).not.toBe('')
    expect(words.calendar).not.toBe('')
    const parts = [push, notices, directory, consent]
    const spoken = [words.notices, words.notices, words.directory, words.consent]
    expect(spoken.map(Boolean)).toEqual(parts.map(Boolean))
  })

  test('a request that says nothing is no notice, and told so', async () => {
    const empty = { header: () => undefined, query: () => undefined, body: async () => '' }
    const reading = await notices?.read(empty)
    if (reading) expect(reading).toMatchObject({ kind: 'unreadable', message: expect.stringMatching(/\.$/) })
    else expect(notices).toBeUndefined()
  })

  test('a directory lists everybody by id, knows who is in a group, and never takes a fault for an empty list', async () => {
    await using one = await open()
    const { directory } = one.provider
    if (!directory?.people || !one.directory) {
      expect([directory, one.directory]).toEqual([undefined, undefined])
      return
    }
    const { person, group } = one.directory
    const { people, unreadable } = await directory.people.list()
    expect(unreadable).toBe(0)
    expect(people).toContainEqual(expect.objectContaining({ ...person, status: 'active' }))
    expect((await directory.people.listGroupMembers(group))?.addresses).toEqual([person.email])
    expect(await directory.people.listGroupMembers('nobody@example.com')).toBeUndefined()
    one.fail()
    const error = await directory.people.list().catch((caught: unknown) => caught)
    expect(isAppError(error)).toBe(true)
  })

  test('a consent goes there with our state, comes back with an account and what lasts, and works once', async () => {
    await using one = await open()
    const { consent } = one.provider
    if (!consent || !one.consent) {
      expect([consent, one.consent]).toEqual([undefined, undefined])
      return
    }
    const back = agree(consent, one.consent)
    expect(back.answer.searchParams.get('state')).toBe('our state')
    const brought = await consent.redeem(back.input)
    expect(brought.account).toMatchObject({ email: one.consent.email, accountId: expect.stringMatching(/./) })
    expect(brought.refreshToken).toEqual(expect.stringMatching(/./))
    await expect(consent.redeem(back.input)).rejects.toMatchObject({ code: 'consent_spent' })
    expect(isAppError(consent.explainRefusal('something new'))).toBe(true)
    expect(isAppError(consent.explainMissingGrant())).toBe(true)
    const late = agree(consent, one.consent)
    one.fail()
    await expect(consent.redeem(late.input)).rejects.toMatchObject({ code: `${name}_unavailable`, retry: 'later' })
  })

  test('its checks say in sentences what they found, also of a fault, and nothing where nothing is set up', async () => {
    await using one = await open()
    // What somebody has to set up can be looked at.
    const { directory, consent } = one.provider
    expect(check !== undefined).toBe(directory !== undefined || consent !== undefined)
    if (!check) return
    expect(await check(one.checked.bare)).toEqual([])
    const reports = await check(one.checked.setUp)
    expect(reports.map(({ outcome }) => outcome)).toContain('ok')
    one.fail()
    const failed = await check(one.checked.setUp)
    expect(failed.map(({ outcome }) => outcome)).toContain('failed')
    for (const { name: what, message } of [...reports, ...failed]) {
      expect(what).not.toBe('')
      expect(message).not.toBe('')
    }
  })
}

/** Somebody goes there, agrees and comes back. */
function agree(consent: ProviderConsent, { redirectUri, agree }: NonNullable<ProviderUnderTest['consent']>) {
  const verifier = randomBytes(32).toString('base64url')
  const codeChallenge = createHash('sha256').update(verifier).digest('base64url')
  const answer = agree(consent.locate({ redirectUri, state: 'our state', codeChallenge }))
  return { answer, input: { code: answer.searchParams.get('code') ?? '', verifier, redirectUri } }
}
