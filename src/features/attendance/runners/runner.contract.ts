import { expect, test } from 'vitest'
import { HOUR_MS } from '../../../base/time.ts'
import { defaultLimits } from '../../bots/index.ts'
import type { Runner, Seat, Sitting, SittingEvent } from './runner.ts'

/** A room in which a test plays the host. */
export interface RunnersRoom {
  url: string
  /** Somebody else comes in. */
  enter(name: string): { leave(): void }
  openLobby(): void
  admit(): void
  deny(): void
  remove(): void
  end(): void
  /** Bots of this name in the room and in its lobby now, and whether any ever knocked. */
  botsInside(): number
  botsWaiting(): number
  hasKnocked(): boolean
  /** When the first one knocked. */
  knockedAt(): Date | undefined
  until(holds: () => boolean): Promise<void>
}

/** A runner to try, with everything a sitting of it needs. */
interface RunnerUnderTest {
  runner: Runner
  newRoom(): RunnersRoom
  /** A link to nothing. */
  missingUrl: string
  /** A bot that may be sat there: the ids of its claim. */
  claim(url: string): Promise<Pick<Sitting, 'botId' | 'fence'>>
  /** Whether its bots say that they are in a lobby; others are joining until they are in. */
  tellsLobby: boolean
  /** Has the runner lose a bot that sits in a room. */
  lose(botId: string): Promise<void>
}

export const CONTRACT_BOT_NAME = 'Meeting Assistant'

/** A move as tests write it: with its end or note, unless that says the same again. */
export function tellMove({ event, end, note }: { event: string; end?: string | null; note?: string | undefined }) {
  const more = end ?? note ?? event
  return more === event ? event : `${event}: ${more}`
}

/** What every runner has to do. */
export function testRunner(subject: () => RunnerUnderTest): void {
  async function sit(url: string, more: Partial<Sitting> = {}) {
    const { runner, claim } = subject()
    const events: SittingEvent[] = []
    const waiting = new Set<() => void>()
    const ids = await claim(url)
    const seat: Seat = await runner.sit(
      {
        ...ids,
        resumesFrom: null,
        platform: 'sandbox',
        url,
        botName: CONTRACT_BOT_NAME,
        otherBotNames: [],
        chatLine: '',
        joinAt: new Date(),
        endsAt: new Date(Date.now() + HOUR_MS),
        limits: { ...defaultLimits, pollMs: 50 },
        ...more,
      },
      (event) => {
        events.push(event)
        for (const check of waiting) check()
      },
    )
    const moves = () =>
      events
        .filter((event) => event.type === 'moved')
        // Not every room asks for it.
        .filter(({ event }) => event !== 'recording_permission_granted')
        .map(tellMove)
    const until = (holds: () => boolean) =>
      new Promise<void>((resolve) => {
        const check = () => {
          if (!holds()) return
          waiting.delete(check)
          resolve()
        }
        waiting.add(check)
        check()
      })
    const has = (move: string) => until(() => moves().includes(move))
    const hasMet = (name: string) =>
      until(() => events.some((event) => event.type === 'participant' && event.participant.name === name))
    return { ...ids, seat, events, moves, has, hasMet }
  }

  test('a bot is in the room, counted once, tells its states in order, and leaves when asked, twice too', async () => {
    const room = subject().newRoom()
    const { seat, has, moves, events } = await sit(room.url)
    await has('joined_meeting')
    expect(room.botsInside()).toBe(1)
    seat.leave('user_requested')
    seat.leave('user_requested')
    await seat.done
    expect(moves()).toEqual(['join_requested', 'joined_meeting', 'leave_requested: user_requested', 'left_meeting'])
    expect(events.at(-1)?.type).toBe('over')
    expect(room.botsInside()).toBe(0)
  })

  test('nobody knocks before the time, and the time can be changed until then', async () => {
    const room = subject().newRoom()
    const { seat, has } = await sit(room.url, { joinAt: new Date(Date.now() + 600_000) })
    const joinAt = new Date(Date.now() + 1_500)
    seat.update({ joinAt })
    await has('joined_meeting')
    expect(room.knockedAt()?.getTime()).toBeGreaterThanOrEqual(joinAt.getTime())
    seat.leave('user_requested')
    await seat.done
  })

  test('who is asked to leave before the time never knocks', async () => {
    const room = subject().newRoom()
    const { seat, moves } = await sit(room.url, { joinAt: new Date(Date.now() + 600_000) })
    seat.leave('user_requested')
    await seat.done
    expect(moves()).toEqual(['leave_requested: user_requested', 'left_meeting'])
    expect(room.hasKnocked()).toBe(false)
  })

  test('the end of the meeting is the end of the bot', async () => {
    const room = subject().newRoom()
    const { seat, has, moves } = await sit(room.url)
    await has('joined_meeting')
    room.end()
    await seat.done
    expect(moves()).toEqual(['join_requested', 'joined_meeting', 'meeting_ended'])
  })

  test('who is alone with other bots is alone, and leaves', async () => {
    const room = subject().newRoom()
    const limits = { ...defaultLimits, pollMs: 50, aloneMs: 500 }
    const { seat, has, hasMet, moves } = await sit(room.url, { limits, otherBotNames: ['notetaker'] })
    await has('joined_meeting')
    const ana = room.enter('Ana Lima')
    room.enter('Ben’s Notetaker')
    await Promise.all([hasMet('Ana Lima'), hasMet('Ben’s Notetaker')])
    ana.leave()
    await seat.done
    expect(moves().slice(-2)).toEqual(['leave_requested: auto_leave_only_participant_in_meeting', 'left_meeting'])
  })

  /** Sits a bot in the lobby of a new room. */
  async function sitInLobby(more: Partial<Sitting> = {}) {
    const { newRoom, tellsLobby } = subject()
    const room = newRoom()
    room.openLobby()
    const sitting = await sit(room.url, more)
    await room.until(() => room.botsWaiting() === 1)
    if (tellsLobby) await sitting.has('put_in_waiting_room')
    else await sitting.has('join_requested')
    return { ...sitting, room, before: tellsLobby ? ['join_requested', 'put_in_waiting_room'] : ['join_requested'] }
  }

  test('in a lobby a bot waits for admission, also for longer than joining may take', async () => {
    const limits = { ...defaultLimits, pollMs: 50, joiningMs: 1_000 }
    const { seat, has, moves, room, before } = await sitInLobby({ limits })
    const knockedMs = room.knockedAt()?.getTime() ?? 0
    await expect.poll(() => Date.now() - knockedMs, { timeout: 5_000 }).toBeGreaterThan(1_500)
    expect([room.botsInside(), room.botsWaiting()]).toEqual([0, 1])
    room.admit()
    await has('joined_meeting')
    seat.leave('user_requested')
    await seat.done
    expect(moves().slice(0, -2)).toEqual([...before, 'joined_meeting'])
  })

  test('who is asked to leave while waiting in a lobby leaves it', async () => {
    const { seat, moves, room, before } = await sitInLobby()
    seat.leave('user_requested')
    await seat.done
    expect(moves()).toEqual([...before, 'leave_requested: user_requested', 'left_meeting'])
    expect([room.botsInside(), room.botsWaiting()]).toEqual([0, 0])
  })

  test('nobody waits in a lobby for longer than the limit', async () => {
    const { seat, moves, room } = await sitInLobby({ limits: { ...defaultLimits, pollMs: 50, lobbyMs: 1_000 } })
    await seat.done
    expect(moves().at(-1)).toBe('could_not_join_meeting: waiting_room_timeout_exceeded')
    expect(room.botsWaiting()).toBe(0)
  })

  test('who is removed is out, and says so', async () => {
    const room = subject().newRoom()
    const { seat, has, moves } = await sit(room.url)
    await has('joined_meeting')
    room.remove()
    await seat.done
    expect(moves().at(-1)).toBe('meeting_ended: removed_from_meeting')
    expect(room.botsInside()).toBe(0)
  })

  test('a refusal is no failure of the bot', async () => {
    const { seat, moves, room } = await sitInLobby()
    room.deny()
    await seat.done
    expect(moves().at(-1)).toBe('could_not_join_meeting: request_to_join_denied')
  })

  test('a link to nothing is a meeting that was not found', async () => {
    const { seat, moves } = await sit(subject().missingUrl)
    await seat.done
    expect(moves()).toEqual(['join_requested', 'could_not_join_meeting: meeting_not_found'])
  })

  test('a bot that is lost is told of, and is in no room any more', async () => {
    const room = subject().newRoom()
    const { seat, botId, has, events } = await sit(room.url)
    await has('joined_meeting')
    await subject().lose(botId)
    await seat.done
    const isLost = events.some(
      (event) => event.type === 'lost' || (event.type === 'moved' && event.event === 'fatal_error'),
    )
    expect(isLost).toBe(true)
    await room.until(() => room.botsInside() === 0)
  })
}
