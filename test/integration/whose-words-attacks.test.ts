import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import {
  askForBot,
  readInvited,
  readRoomPicture,
  readUnusualInviter,
  refuseBot,
} from '../../src/features/meetings/index.ts'
import { nothingKnown } from '../../src/features/people/index.ts'
import { at, keyAt, openPlan } from '../support/open-plan.ts'
import { type Copy, findBrokenInvariants } from '../support/plan-world.ts'

// Attacks on other people's meetings that go further than the table of scenarios, in which each step looks innocent by itself.

const { world, deps } = await openPlan()
const [host, guest, guest2, late, insider, insider2] = ['host', 'guest', 'guest2', 'late', 'insider', 'insider2'].map(
  (name) => `${name}@example.com`,
) as [string, string, string, string, string, string]
const [client, outsider] = ['client@example.org', 'outsider@example.org']
const ONE = 5 * 60
const DAY = 24 * 60
const A = 'Plans of the year'
const base: Copy = { uid: 'a', room: 'r', start: ONE, minutes: 60, title: A }
const a1: Copy = { ...base, organizer: host, attendees: [host, guest, guest2] }
const a2: Copy = { ...base, organizer: client, attendees: [client, guest, guest2] }
const b: Copy = { ...base, uid: 'b', title: 'Lunch', organizer: insider, attendees: [insider] }
const held = { decision: 'skip', reason: 'another_meeting_held' }
const attended = { decision: 'attend', reason: 'wanted' }
const room = { platform: 'sandbox', roomId: 'http://127.0.0.1:9/rooms/r', url: 'http://127.0.0.1:9/rooms/r' }

async function put(people: readonly string[], copy: Copy): Promise<void> {
  for (const who of people) await world.put(who, copy.uid, [copy])
  world.clock.advance(1_000)
}
const hostOrganises = (copy: Partial<Copy> = {}) => put([host, guest, guest2], { ...a1, ...copy })
const clientOrganises = (copy: Partial<Copy> = {}) => put([guest, guest2], { ...a2, ...copy })

interface Told {
  id: string
  title: string
  decision: string
  reason: string
  startsAt: Date
  readers: string[]
}
async function plan(): Promise<Told[]> {
  expect(await findBrokenInvariants(world.db)).toEqual([])
  const { rows } = await sql<Omit<Told, 'readers'>>`
    select id, title, decision, reason, starts_at from meeting where copies > 0 order by starts_at, title, id`.execute(
    world.db,
  )
  return Promise.all(rows.map(async (row) => ({ ...row, readers: await invited(row.id) })))
}
async function named(title: string): Promise<Told> {
  const found = (await plan()).find((meeting) => meeting.title === title)
  if (!found) throw new Error(`No meeting is called ${title}`)
  return found
}
async function list(id: string) {
  return readInvited(world.db, id, world.reconcile.knownPeople as never)
}
async function invited(id: string): Promise<string[]> {
  const nameOf = (address: string) => address.split('@')[0] as string
  const addresses = (await list(id)).people.map(({ address }) => address)
  return addresses.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
}

describe('Whose an invitation is', () => {
  test('does not change because mail under its UID arrives in its organiser’s calendar', async () => {
    await hostOrganises()
    await put([insider], { ...a1, organizer: insider, attendees: [insider] })
    // Of another day of the series, so that it stands beside the host’s own.
    const mailed = { ...a1, key: keyAt(3 * DAY), start: 3 * DAY, organizer: insider, attendees: [insider, host] }
    await world.put(host, 'a', [a1, { ...mailed, response: 'needs_action' }])
    expect(await named(A)).toMatchObject({ ...attended, startsAt: at(ONE), readers: [guest, guest2, host] })
  })

  test('is not silenced by mail under its UID that names its sender alone, in the calendar of somebody who is not invited', async () => {
    await hostOrganises()
    await put([late], {
      ...a1,
      organizer: insider,
      attendees: [insider],
      description: '#norecord',
      response: 'needs_action',
    })
    expect(await named(A)).toMatchObject({ ...attended, readers: [guest, guest2, host] })
  })

  test('is that of whose calendar was known first, although it names nobody', async () => {
    await put([late], { ...base, title: 'Alone', organizer: undefined as never, attendees: [] })
    await put([insider], { ...base, title: 'Mine', organizer: insider, attendees: [insider, late] })
    expect(await plan()).toMatchObject([{ title: 'Alone', ...attended, readers: [late] }])
  })

  test('is not taken by whoever claims the UID of such a one first, on another day', async () => {
    await put([late], { ...base, title: 'Alone', organizer: undefined as never, attendees: [] })
    await put([insider], { ...base, key: keyAt(5 * DAY), start: 5 * DAY, organizer: insider, attendees: [insider] })
    await put([late], { ...base, title: 'Alone', organizer: undefined as never, attendees: [], minutes: 50 })
    expect(await named('Alone')).toMatchObject({ ...attended, readers: [late] })
  })

  test('is for the next occurrence of a series what it was for the ones before, whoever’s calendar is read first', async () => {
    const weekly = (weeks: number, copy: Copy): Copy[] =>
      Array.from({ length: weeks }, (_, week) => ({
        ...copy,
        key: keyAt(ONE + week * 7 * DAY),
        start: ONE + week * 7 * DAY,
      }))
    for (const who of [guest, guest2]) await world.put(who, 'a', weekly(2, a2))
    world.clock.advance(1_000)
    const forged = { ...a2, title: 'Ours', attendees: [client, guest, guest2, insider] }
    await world.put(insider, 'a', weekly(2, forged))
    world.clock.advance(1_000)
    await world.put(insider, 'a', weekly(3, forged))
    world.clock.advance(1_000)
    for (const who of [guest, guest2]) await world.put(who, 'a', weekly(3, a2))
    for (const meeting of await plan()) expect(meeting).toMatchObject({ title: A, readers: [client, guest, guest2] })
  })

  test('of a colleague whose calendar is here no more is not whoever writes it again', async () => {
    await put([host], { ...a1, uid: 'old', room: 'q', title: 'Long ago', attendees: [host] })
    await hostOrganises()
    await world.remove(host)
    await put([insider], { ...a1, uid: 'old', title: 'Taken', attendees: [host, insider] })
    for (const { title, readers } of await plan()) if (title !== 'Taken') expect(readers).not.toContain(insider)
    expect(await named(A)).toMatchObject({ ...attended, readers: [guest, guest2, host] })
    expect(await named('Taken')).toMatchObject(held)
  })
})

describe('A meeting that is over', () => {
  test('has no newcomers by a copy of its UID, when its organiser’s calendar is here no more', async () => {
    await hostOrganises()
    const { id } = await named(A)
    world.clock.set(at(ONE + DAY))
    for (const who of [host, guest, guest2]) await world.remove(who)
    await put([insider], { ...a1, start: ONE, attendees: [host, insider] })
    const said = await list(id)
    expect(said.isProven && said.people.some(({ address }) => address === insider)).toBe(false)
  })

  test('of before whose it was became known is not gone on with by a stranger', async () => {
    await hostOrganises()
    const { id } = await named(A)
    world.clock.set(at(ONE + DAY))
    for (const who of [host, guest, guest2]) await world.remove(who)
    await sql`update meeting set proven_organizer = null, circle = '{}'`.execute(world.db)
    await sql`delete from invitation`.execute(world.db)
    await put([insider], { ...b, uid: 'a', start: ONE, title: 'Mine' })
    const { rows } = await sql<{ title: string }>`select title from meeting where id = ${id}`.execute(world.db)
    expect(rows).toEqual([{ title: A }])
  })
})

describe('What somebody said about a meeting', () => {
  const split = 'series_R20261123T080000@google.com'
  test('is not said about another’s by a UID that looks like the same series', async () => {
    await hostOrganises({ uid: split, key: keyAt(ONE) })
    await put([insider], { ...b, uid: 'series_R20200101T080000@google.com', key: keyAt(ONE), room: 'q' })
    await refuseBot(deps(), { meetingId: (await named('Lunch')).id, by: insider, from: null } as never)
    await hostOrganises({ uid: split, key: keyAt(ONE), minutes: 50 })
    expect(await named(A)).toMatchObject(attended)
  })

  test('is not said about another’s by an occurrence that its organiser never wrote', async () => {
    await hostOrganises({ key: keyAt(ONE) })
    const far = ONE + 4 * 60
    await put([insider], { ...a1, key: keyAt(far), start: far, title: 'Between', attendees: [host, insider] })
    const between = (await plan()).find(({ title }) => title === 'Between')
    if (between) await refuseBot(deps(), { meetingId: between.id, by: insider, from: null } as never)
    await world.put(insider, 'a', [])
    await hostOrganises({ key: keyAt(ONE), minutes: 50 })
    expect(await named(A)).toMatchObject(attended)
  })

  test('by an invited person does not overrule the organiser’s no shortly before it begins', async () => {
    await hostOrganises({ title: 'Quiet', description: '#norecord' })
    world.clock.set(at(ONE - 5))
    await expect(askForBot(deps(), { room, by: guest, colleague: guest, from: null } as never)).rejects.toThrow(
      'not to be recorded',
    )
  })
})

describe('Since when a meeting is known for its time', () => {
  test('is not said in the name of whoever brought the room by mail that they did not answer', async () => {
    await sql`insert into room (room_key, brought_by, brought_at, brought_how)
      values ('sandbox:http://127.0.0.1:9/rooms/r', ${host}, now(), 'recognised')`.execute(world.db)
    const mail: Copy = { ...b, organizer: outsider, attendees: [host, insider], description: '#norecord' }
    await put([host], { ...mail, response: 'needs_action' })
    await put([guest, guest2], { ...a1, organizer: guest, attendees: [guest, guest2] })
    expect(await named(A)).toMatchObject(attended)
    // What they say themselves there counts.
    await put([host], { ...mail, response: 'accepted' })
    expect(await named(A)).toMatchObject(held)
  })

  test('is not told by the copy of somebody whom its organiser invited', async () => {
    const list = [insider, insider2]
    await put([insider2], { ...b, attendees: list })
    await put([insider], { ...b, attendees: list, start: ONE + 300 })
    await clientOrganises()
    await put([insider], { ...b, attendees: list })
    expect(await named(A)).toMatchObject(attended)
    expect(await named('Lunch')).toMatchObject(held)
  })

  test('starts anew when its organiser restores it, although copies of it lingered', async () => {
    const list = [insider, insider2]
    await put([insider2, insider], { ...b, attendees: list })
    await put([insider], { ...b, attendees: list, cancelled: true })
    await clientOrganises()
    await put([insider], { ...b, attendees: list })
    expect(await named(A)).toMatchObject(attended)
    expect(await named('Lunch')).toMatchObject(held)
  })

  test('is not that of another claim inside one circle, when the claims change places', async () => {
    const list = [outsider, insider, insider2]
    const forged = { ...b, organizer: outsider, attendees: list }
    await put([insider2], forged)
    for (const who of [insider]) await put([who], { ...forged, start: ONE + 300, title: 'Aside' })
    await put([insider2], { ...forged, response: 'declined' })
    await clientOrganises()
    await put([insider2], forged)
    await put([insider], { ...forged, start: ONE + 300, title: 'Aside', response: 'declined' })
    expect(await named(A)).toMatchObject(attended)
    expect(await named('Lunch')).toMatchObject(held)
  })

  test('is not that of its series for a day that was added to it', async () => {
    const days = (starts: readonly number[]) => starts.map((start) => ({ ...b, key: keyAt(start), start }))
    await world.put(insider, 'b', days([ONE - DAY / 2]))
    world.clock.advance(1_000)
    await clientOrganises()
    await world.put(insider, 'b', days([ONE - DAY / 2, ONE]))
    expect(await named(A)).toMatchObject(attended)
    expect((await plan()).filter(({ title }) => title === 'Lunch')[1]).toMatchObject(held)
  })
})

describe('Of several invitations', () => {
  test('two that invite others are not one because a third joins either', async () => {
    await clientOrganises()
    await put([insider], { ...b, attendees: [insider, guest] })
    await put([guest], { ...b, attendees: [insider, guest] })
    await put([guest], { ...base, uid: 'c', title: 'Note to self', organizer: guest, attendees: [guest] })
    expect(await named(A)).toMatchObject({ ...attended, readers: [client, guest, guest2] })
  })

  test('one that joined and then invites more has its own list', async () => {
    await clientOrganises()
    await put([guest], { ...base, uid: 'c', title: 'Aside', organizer: guest, attendees: [guest, guest2] })
    await put([guest2], { ...base, uid: 'c', title: 'Aside', organizer: guest, attendees: [guest, guest2] })
    await put([guest], { ...base, uid: 'c', title: 'Aside', organizer: guest, attendees: [guest, insider] })
    expect(await named(A)).toMatchObject({ ...attended, readers: [client, guest, guest2] })
    expect((await named('Aside')).readers).toEqual([guest, insider])
  })

  test('another of an organiser that joined one invites nobody to it', async () => {
    await clientOrganises()
    await put([guest], { ...base, uid: 'c', title: 'Aside', organizer: guest, attendees: [guest] })
    await put([guest], { ...base, uid: 'd', title: 'Further', organizer: guest, attendees: [guest, insider] })
    expect(await named(A)).toMatchObject({ ...attended, readers: [client, guest, guest2] })
  })
})

describe('A meeting that held its room', () => {
  test('does not bring a bot over another’s when it is moved there afterwards', async () => {
    await put([insider], { ...b, start: 0, minutes: 30 })
    await sql`update meeting set held_at = ${at(1)} where title = 'Lunch'`.execute(world.db)
    await clientOrganises()
    await put([insider], b)
    expect(await named(A)).toMatchObject(attended)
    expect(await named('Lunch')).toMatchObject(held)
  })
})

describe('Who accepted a meeting', () => {
  const twice = async (copy: Copy) => {
    for (const calendar of ['', ' of the team']) await world.put(insider, copy.uid, [copy], calendar)
    world.clock.advance(1_000)
  }

  test('is persons and not calendars: one who holds it twice silences nobody in a room that is not theirs', async () => {
    await twice({ ...b, organizer: client, attendees: [client, insider], title: 'Lunch #norecord' })
    await hostOrganises()
    expect(await named(A)).toMatchObject(attended)
  })

  test('is persons and not calendars: two of whom each accepted silence it', async () => {
    await put([insider, insider2], {
      ...b,
      organizer: client,
      attendees: [client, insider, insider2],
      title: 'Lunch #norecord',
    })
    await hostOrganises()
    expect(await named(A)).toMatchObject(held)
  })

  test('is persons and not calendars: the bot says on whose invitation it comes', async () => {
    const theirs = { ...b, organizer: client, attendees: [client, insider, insider2] }
    await twice(theirs)
    const { id } = await named('Lunch')
    expect(await readUnusualInviter(world.db, id)).toBe(insider)
    await put([insider2], theirs)
    expect(await readUnusualInviter(world.db, id)).toBeUndefined()
  })
})

test('A seat knows all of a large circle, and of each whether they accepted', async () => {
  const colleagues = Array.from({ length: 70 }, (_, index) => `colleague${String(index).padStart(2, '0')}@example.com`)
  const last = colleagues.at(-1) as string
  const large = { ...a2, attendees: [client, ...colleagues], groups: ['team@example.com'] }
  world.groups.set('team@example.com', [late])
  await put([colleagues[0] as string, last], large)
  await put([insider], b)
  const { id } = await named(A)
  const facts = await readRoomPicture(world.db, {
    roomKey: `sandbox:${room.url}`,
    now: at(ONE),
    recognised: [last, colleagues[60] as string, late, insider].map((address) => ({ address, addresses: [address] })),
    knownPeople: (await world.reconcile.knownPeople?.(world.db)) ?? nothingKnown,
  })
  const seen = facts.meetings.find((meeting) => meeting.id === id)
  expect([...(seen?.invited ?? [])].sort()).toEqual([colleagues[60], last, late].sort())
  expect([...(seen?.own ?? [])]).toEqual([last])
})

test('A forged copy gives nobody another name on the page of a meeting', async () => {
  await clientOrganises()
  const { id } = await named(A)
  await put([insider], { ...a2, attendees: [client, guest, guest2, insider], title: '0' })
  await sql`update event set attendees = ${JSON.stringify([{ email: guest, name: 'A thief', response: 'none', kind: 'person' }])}::jsonb
    where calendar_id in (select id from calendar where owner_email = ${insider})`.execute(world.db)
  expect((await list(id)).people.map(({ name }) => name)).not.toContain('A thief')
})
