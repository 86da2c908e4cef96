import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Sandbox } from '../../sandbox/start-sandbox.ts'
import { monotonicMs } from '../../src/base/clock.ts'
import type { BotHostPool } from '../../src/features/bots/runners/browser/bot-host-pool.ts'
import { descendantsOf, isRunning } from '../support/processes.ts'
import { until } from '../support/until.ts'
import { isIn, openPool, openSandbox, sit, type WatchedSeat } from './bot-support.ts'

// What stands still is not dead: nobody is told of an end, and every connection stays open.
describe.concurrent('Processes that stand still', () => {
  let sandbox: Sandbox
  beforeAll(async () => {
    sandbox = await openSandbox()
  })
  afterAll(() => sandbox[Symbol.asyncDispose]())
  const urlOf = (room: string) => `${sandbox.origin}/rooms/${room}`
  const botsIn = (room: string) => sandbox.rooms.room(room).participants().length

  async function seatOne(pool: BotHostPool, room: string): Promise<{ bot: WatchedSeat; host: number }> {
    const bot = await sit(pool, urlOf(room))
    await bot.until(isIn)
    const [host] = await pool.hosts()
    return { bot, host: host?.pid ?? 0 }
  }

  test('a browser that stands still is given up with its host, nothing of it is left, and its bots go elsewhere', async () => {
    const notes: string[] = []
    await using pool = openPool({ onNote: (note) => notes.push(note) })
    const { bot, host } = await seatOne(pool, 'browser')
    const frozen = stop(descendantsOf(host))
    // One is ordered that nobody can tell of yet, and is not kept for ever either.
    const next = await sit(pool, urlOf('ordered'))
    await Promise.all([bot.seat.done, next.seat.done])
    for (const one of [bot, next]) expect(one.events.at(-1)).toMatchObject({ type: 'lost', reason: 'unresponsive' })
    await gone([host, ...frozen])
    expect(notes).toContainEqual(expect.stringContaining('did not answer'))
    await sandbox.rooms.room('browser').until((room) => room.participants().length === 0)
    await (await sit(pool, urlOf('browser'))).until(isIn)
    expect(botsIn('browser')).toBe(1)
  })

  test('a bot host that stands still with its browser is killed with it, and while in doubt gets no bot', async () => {
    await using pool = openPool()
    const { bot, host } = await seatOne(pool, 'host')
    const frozen = stop([host, ...descendantsOf(host)])
    await until(
      async () => (await pool.hosts()).map((one) => one.isAnswering()),
      ([isAnswering]) => isAnswering !== true,
    )
    const other = await sit(pool, urlOf('other'))
    await other.until(isIn)
    await bot.seat.done
    expect(bot.events.at(-1)).toMatchObject({ type: 'lost', reason: 'unresponsive' })
    await gone(frozen)
    expect(other.events.some(({ type }) => type === 'lost')).toBe(false)
  })

  test('one page that stands still costs its bot, which leaves the room, and no other; the next bot sits elsewhere', async () => {
    await using pool = openPool()
    const { bot, host } = await seatOne(pool, 'page')
    const pages = stop(renderersBelow(host))
    const other = await sit(pool, urlOf('beside'))
    await other.until(isIn)
    await bot.seat.done
    expect(bot.moves().at(-1)).toBe('fatal_error: page_unresponsive')
    await gone(pages)
    expect(botsIn('page')).toBe(0)
    await (await sit(pool, urlOf('page'))).until(isIn)
    expect(await pool.hosts()).toHaveLength(2)
    expect(botsIn('beside')).toBe(1)
  })

  test('a bot that lost its lease is out of the room in time, although its browser stands still', async () => {
    await using pool = openPool()
    const { bot, host } = await seatOne(pool, 'lease')
    const frozen = stop(descendantsOf(host))
    bot.seat.confirmLease(monotonicMs() + 50)
    await sandbox.rooms.room('lease').until((room) => room.participants().length === 0)
    await bot.seat.done
    await gone([host, ...frozen])
  })
})

function stop(pids: number[]): number[] {
  expect(pids.length).toBeGreaterThan(0)
  for (const pid of pids) process.kill(pid, 'SIGSTOP')
  return pids
}

function renderersBelow(host: number): number[] {
  return descendantsOf(host).filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--type=renderer'))
}

async function gone(pids: number[]): Promise<void> {
  await until(
    () => pids.filter(isRunning),
    (left) => left.length === 0,
  )
}
