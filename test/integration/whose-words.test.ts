import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { askForBot, listRivals, readInvited, refuseBot, wantBot } from '../../src/features/meetings/index.ts'
import type { InvitedList } from '../../src/features/meetings/words/read-invited.ts'
import { at, openPlan } from '../support/open-plan.ts'
import { type Copy, findBrokenInvariants } from '../support/plan-world.ts'

// The table of scenarios in which somebody writes over another's meeting. Here: who is invited, and what is planned; who holds a room in
// fact stands in whose-words-seat.test.ts. A number is that of the table's row.

const { world, deps, meetings } = await openPlan()
const [host, guest, guest2, late, insider, insider2] = ['host', 'guest', 'guest2', 'late', 'insider', 'insider2'].map(
  (name) => `${name}@example.com`,
) as [string, string, string, string, string, string]
const [client, outsider] = ['client@example.org', 'outsider@example.org']
/** 13:00 is five hours after the world's now. */
const ONE = 5 * 60
const base: Copy = { uid: 'a', room: 'r', start: ONE, minutes: 60, title: 'Plans of the year' }
const a1: Copy = { ...base, organizer: host, attendees: [host, guest, guest2] }
const a2: Copy = { ...base, organizer: client, attendees: [client, guest, guest2] }
const b: Copy = { ...base, uid: 'b', title: 'Lunch', organizer: insider, attendees: [insider] }

async function later(): Promise<void> {
  world.clock.advance(1_000)
}
async function hostOrganises(copy: Partial<Copy> = {}): Promise<void> {
  for (const who of [host, guest, guest2]) await world.put(who, 'a', [{ ...a1, ...copy }])
  await later()
}
async function clientOrganises(copy: Partial<Copy> = {}): Promise<void> {
  for (const who of [guest, guest2]) await world.put(who, 'a', [{ ...a2, ...copy }])
  await later()
}
/** The room is somebody's since long. */
async function bring(who: string, room = 'r'): Promise<void> {
  const roomKey = `sandbox:http://127.0.0.1:9/rooms/${room}`
  await sql`insert into room (room_key, brought_by, brought_at, brought_how) values (${roomKey}, ${who}, now(), 'recognised')`.execute(
    world.db,
  )
}
async function invited(id: string): Promise<string[]> {
  const list: InvitedList = await readInvited(world.db, id, world.reconcile.knownPeople as never)
  const nameOf = (address: string) => address.split('@')[0] as string
  return list.people.map(({ address }) => address).toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
}

interface Told {
  id: string
  title: string
  decision: string
  reason: string
  from: Date
  until: Date
  readers: string[]
}
/** What is planned, with who is invited, by title. */
async function plan(): Promise<Record<string, Told>> {
  const broken = (await findBrokenInvariants(world.db)) as { what: string }[]
  expect(broken).toEqual([])
  const { rows } = await sql<Omit<Told, 'readers'>>`
    select id, title, decision, reason, coalesce(seat_from, starts_at) as from, ends_at as until from meeting
    where copies > 0 order by starts_at, title`.execute(world.db)
  const told: Record<string, Told> = {}
  for (const row of rows) told[row.title] = { ...row, readers: await invited(row.id) }
  return told
}
const A = 'Plans of the year'
const held = { decision: 'skip', reason: 'another_meeting_held' }
const attended = { decision: 'attend', reason: 'wanted' }

describe('A forged copy', () => {
  test('1a: of another UID in the same minutes takes neither title nor readers nor bot', async () => {
    await clientOrganises()
    await world.put(insider, 'b', [{ ...b, attendees: [insider, guest] }])
    const told = await plan()
    expect(told[A]).toMatchObject({ ...attended, readers: [client, guest, guest2] })
    expect(told.Lunch).toMatchObject(held)
    expect(told.Lunch?.readers).not.toContain(guest2)
    expect(Object.keys(told)).toEqual(['Lunch', A])
    // Both pages, and Problems, say that two unrelated meetings want the room.
    expect((await listRivals(world.db, world.clock.now(), 10)).map(({ title }) => title).toSorted()).toEqual([
      'Lunch',
      A,
    ])
    await world.put(insider, 'b', [])
    expect(await listRivals(world.db, world.clock.now(), 10)).toEqual([])
  })

  test.each<[string, Partial<Copy>, object]>([
    ['a minute later', { start: ONE + 1, minutes: 59 }, held],
    ['ten minutes inside', { start: ONE + 10, minutes: 10 }, held],
    ['a minute on either side', { start: ONE - 1, minutes: 62 }, attended],
    ['all day long by the clock', { start: -300, minutes: 24 * 60 }, attended],
    ['all day', { start: -300, minutes: 24 * 60, isAllDay: true }, { decision: 'skip', reason: 'all_day' }],
  ])('1b: %s is attended outside the other at most', async (_, shifted, expected) => {
    await clientOrganises()
    await world.put(insider, 'b', [{ ...b, ...shifted }])
    const told = await plan()
    expect(told[A]).toMatchObject({ ...attended, from: at(ONE), until: at(ONE + 60), readers: [client, guest, guest2] })
    expect(told.Lunch).toMatchObject(expected)
    expect(told.Lunch?.readers).toEqual([insider])
  })

  test('2a: of the same UID that names its owner as organiser says nothing: not the title, not the time, not that it is cancelled', async () => {
    await hostOrganises()
    await world.put(insider, 'a', [
      { ...a1, organizer: insider, attendees: [host, insider], title: 'Cancelled', start: ONE + 120, cancelled: true },
    ])
    expect(await plan()).toEqual({
      [A]: expect.objectContaining({ ...attended, from: at(ONE), readers: [guest, guest2, host] }),
    })
    await world.put(insider, 'a', [
      { ...a1, organizer: insider, attendees: [host, insider], room: 'q', start: ONE + 120 },
    ])
    expect(Object.keys(await plan())).toEqual([A])
  })

  test('2b: of the same UID with the true organiser and a longer list says no to nothing', async () => {
    await clientOrganises()
    await world.put(insider, 'a', [
      { ...a2, attendees: [client, guest, guest2, insider], description: '#norecord', visibility: 'private' },
    ])
    expect(await plan()).toEqual({ [A]: expect.objectContaining({ ...attended, readers: [client, guest, guest2] }) })
  })

  test('3: two that name each other are a circle of their own, which is not the first', async () => {
    await clientOrganises()
    const list = [client, guest, guest2, insider, insider2]
    for (const who of [insider, insider2]) await world.put(who, 'a', [{ ...a2, attendees: list, title: 'Ours' }])
    expect(await plan()).toEqual({ [A]: expect.objectContaining({ ...attended, readers: [client, guest, guest2] }) })
  })

  test('4: two that issue the meeting again under another UID join nothing', async () => {
    await clientOrganises()
    const list = [client, guest, guest2, insider, insider2]
    for (const who of [insider, insider2])
      await world.put(who, 'b', [{ ...a2, uid: 'b', attendees: list, title: 'Ours' }])
    const told = await plan()
    expect(told[A]).toMatchObject({ ...attended, readers: [client, guest, guest2] })
    expect(told.Ours).toMatchObject(held)
  })

  test('5a, 5b: that really invites people, whether they accept or not, gets none of the meeting of who brought the room', async () => {
    await bring(host)
    const colleagues = Array.from({ length: 50 }, (_, i) => `colleague${i}@example.com`)
    const list = [insider, host, guest, guest2, ...colleagues]
    for (const who of [insider, ...colleagues.slice(0, 5)]) await world.put(who, 'b', [{ ...b, attendees: list }])
    await world.put(host, 'b', [{ ...b, attendees: list, response: 'accepted' }])
    await later()
    await hostOrganises()
    const told = await plan()
    expect(told[A]).toMatchObject({ ...attended, readers: [guest, guest2, host] })
    expect(told.Lunch).toMatchObject(held)
  })

  test('6a: that came by mail and was added by itself gets nothing', async () => {
    await clientOrganises({ response: 'needs_action' })
    const mailed = { ...b, organizer: outsider, attendees: [outsider, guest, guest2, insider], title: 'Mailed' }
    for (const who of [guest, guest2]) await world.put(who, 'b', [{ ...mailed, response: 'needs_action' }])
    await world.put(insider, 'b', [mailed])
    const told = await plan()
    expect(told[A]).toMatchObject({ ...attended, readers: [client, guest, guest2] })
    expect(told.Mailed).toMatchObject(held)
  })

  test('6b: that claims to be the host’s proves nothing, since the host’s calendar does not hold it', async () => {
    await hostOrganises()
    const mailed = { ...b, organizer: host, attendees: [host, guest, guest2, insider], title: 'Mailed' }
    for (const who of [guest, guest2]) await world.put(who, 'b', [{ ...mailed, response: 'needs_action' }])
    const told = await plan()
    expect(told[A]).toMatchObject({ ...attended, readers: [guest, guest2, host] })
    expect(told.Mailed).toMatchObject(held)
  })

  test('7: does not silence the other, by a word or by a button', async () => {
    await hostOrganises()
    await world.put(insider, 'b', [{ ...b, title: 'Lunch #norecord' }])
    const told = await plan()
    expect(told[A]).toMatchObject(attended)
    await world.put(insider, 'b', [b])
    await refuseBot(deps(), { meetingId: (await plan()).Lunch?.id as string, by: insider, from: null } as never)
    expect((await plan())[A]).toMatchObject(attended)
  })

  test('8: comes into no room whose meeting said no, and neither does a bot that is sent there', async () => {
    await hostOrganises({ title: 'Quiet', description: '#norecord' })
    await world.put(insider, 'b', [b])
    const told = await plan()
    expect(told.Quiet).toMatchObject({ decision: 'skip', reason: 'opted_out' })
    expect(told.Lunch).toMatchObject(held)
    world.clock.set(at(ONE + 20))
    const room = { platform: 'sandbox', roomId: 'http://127.0.0.1:9/rooms/r', url: 'http://127.0.0.1:9/rooms/r' }
    await expect(askForBot(deps(), { room, by: insider, colleague: insider, from: null } as never)).rejects.toThrow(
      'not to be recorded',
    )
  })

  test('8: whose owner alone says no, and did not bring the room, silences nobody', async () => {
    await world.put(insider, 'b', [{ ...b, title: 'Lunch #norecord' }])
    await later()
    await hostOrganises()
    expect((await plan())[A]).toMatchObject(attended)
  })

  test('9: over a personal room, known before, has it before and after the meeting of its owner', async () => {
    await bring(host)
    await world.put(insider, 'b', [
      { ...b, start: -300, minutes: 23 * 60 + 59, attendees: [insider, host, guest, guest2] },
    ])
    await later()
    await hostOrganises()
    const told = await plan()
    expect(told[A]).toMatchObject({ ...attended, from: at(ONE), readers: [guest, guest2, host] })
    expect(told.Lunch).toMatchObject({ ...attended, from: at(-300) })
  })

  test('11, 35: that is moved there, restored, linked there or stops being all-day is new there', async () => {
    await world.put(insider, 'b', [{ ...b, start: ONE + 300 }])
    await world.put(insider2, 'c', [
      { ...b, uid: 'c', title: 'Restored', organizer: insider2, attendees: [insider2], cancelled: true },
    ])
    await world.put(late, 'd', [{ ...b, uid: 'd', title: 'Linked', organizer: late, attendees: [late], room: 'q' }])
    await later()
    await hostOrganises()
    await world.put(insider, 'b', [b])
    await world.put(insider2, 'c', [{ ...b, uid: 'c', title: 'Restored', organizer: insider2, attendees: [insider2] }])
    await world.put(late, 'd', [{ ...b, uid: 'd', title: 'Linked', organizer: late, attendees: [late] }])
    const told = await plan()
    expect(told[A]).toMatchObject(attended)
    for (const title of ['Lunch', 'Restored', 'Linked']) expect(told[title], title).toMatchObject(held)
  })

  test('18b: with both keys of an occurrence neither splits it nor takes its partner', async () => {
    const key = '2026-11-23T13:00:00Z'
    for (const who of [host, guest2]) await world.put(who, 'a', [{ ...a1, key }])
    await world.put(guest, 'a', [{ ...a1, key: '2026-11-23T14:00:00Z', attendees: [] }])
    await world.put(insider, 'a', [
      { ...a1, key, title: 'Mine' },
      { ...a1, key: '2026-11-23T14:00:00Z', title: 'Mine' },
      { ...a1, key: '2026-11-23T13:30:00Z', title: 'Mine' },
    ])
    expect(await plan()).toEqual({ [A]: expect.objectContaining({ ...attended, readers: [guest, guest2, host] }) })
    expect(await meetings()).toMatchObject([{ copies: 3 }])
  })

  test('30a: of another room takes neither the meeting’s id nor what was said about it', async () => {
    await hostOrganises()
    const id = (await plan())[A]?.id as string
    await world.put(insider, 'a', [{ ...a1, room: 'q', title: 'Elsewhere' }])
    await wantBot(deps(), { meetingId: id, by: host, from: null } as never)
    expect(Object.keys(await plan())).toEqual([A])
    await world.put(host, 'a', [{ ...a1, room: 's' }])
    const [meeting, ...others] = await meetings()
    expect(others).toEqual([])
    expect(meeting).toMatchObject({ id, decision: 'attend' })
    expect(meeting?.roomKey).toContain('/s')
  })

  test('30b: does not take over a meeting that somebody sent a bot to', async () => {
    world.clock.set(at(ONE))
    const room = { platform: 'sandbox', roomId: 'http://127.0.0.1:9/rooms/r', url: 'http://127.0.0.1:9/rooms/r' }
    const sent = await askForBot(deps(), { room, by: late, colleague: late, from: null } as never)
    world.clock.set(at(ONE + 20))
    await world.put(insider, 'b', [{ ...b, start: ONE - 10, minutes: 70 }])
    const { rows } = await sql<{
      id: string
      decision: string
      reason: string
    }>`select id, decision, reason from meeting order by created_at`.execute(world.db)
    expect(rows).toMatchObject([{ id: sent.id, decision: 'attend' }, held])
    expect(await invited(sent.id)).toEqual([late])
  })

  test('32: keeps no cancelled meeting alive', async () => {
    await hostOrganises()
    await world.put(host, 'a', [])
    await world.put(host, 'n', [{ ...a1, uid: 'n', title: 'Without guest', attendees: [host, guest2] }])
    await world.put(guest, 'a', [{ ...a1, title: 'Imported' }])
    const told = await plan()
    expect(told['Without guest']).toMatchObject({ ...attended, readers: [guest2, host] })
    expect(told.Imported ?? told[A]).toMatchObject({ decision: 'skip', reason: 'cancelled' })
  })

  test('24b: takes over no meeting that was held, when its organiser deletes it', async () => {
    await hostOrganises()
    const id = (await plan())[A]?.id as string
    await world.put(insider, 'a', [{ ...a1, organizer: insider, attendees: [insider] }])
    world.clock.set(at(ONE + 24 * 60))
    await world.put(host, 'a', [])
    await world.put(guest, 'a', [])
    await world.put(guest2, 'a', [])
    expect(await invited(id)).toEqual([guest, guest2, host])
  })
})

describe('Of one meeting', () => {
  test('14, 15: those of one organiser follow each other, and the one that began last has the room', async () => {
    await world.put(host, 'l', [
      {
        ...base,
        uid: 'l',
        title: 'Open office',
        start: ONE - 240,
        minutes: 480,
        organizer: host,
        attendees: [host, guest],
      },
    ])
    await world.put(host, 's', [
      { ...base, uid: 's', title: 'Small', minutes: 30, organizer: host, attendees: [host, guest] },
    ])
    const told = await plan()
    expect(told.Small).toMatchObject({ ...attended, from: at(ONE) })
    expect(told['Open office']).toMatchObject({ ...attended, from: at(ONE - 240) })
  })

  test('17: an invitation made anew by its organiser goes on as the meeting it was, with whom either invites', async () => {
    await hostOrganises()
    const id = (await plan())[A]?.id
    await world.put(host, 'n', [{ ...a1, uid: 'n', attendees: [host, guest, guest2, late] }])
    expect(await plan()).toEqual({ [A]: expect.objectContaining({ id, readers: [guest, guest2, host, late] }) })
    await world.put(host, 'a', [])
    expect((await plan())[A]).toMatchObject({ id, ...attended })
  })

  test('18a: a feed whose key is an hour off and which names nobody is a copy like any other', async () => {
    await world.put(guest, 'a', [{ ...a1, key: '2026-11-23T14:00:00Z', organizer: undefined as never, attendees: [] }])
    for (const who of [host, guest2]) await world.put(who, 'a', [{ ...a1, key: '2026-11-23T13:00:00Z' }])
    expect(await plan()).toEqual({ [A]: expect.objectContaining({ ...attended, readers: [guest, guest2, host] }) })
    expect(await meetings()).toMatchObject([{ copies: 3 }])
  })

  test('19: a group that was invited is its members, holding a copy or not; unknown, it is nobody', async () => {
    world.groups.set('team@example.com', [guest, late])
    const toGroup = { ...a1, attendees: [host], groups: ['team@example.com'] }
    for (const who of [host, guest, insider]) await world.put(who, 'a', [toGroup])
    expect((await plan())[A]).toMatchObject({ ...attended, readers: [guest, host, late] })
    expect(await meetings()).toMatchObject([{ copies: 2 }])
    await world.clear()
    await world.put(host, 'a', [toGroup])
    expect((await plan())[A]?.readers).toEqual([host])
  })

  test('20: one connected person of two invited by somebody outside is enough', async () => {
    await world.put(guest, 'a', [{ ...a2, attendees: [client, guest, late] }])
    expect((await plan())[A]).toMatchObject({ ...attended, readers: [client, guest, late] })
  })

  test('21a: guests who may not see each other are known by the first copy, and are one meeting', async () => {
    await world.put(guest, 'a', [{ ...a2, attendees: [guest] }])
    await later()
    await world.put(guest2, 'a', [{ ...a2, attendees: [guest2] }])
    expect(await plan()).toEqual({ [A]: expect.objectContaining({ ...attended, readers: [client, guest] }) })
  })

  test('21b: whom an outside organiser invites later is not of the first circle', async () => {
    await clientOrganises()
    await world.put(late, 'a', [{ ...a2, attendees: [client, guest, guest2, late] }])
    expect((await plan())[A]?.readers).toEqual([client, guest, guest2])
  })

  test('22: an organiser who is connected later says who is invited from then on, and the meeting stays the same', async () => {
    for (const who of [guest, guest2]) await world.put(who, 'a', [{ ...a1, attendees: [host, guest, guest2] }])
    const before = await plan()
    expect(before[A]?.readers).toEqual([guest, guest2, host])
    await world.put(host, 'a', [{ ...a1, attendees: [host, guest, late] }])
    expect(await plan()).toEqual({ [A]: expect.objectContaining({ id: before[A]?.id, readers: [guest, host, late] }) })
  })

  test('23: what a disconnected calendar said last stays in force', async () => {
    await hostOrganises()
    const { id } = await world.db
      .selectFrom('calendar')
      .select('id')
      .where('ownerEmail', '=', host)
      .executeTakeFirstOrThrow()
    await world.disconnect(host)
    await world.put(insider, 'b', [{ ...b, attendees: [insider, guest] }])
    const told = await plan()
    expect(id).toBeDefined()
    expect(told[A]).toMatchObject({ ...attended, readers: [guest, guest2, host] })
    expect(told.Lunch).toMatchObject(held)
  })

  test('25: a guest who marks their own copy private marks nobody else’s', async () => {
    await hostOrganises()
    await world.put(guest, 'a', [{ ...a1, visibility: 'private' }])
    expect((await plan())[A]).toMatchObject(attended)
    await world.put(host, 'a', [{ ...a1, visibility: 'private' }])
    expect((await plan())[A]).toMatchObject({ decision: 'skip', reason: 'private' })
  })
})
