import { describe, expect, it } from 'vitest'
import { createManualClock } from '../../test/support/manual-clock.ts'
import type { ToPage } from './messages.ts'
import { createRooms } from './rooms.ts'

function setUp() {
  const clock = createManualClock('2026-11-22T12:00:00Z')
  const room = createRooms({ clock }).room('den')
  const enter = (name: string) => {
    const heard: ToPage[] = []
    const seat = room.knock(
      { name, speaks: false, hears: true },
      { send: (message) => heard.push(message), close() {} },
    )
    return { seat, heard, id: seat.visit.id }
  }
  return { clock, room, enter }
}

describe('A room', () => {
  it('counts those who were there at one instant, and not those who came after each other or waited', () => {
    const { room, enter } = setUp()
    const isOurs = ({ joinedAs }: { joinedAs: string }) => joinedAs === 'Bot'
    const first = enter('Bot')
    enter('Ana')
    first.seat.receive({ type: 'leave' })
    const second = enter('Bot')
    room.lobby = true
    const third = enter('Bot')
    expect(room.wereEverPresentAtOnce(isOurs)).toBe(false)
    second.seat.end('dropped')
    room.admit(third.id)
    expect([room.peak(), room.peak(isOurs), room.wereEverPresentAtOnce(isOurs)]).toEqual([2, 1, false])
    room.lobby = false
    enter('Bot')
    expect([room.peak(), room.peak(isOurs), room.wereEverPresentAtOnce(isOurs)]).toEqual([3, 2, true])
  })

  it('keeps counting somebody under the first name who was renamed', () => {
    const { room, enter } = setUp()
    room.rename(enter('Bot').id, 'Ana')
    enter('Bot')
    expect(room.participants().map(({ name }) => name)).toEqual(['Ana', 'Bot'])
    expect(room.wereEverPresentAtOnce(({ joinedAs }) => joinedAs === 'Bot')).toBe(true)
  })

  it('writes down when each visit began and how it ended', () => {
    const { clock, room, enter } = setUp()
    room.lobby = true
    const ana = enter('Ana')
    clock.advance(1_000)
    room.admit(ana.id)
    clock.advance(2_000)
    room.deny(enter('Ben').id)
    room.timeOut(enter('Cleo').id)
    room.remove(ana.id)
    const lines = room.visits.map(({ name, end, knockedAt, enteredAt, leftAt }) => {
      const seconds = [knockedAt, enteredAt, leftAt].map((at) => at && (at.getTime() - clock.now().getTime()) / 1_000)
      return [name, end, ...seconds]
    })
    expect(lines).toEqual([
      ['Ana', 'removed', -3, -2, 0],
      ['Ben', 'denied', 0, null, 0],
      ['Cleo', 'lobby_timed_out', 0, null, 0],
    ])
  })

  it('passes signals on to those in the room and to nobody in the lobby', () => {
    const { room, enter } = setUp()
    const [ana, ben] = [enter('Ana'), enter('Ben')]
    room.lobby = true
    const cleo = enter('Cleo')
    for (const { id } of [ben, cleo]) ana.seat.receive({ type: 'signal', to: id, data: 1 })
    cleo.seat.receive({ type: 'signal', to: ana.id, data: 2 })
    cleo.seat.receive({ type: 'chat', text: 'Let me in' })
    expect(ben.heard.at(-1)).toEqual({ type: 'signal', from: ana.id, data: 1 })
    expect(cleo.heard).toEqual([{ type: 'lobby' }])
    expect(room.chat).toEqual([])
  })

  it('sends away who waited for too long', async () => {
    const { room, enter } = setUp()
    room.lobby = true
    room.lobbyTimeoutMs = 10
    const { seat, heard } = enter('Ana')
    await room.until(({ waiting }) => waiting().length === 0)
    expect(seat.visit.end).toBe('lobby_timed_out')
    expect(heard.at(-1)).toEqual({ type: 'farewell', reason: 'lobby_timed_out' })
  })

  it('can be used again after a meeting ended', () => {
    const { room, enter } = setUp()
    const ana = enter('Ana')
    room.end()
    expect(ana.heard.at(-1)).toEqual({ type: 'farewell', reason: 'ended' })
    enter('Ben')
    expect(room.participants().map(({ name }) => name)).toEqual(['Ben'])
  })

  it('refuses orders for people who are not there', () => {
    const { room, enter } = setUp()
    const { id } = enter('Ana')
    expect(() => room.admit(id)).toThrow('Nobody')
    expect(() => room.remove('x')).toThrow('Nobody')
  })

  it('is one room for names that differ in capitals', () => {
    const rooms = createRooms({ clock: createManualClock('2026-11-22T12:00:00Z') })
    expect(rooms.room('Planung-FÜR-q4')).toBe(rooms.room('planung-für-Q4'))
    expect(() => rooms.room('a/b')).toThrow('no name for a room')
  })
})
