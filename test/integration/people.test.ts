import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Account } from '../../src/features/people/account.ts'
import {
  createKnownPeople,
  listAudit,
  listUnreadGroups,
  notePossibleGroups,
  personOf,
  recognise,
  recordAudit,
  writeAccounts,
  writeGroup,
} from '../../src/features/people/index.ts'
import { inTransaction } from '../../src/platform/db/index.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { membersOf } from '../support/group-members.ts'

let world: TestDatabase
beforeAll(async () => {
  world = await createTestDatabase()
})
afterAll(() => world[Symbol.asyncDispose]())
beforeEach(async () => {
  for (const table of ['accountAddress', 'account', 'groupMember', 'groupReading', 'audit', 'setting'] as const) {
    await world.db.deleteFrom(table).execute()
  }
})

const day = (number: number) => new Date(Date.UTC(2026, 10, number, 9))
const account = (nativeId: string, email: string, changes: Partial<Account> = {}): Account => {
  return { nativeId, email, aliases: [], fullName: null, status: 'active', createdAt: day(1), ...changes }
}
const read = (accounts: readonly Account[], at: Date, isWhole = true) =>
  inTransaction(world.db, (trx) => writeAccounts(trx, { provider: 'google', accounts, isWhole }, at))
const whoIs = async (address: string, at?: Date) => (await personOf(world.db, [address], at)).get(address.toLowerCase())
const ana = 'ana@example.com'

describe('Who an address is', () => {
  test('is the address itself, in lower case, where no directory knows it', async () => {
    expect(await whoIs('Kim@Example.org')).toBe('kim@example.org')
    await read([account('1', ana)], day(2))
    expect(await whoIs('kim@example.org')).toBe('kim@example.org')
  })

  test('is one account under all its addresses, also before the directory was first read', async () => {
    await read([account('1', ana, { aliases: ['ana.lima@example.com'] })], day(5))
    const person = await whoIs(ana)
    expect(person).not.toContain('@')
    expect(await whoIs('ANA.Lima@example.com')).toBe(person)
    expect(await whoIs(ana, day(2))).toBe(person)
  })

  test('stays one account through renames, and through leaving and coming back', async () => {
    await read([account('1', ana)], day(2))
    const person = await whoIs(ana)
    await read([account('1', 'lima@example.com')], day(3))
    expect(await whoIs('lima@example.com')).toBe(person)
    expect(await whoIs(ana)).toBe(ana)
    await read([], day(4))
    expect(await whoIs('lima@example.com')).toBe('lima@example.com')
    expect(await whoIs('lima@example.com', day(3))).toBe(person)
    await read([account('1', 'lima@example.com')], day(5))
    expect(await whoIs('lima@example.com')).toBe(person)
  })

  test('is another account from when the address changed hands', async () => {
    await read([account('1', ana)], day(2))
    const first = await whoIs(ana)
    await read([account('2', ana, { createdAt: day(3) })], day(4))
    const second = await whoIs(ana)
    expect(new Set([first, second, ana]).size).toBe(3)
    expect(await whoIs(ana, day(3))).toBe(first)
    expect(await whoIs(ana, day(4))).toBe(second)
  })

  test('changes hands at once where one account gives an alias to another', async () => {
    const [ben, alias] = ['ben@example.com', 'desk@example.com']
    await read([account('1', ana, { aliases: [alias] }), account('2', ben)], day(2))
    await read([account('1', ana), account('2', ben, { aliases: [alias] })], day(3))
    expect(await whoIs(alias)).toBe(await whoIs(ben))
    expect(await whoIs(alias, day(2))).toBe(await whoIs(ana))
  })

  test('does not change where only half of the directory was read, or nothing is different', async () => {
    const accounts = [account('1', ana), account('2', 'ben@example.com')]
    expect(await read(accounts, day(2))).toBe(true)
    const person = await whoIs('ben@example.com')
    expect(await read([account('1', ana)], day(3), false)).toBe(false)
    expect(await read(accounts, day(4))).toBe(false)
    expect(await whoIs('ben@example.com')).toBe(person)
  })
})

test('an alias leads to the main address of today, and groups to those of their members, whatever changes', async () => {
  const readKnown = createKnownPeople()
  const mainOf = async (address: string) => (await readKnown(world.db)).primaryOf(address)
  const membersOfTeam = async () => (await readKnown(world.db)).membersOf('team@example.com')
  expect(await mainOf(ana)).toBe(ana)
  await read([account('1', 'lima@example.com', { aliases: [ana] })], day(2))
  expect(await mainOf(ana)).toBe('lima@example.com')
  expect(await mainOf('kim@example.org')).toBe('kim@example.org')
  await inTransaction(world.db, async (trx) => {
    await notePossibleGroups(trx, ['team@example.com'], day(2))
    await writeGroup(trx, 'team@example.com', { members: [ana] }, day(2))
  })
  const before = await membersOfTeam()
  expect([...(before?.members ?? [])]).toEqual(['lima@example.com'])
  await read([account('1', 'lima@example.com')], day(3))
  expect(await mainOf(ana)).toBe(ana)
  const after = await membersOfTeam()
  expect([...(after?.members ?? [])]).toEqual([ana])
  expect(after?.mark).not.toBe(before?.mark)
})

describe('Somebody in a room', () => {
  const who = async (name: string | null, email?: string) => {
    const [found] = await recognise(world.db, [{ name, ...(email ? { email } : {}) }])
    return found?.address
  }

  test('is recognised by the address that the platform vouches for, or by a name that one account alone bears', async () => {
    await read(
      [account('1', ana, { aliases: ['lima@example.com'], fullName: 'Ana Lima' }), account('2', 'ben@example.com')],
      day(2),
    )
    expect(await who('Somebody', 'LIMA@example.com')).toBe(ana)
    expect(await who('Somebody', 'kim@example.org')).toBe('kim@example.org')
    expect(await who(' ana  LIMA ')).toBe(ana)
    expect(await who('Ana')).toBeUndefined()
    expect(await who(null)).toBeUndefined()
  })

  test('is nobody where two bear the name, where whoever bears it is not in use, or with an address and a name of somebody else', async () => {
    await read(
      [
        account('1', ana, { fullName: 'Ana Lima' }),
        account('2', 'ana2@example.com', { fullName: 'ana lima' }),
        account('3', 'ben@example.com', { fullName: 'Ben Sol', status: 'suspended' }),
        account('4', 'guest@example.com', { fullName: 'Guest' }),
      ],
      day(2),
    )
    expect(await who('Ana Lima')).toBeUndefined()
    expect(await who('Ben Sol')).toBeUndefined()
    expect(await who('guest')).toBeUndefined()
    expect(await who('Ana Lima', 'kim@example.org')).toBe('kim@example.org')
    await read([account('1', ana, { fullName: 'Ana Lima' })], day(3))
    expect(await who('Ana Lima')).toBe(ana)
  })
})

describe('A group', () => {
  const note = (...addresses: string[]) => inTransaction(world.db, (trx) => notePossibleGroups(trx, addresses, day(2)))
  const answer = (group: string, said: Parameters<typeof writeGroup>[2]) =>
    inTransaction(world.db, (trx) => writeGroup(trx, group, said, day(3)))
  const team = 'team@example.com'

  test('is asked for when its address is of the organisation and of nobody', async () => {
    await read([account('1', ana, { aliases: ['lima@example.com'] })], day(2))
    await note(team, ana, 'lima@example.com', 'list@example.org', team)
    expect(await listUnreadGroups(world.db, {}, 10)).toEqual([team])
    await answer(team, { members: [ana] })
    expect(await listUnreadGroups(world.db, { groupsBefore: day(3), othersBefore: day(9) }, 10)).toEqual([])
    expect(await listUnreadGroups(world.db, { groupsBefore: day(4) }, 10)).toEqual([team])
    await answer(team, { members: null })
    expect(await listUnreadGroups(world.db, { groupsBefore: day(9) }, 10)).toEqual([])
    expect(await listUnreadGroups(world.db, { othersBefore: day(9) }, 10)).toEqual([team])
  })

  test('has the members that the directory said last, and nobody knows them where it never answered', async () => {
    await read([account('1', ana)], day(2))
    await note(team, 'other@example.com', 'nobody@example.com')
    expect(await answer(team, { members: [ana, 'ben@example.com'] })).toBe(true)
    expect(await answer(team, { members: [ana] })).toBe(true)
    expect(await answer(team, { members: [ana] })).toBe(false)
    expect(await answer(team, { failure: 'google_unavailable' })).toBe(false)
    expect(await answer('other@example.com', { failure: 'google_forbidden' })).toBe(false)
    expect(await answer('nobody@example.com', { members: null })).toBe(false)
    const members = await membersOf(world.db, [team, 'other@example.com', 'nobody@example.com', ana])
    expect([...members]).toEqual([
      [team, [ana]],
      ['other@example.com', undefined],
    ])
    expect(await answer(team, { members: null })).toBe(true)
    expect((await membersOf(world.db, [team])).size).toBe(0)
  })
})

test('changes by people are listed newest first, from a day on', async () => {
  const entry = { by: ana, action: 'attendance_switched', subject: 'attendance' } as const
  await inTransaction(world.db, async (trx) => {
    await recordAudit(trx, { ...entry, at: day(2), detail: { on: true }, from: '127.0.0.1' })
    await recordAudit(trx, { ...entry, at: day(3) })
  })
  expect(await listAudit(world.db, { limit: 10 })).toEqual([
    { ...entry, at: day(3), detail: {}, from: null },
    { ...entry, at: day(2), detail: { on: true }, from: '127.0.0.1' },
  ])
  expect(await listAudit(world.db, { since: day(3), limit: 10 })).toHaveLength(1)
  await expect(
    inTransaction(world.db, async (trx) => {
      await recordAudit(trx, { ...entry, at: day(4) })
      throw new Error('the change failed')
    }),
  ).rejects.toThrow('the change failed')
  expect(await listAudit(world.db, { limit: 10 })).toHaveLength(2)
})
