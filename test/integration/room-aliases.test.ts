import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { noteWhereLinkLed, readInvited, readLinkTexts } from '../../src/features/meetings/index.ts'
import { tellDay } from '../support/day-in-rooms.ts'
import { at, openPlan } from '../support/open-plan.ts'
import { type Copy, findBrokenInvariants } from '../support/plan-world.ts'

// Two links to one room: what is known of that comes from the platform's own page alone, at the door, before a bot asks for entry.

const { world } = await openPlan()
const [host, guest, guest2, insider] = ['host', 'guest', 'guest2', 'insider'].map((name) => `${name}@example.com`) as [
  string,
  string,
  string,
  string,
]
const ORIGIN = 'http://127.0.0.1:9'
const ONE = 5 * 60
const urlOf = (room: string) => `${ORIGIN}/rooms/${room}`
const keyOf = (room: string) => `sandbox:${urlOf(room)}`
const a1: Copy = {
  uid: 'a',
  room: 'x',
  start: ONE,
  minutes: 60,
  title: 'A',
  organizer: host,
  attendees: [host, guest, guest2],
}
const b: Copy = { ...a1, uid: 'b', room: 'y', title: 'B', organizer: insider, attendees: [insider] }
const held = { decision: 'skip', reason: 'another_meeting_held' }
const attended = { decision: 'attend', reason: 'wanted' }

async function put(people: readonly string[], copy: Copy): Promise<void> {
  for (const who of people) await world.put(who, copy.uid, [copy])
  world.clock.advance(1_000)
}
const hostOrganises = (copy: Partial<Copy> = {}) => put([host, guest, guest2], { ...a1, ...copy })

/** A bot stands at the door of a room and is sent on; answers whether it may go in. */
function led(from: string, ledTo: string, roomKey = keyOf(from)): Promise<boolean> {
  const readLink = (url: string) => {
    const texts = { conferenceUrls: [url], location: '', description: '', title: '' }
    return readLinkTexts(texts, { jitsiHosts: [], sandboxOrigin: ORIGIN })
  }
  return noteWhereLinkLed({ ...world.reconcile, db: world.db, readLink }, { roomKey, link: urlOf(from), ledTo })
}

interface Told {
  id: string
  decision: string
  reason: string
  roomKey: string
}
async function plan(): Promise<Record<string, Told>> {
  expect(await findBrokenInvariants(world.db)).toEqual([])
  const { rows } = await sql<Told & { title: string }>`
    select id, title, decision, reason, room_key from meeting where copies > 0`.execute(world.db)
  return Object.fromEntries(rows.map(({ title, ...row }) => [title, row]))
}

describe('Two links that lead to one room', () => {
  test('row 26: are one room from then on, whose meetings go by all its rules', async () => {
    await hostOrganises()
    await put([insider], b)
    const before = await plan()
    expect([before.A, before.B]).toMatchObject([attended, attended])
    expect(await led('y', urlOf('x'))).toBe(false)
    const { A, B } = await plan()
    expect(A).toMatchObject({ ...attended, id: before.A?.id, roomKey: keyOf('x') })
    expect(B).toMatchObject({ ...held, id: before.B?.id, roomKey: keyOf('x') })
    const { people } = await readInvited(world.db, A?.id as string, world.reconcile.knownPeople as never)
    expect(people.map(({ address }) => address).sort()).toEqual([guest2, guest, host])
    // What is written later too, and once more changes nothing.
    await put([insider], { ...b, uid: 'later', title: 'Later', start: ONE + 30 })
    expect((await plan()).Later).toMatchObject({ roomKey: keyOf('x') })
    expect(await led('y', urlOf('x'), keyOf('x'))).toBe(true)
    await put([insider], { ...b, title: 'Renamed' })
    expect((await plan()).Renamed).toMatchObject({ ...held, id: before.B?.id })
  })

  test('were one from the beginning: who was known first by either name comes first', async () => {
    await hostOrganises({ room: 'y' })
    await put([insider], { ...b, room: 'x' })
    expect(await led('y', urlOf('x'))).toBe(false)
    expect(await plan()).toMatchObject({ A: attended, B: held })
    // A change of its title makes it no newer.
    await hostOrganises({ room: 'y', title: 'A still' })
    expect(await plan()).toMatchObject({ 'A still': attended, B: held })
  })

  test('were brought by whoever brought the room by either name first', async () => {
    await put([insider], b)
    await hostOrganises()
    const row = { broughtHow: 'recognised', knownSince: at(0) } as const
    await world.db
      .insertInto('room')
      .values([
        { ...row, roomKey: keyOf('x'), broughtBy: host, broughtAt: at(-60) },
        { ...row, roomKey: keyOf('y'), broughtBy: insider, broughtAt: at(-30) },
      ])
      .execute()
    await led('y', urlOf('x'))
    expect(await plan()).toMatchObject({ A: attended, B: held })
  })

  test('bring the copies of one invitation together that name either', async () => {
    await put([host, guest], a1)
    await put([guest2], { ...a1, room: 'y' })
    await led('y', urlOf('x'))
    const { rows } = await sql<{ copies: number }>`select copies from meeting where copies > 0`.execute(world.db)
    expect(rows).toEqual([{ copies: 3 }])
    await plan()
  })
})

describe('A link of which something is claimed', () => {
  test('leads where its own platform says, on its own host, and nowhere else', async () => {
    await hostOrganises()
    await put([insider], b)
    for (const ledTo of [
      'http://127.0.0.1:10/rooms/x',
      'https://meet.google.com/abc-defg-hij',
      'https://example.org/',
      'no address',
      `${ORIGIN}/rooms/`,
    ])
      expect(await led('y', ledTo), ledTo).toBe(true)
    expect(await plan()).toMatchObject({ A: attended, B: { ...attended, roomKey: keyOf('y') } })
    const { rows } = await sql`select from room_alias`.execute(world.db)
    expect(rows).toHaveLength(0)
  })

  test('leads to another room as a new one, once it led to its own or elsewhere', async () => {
    await put([insider], b)
    await hostOrganises()
    // Its bot was in the room that it led to until now.
    const { B } = await plan()
    await sql`insert into bot (id, meeting_id, room_key, runner, state, join_at, attends_at)
      values ('bot_of_last_week', ${B?.id}, ${keyOf('y')}, 'browser', 'ended', now(), now())`.execute(world.db)
    await sql`insert into bot_event (bot_id, type, old_state, new_state, detail, created_at)
      values ('bot_of_last_week', 'joined_meeting', 'joining', 'joined_recording', '{}', now())`.execute(world.db)
    expect(await led('y', urlOf('x'))).toBe(false)
    const { rows } = await sql<{ title: string; decision: string }>`
      select title, decision from meeting where copies > 0 order by title`.execute(world.db)
    expect(rows).toEqual([
      { title: 'A', decision: 'attend' },
      { title: 'B', decision: 'skip' },
    ])
  })

  test('leads to its own room again, and its meetings are there again', async () => {
    await hostOrganises()
    await put([insider], b)
    await led('y', urlOf('x'))
    expect(await led('y', urlOf('y'), keyOf('x'))).toBe(false)
    expect(await plan()).toMatchObject({
      A: { ...attended, roomKey: keyOf('x') },
      B: { ...attended, roomKey: keyOf('y') },
    })
  })
})

test('row 26: the bot of a meeting that came by another link never enters the room of another, and nothing heard there is its own', async () => {
  const invites = ['guest', 'guest2']
  await using day = await tellDay({
    den: {
      meetings: [
        { id: 'A', at: '13:00-14:00', organizer: 'host', invites, accepted: invites },
        { id: 'B', at: '13:00-14:00', organizer: 'insider', link: 'another-name' },
        { id: 'C', at: '15:00-16:00', organizer: 'late', link: 'third-name' },
      ],
      people: [
        ['host', '13:00-14:10'],
        ['guest', '13:00-14:10'],
        ['late', '15:00-15:50'],
      ],
      heard: { '13:01': 'A', '13:30': 'A', '14:05': 'A', '15:30': 'C' },
    },
  })
  const { world: rooms } = day
  expect(day.heard.get('den')).toEqual({ '13:01': 'A', '13:30': 'A', '14:05': 'A', '15:30': 'C' })
  expect(rooms.rooms.peak(rooms.urlOf('den'))).toBe(1)
  const { id } = await day.meetingOf('den', 'B')
  const heardOfIt = await rooms.app.db.selectFrom('audioStep').select('id').where('meetingId', '=', id).execute()
  expect(heardOfIt).toEqual([])
})
