import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { PlatformAdapter, RoomState } from './platform.ts'

/** A meeting of a platform in which a test can play the host. Orders resolve when they were carried out. */
export interface RoomUnderTest {
  url: string
  /** Another link, which leads to the same room. */
  otherUrl: string
  /** Whoever joins waits to be let in. */
  openLobby(): void
  bot: {
    admit(): Promise<void>
    deny(): Promise<void>
    timeOut(): Promise<void>
    remove(): Promise<void>
  }
  end(): void
  /** Somebody else is there under this name, without sound; resolves when they are in. */
  seatGuest(name: string): Promise<{ nativeId: string; rename(name: string): Promise<void>; leave(): Promise<void> }>
  /** Names of those in the room. */
  names(): readonly string[]
  chat(): readonly string[]
  /** Resolves when it holds. */
  until(holds: () => boolean): Promise<void>
}

/** A platform to try an adapter with. */
interface PlatformUnderTest {
  adapter: PlatformAdapter
  newPage(): Promise<Page>
  newRoom(): RoomUnderTest
  /** A link to nothing. */
  missingUrl: string
}

const NAME = 'Meeting Assistant'

/** What every adapter has to do. */
export function testAdapter(platform: () => PlatformUnderTest): void {
  async function knock(prepare: (room: RoomUnderTest) => void = () => {}, name = NAME) {
    const { adapter, newPage, newRoom } = platform()
    const room = newRoom()
    prepare(room)
    const page = await newPage()
    await adapter.open(page, { url: room.url, name })
    expect(await stateOf(adapter, page)).toBe('door')
    await adapter.requestJoin(page)
    return { adapter, page, room }
  }
  const becomes = (adapter: PlatformAdapter, page: Page, state: RoomState) =>
    expect.poll(() => stateOf(adapter, page), { interval: 20, timeout: 10_000 }).toBe(state)

  test('the room is entered, which two proofs of different kinds show', async () => {
    const { adapter, page, room } = await knock()
    await becomes(adapter, page, 'in_meeting')
    const { evidence, participants } = await adapter.observe(page)
    expect(new Set(evidence).size).toBeGreaterThanOrEqual(2)
    expect(participants).toEqual([{ nativeId: expect.stringMatching(/./), name: NAME, isSelf: true }])
    expect(room.names()).toEqual([NAME])
  })

  test('another link leads to the same address as the room’s own, which is told at the door', async () => {
    const { adapter, newPage, newRoom, missingUrl } = platform()
    const room = newRoom()
    const addressOf = async (url: string) => {
      const page = await newPage()
      await adapter.open(page, { url, name: NAME })
      return adapter.roomAddress(page)
    }
    expect(await addressOf(room.url)).toMatch(/^http/)
    expect(await addressOf(room.otherUrl)).toBe(await addressOf(room.url))
    expect(await addressOf(missingUrl)).toBeNull()
  })

  test('the lobby is no meeting, and admission ends it', async () => {
    const { adapter, page, room } = await knock((one) => one.openLobby())
    await becomes(adapter, page, 'lobby')
    expect((await adapter.observe(page)).participants).toEqual([])
    await room.bot.admit()
    await becomes(adapter, page, 'in_meeting')
  })

  test.each([
    ['deny', 'denied'],
    ['timeOut', 'lobby_timed_out'],
  ] as const)('in the lobby, %s is told apart as %s', async (order, state) => {
    const { adapter, page, room } = await knock((one) => one.openLobby())
    await becomes(adapter, page, 'lobby')
    await room.bot[order]()
    await becomes(adapter, page, state)
  })

  test('removal and the end of the meeting are told apart', async () => {
    const [removed, ended] = await Promise.all([knock(), knock()])
    for (const { adapter, page } of [removed, ended]) await becomes(adapter, page, 'in_meeting')
    await removed.room.bot.remove()
    ended.room.end()
    await becomes(removed.adapter, removed.page, 'removed')
    await becomes(ended.adapter, ended.page, 'ended')
  })

  test('a link to nothing is no refusal', async () => {
    const { adapter, newPage, missingUrl } = platform()
    const page = await newPage()
    await adapter.open(page, { url: missingUrl, name: NAME })
    expect(await stateOf(adapter, page)).toBe('not_found')
  })

  test('a page that was not opened is unknown', async () => {
    const { adapter, newPage } = platform()
    expect(await stateOf(adapter, await newPage())).toBe('unknown')
  })

  test('participants keep their identity through renaming, and lose it when they come back', async () => {
    const { adapter, page, room } = await knock()
    const others = async () =>
      (await adapter.observe(page)).participants
        .filter(({ isSelf }) => !isSelf)
        .map(({ nativeId, name }) => [nativeId, name])
    const are = (expected: string[][]) => expect.poll(others, { interval: 20 }).toEqual(expected)
    const hostile = '<img src=x onerror=alert(1)> "\'` Ünï 名'
    const first = await room.seatGuest('Ana')
    const second = await room.seatGuest('Ana')
    await are([
      [first.nativeId, 'Ana'],
      [second.nativeId, 'Ana'],
    ])
    await second.rename(hostile)
    await first.leave()
    await are([[second.nativeId, hostile]])
    const again = await room.seatGuest('Ana')
    expect(again.nativeId).not.toBe(first.nativeId)
    await are([
      [second.nativeId, hostile],
      [again.nativeId, 'Ana'],
    ])
  })

  test('a chat line is said once it is there for all', async () => {
    const { adapter, page, room } = await knock()
    await becomes(adapter, page, 'in_meeting')
    expect(await adapter.say(page, 'This meeting is <recorded>.')).toBe(true)
    expect(room.chat()).toEqual(['This meeting is <recorded>.'])
  })

  test('who leaves is gone for the others, from the room and from the lobby', async () => {
    const inRoom = await knock()
    await becomes(inRoom.adapter, inRoom.page, 'in_meeting')
    await inRoom.adapter.leave(inRoom.page)
    await inRoom.room.until(() => inRoom.room.names().length === 0)
    await becomes(inRoom.adapter, inRoom.page, 'left')
    const inLobby = await knock((one) => one.openLobby())
    await becomes(inLobby.adapter, inLobby.page, 'lobby')
    await inLobby.adapter.leave(inLobby.page)
    await becomes(inLobby.adapter, inLobby.page, 'left')
  })

  test('a bot’s name may hold anything', async () => {
    const name = 'Protokoll „Ä“ <b>&amp;'
    const { adapter, page, room } = await knock(() => {}, name)
    await becomes(adapter, page, 'in_meeting')
    expect(room.names()).toEqual([name])
  })
}

async function stateOf(adapter: PlatformAdapter, page: Page): Promise<RoomState> {
  return (await adapter.observe(page)).state
}
