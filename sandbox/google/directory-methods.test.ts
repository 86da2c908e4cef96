import { describe, expect, it } from 'vitest'
import { ana, askGoogle, assertionFor, ben, cleo, exchange } from './testdata/ask-google.ts'

const USERS = '/admin/directory/v1/users?customer=my_customer'

async function setUp() {
  const asked = await askGoogle()
  const users = async (query = '') => {
    const { body } = await asked.ask(ana, USERS + query)
    return (body.users ?? []) as { id: string; primaryEmail: string; aliases?: string[]; suspended: boolean }[]
  }
  const emails = async (query = '') => (await users(query)).map(({ primaryEmail }) => primaryEmail)
  return {
    asked,
    directory: asked.google.directory,
    users,
    emails,
    [Symbol.asyncDispose]: () => asked[Symbol.asyncDispose](),
  }
}

describe('The directory', () => {
  it('lists the domain in pages whose tokens live for three days', async () => {
    await using tried = await setUp()
    const first = await tried.asked.ask(ana, `${USERS}&maxResults=2`)
    const token = first.body.nextPageToken ?? ''
    expect(await tried.emails(`&maxResults=2&pageToken=${token}`)).toEqual([cleo])
    tried.asked.clock.advance(3 * 86_400_000 + 1)
    const access = await fetch(`${tried.asked.google.origin}${USERS}&pageToken=${token}`, {
      headers: { authorization: `Bearer ${await fresh(tried.asked)}` },
    })
    expect(access.status).toBe(400)
  })

  it('keeps the id of whoever is renamed, and the old address as an alias', async () => {
    await using tried = await setUp()
    const before = (await tried.users()).find(({ primaryEmail }) => primaryEmail === ben)
    tried.directory.rename(ben, 'benno@example.com')
    const after = (await tried.users()).find(({ id }) => id === before?.id)
    expect(after).toMatchObject({ primaryEmail: 'benno@example.com', aliases: [ben] })
  })

  it('says who is suspended and lists the deleted only when asked for them', async () => {
    await using tried = await setUp()
    tried.directory.suspend(ben)
    tried.directory.delete(cleo)
    expect(await tried.users()).toMatchObject([{ suspended: false }, { primaryEmail: ben, suspended: true }])
    expect(await tried.users('&showDeleted=true')).toMatchObject([
      { primaryEmail: cleo, deletionTime: expect.any(String) },
    ])
    expect(await tried.emails('&query=isSuspended%3Dfalse')).toEqual([ana])
    tried.directory.undelete(cleo)
    expect(await tried.emails('&query=email:cl*')).toEqual([cleo])
  })

  it('has nobody of another company and nobody with a private account', async () => {
    await using tried = await setUp()
    tried.directory.add({ email: 'hanna@example.org' })
    tried.directory.add({ email: 'someone@example.net', hostedDomain: null })
    expect(await tried.emails()).toEqual([ana, ben, cleo])
  })

  it('is closed to whoever is no administrator', async () => {
    await using tried = await setUp()
    const { status, body } = await tried.asked.ask(ben, USERS)
    expect([status, body]).toMatchObject([403, { error: { message: 'Not Authorized to access this resource/api' } }])
    expect((await tried.asked.ask(ben, `${USERS}&viewType=domain_public`)).status).toBe(200)
  })

  it.each(['', '&maxResults=501', '&maxResults=0'])(
    'refuses maxResults and customers that cannot be: %s',
    async (query) => {
      await using tried = await setUp()
      const path = query === '' ? '/admin/directory/v1/users' : USERS + query
      expect((await tried.asked.ask(ana, path)).status).toBe(400)
    },
  )
})

describe('The groups', () => {
  const members = '/admin/directory/v1/groups/team%40example.com/members'
  const setUp = async (scopes?: readonly string[]) => {
    const asked = await askGoogle(scopes ? { authorizedScopes: scopes } : {})
    asked.google.groups.set('crew@example.com', [cleo, 'kim@example.org', 'team@example.com'])
    asked.google.groups.set('team@example.com', [ben, 'crew@example.com', '*'])
    return asked
  }

  it('say who is in them, and with derived memberships who is in the groups in them', async () => {
    await using asked = await setUp()
    const typesOf = async (query: string) => {
      const { body } = await asked.ask(ana, members + query)
      return (body.members as { email?: string; type: string }[]).map(({ email, type }) => `${type} ${email ?? ''}`)
    }
    const direct = [`USER ${ben}`, 'GROUP crew@example.com', 'CUSTOMER ']
    expect(await typesOf('')).toEqual(direct)
    const derived = [`USER ${cleo}`, 'EXTERNAL kim@example.org', 'GROUP team@example.com']
    expect(await typesOf('?includeDerivedMembership=true')).toEqual([...direct, ...derived])
    const first = await asked.ask(ana, `${members}?maxResults=2`)
    expect(await typesOf(`?maxResults=2&pageToken=${first.body.nextPageToken}`)).toEqual(['CUSTOMER '])
  })

  it('are not there, or not told, to whoever may not ask', async () => {
    await using asked = await setUp()
    expect((await asked.ask(ana, members.replace('team', 'nobody'))).status).toBe(404)
    expect((await asked.ask(ben, members)).status).toBe(403)
    expect((await asked.ask(ana, `${members}?maxResults=201`)).status).toBe(400)
    await using without = await setUp(['https://www.googleapis.com/auth/admin.directory.user.readonly'])
    const { status, body } = await without.ask(ana, members)
    expect([status, body]).toMatchObject([403, { error: { errors: [{ reason: 'insufficientPermissions' }] } }])
  })
})

/** A token for Ana made now: those that the tests keep have ended. */
async function fresh({ google, clock }: Awaited<ReturnType<typeof askGoogle>>): Promise<string> {
  return String((await exchange(google, assertionFor(google, clock))).body.access_token)
}
