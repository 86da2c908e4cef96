import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Sandbox } from '../../sandbox/start-sandbox.ts'
import { monotonicMs } from '../../src/base/clock.ts'
import { browserOptions } from '../support/browser.ts'
import { descendantsOf, isRunning, signalProcess } from '../support/processes.ts'
import { BOT_NAME, botIn, isIn, openPool, openSandbox, PATIENCE_MS, sit } from './bot-support.ts'

const arePidsGone = (pids: number[]) =>
  expect.poll(() => pids.filter(isRunning), { timeout: PATIENCE_MS, interval: 20 }).toEqual([])

test('a browser that is missing is said, and nothing is left running', async () => {
  await using pool = openPool({ browser: { configuredPath: '/nowhere/chromium' } })
  await expect(sit(pool, 'http://127.0.0.1:1/rooms/x')).rejects.toMatchObject({ code: 'browser_missing' })
  expect(await pool.hosts()).toEqual([])
})

describe('Bot hosts', () => {
  let sandbox: Sandbox
  beforeAll(async () => {
    sandbox = await openSandbox()
  })
  afterAll(() => sandbox[Symbol.asyncDispose]())
  const urlOf = (room: string) => `${sandbox.origin}/rooms/${room}`

  test(
    'the room’s decisions reach the worker as states: admitted, denied, timed out, removed, ended, asked to leave',
    async () => {
      await using pool = openPool({ botsPerHost: 10 })
      const names = ['admitted', 'denied', 'timed-out', 'removed', 'ended', 'asked']
      for (const name of names.slice(0, 3)) sandbox.rooms.room(name).lobby = true
      const [admitted, denied, timedOut, removed, ended, asked] = await Promise.all(
        names.map((name) => sit(pool, urlOf(name))),
      )
      expect(await pool.hosts()).toHaveLength(1)
      const room = (name: string) => sandbox.rooms.room(name)
      const waits = (name: string) => room(name).until((one) => one.waiting().length === 1)

      await Promise.all(['admitted', 'denied', 'timed-out'].map(waits))
      for (const bot of [admitted, denied, timedOut])
        await bot?.until(() => bot.moves().includes('put_in_waiting_room'))
      room('admitted').admit(botIn(room('admitted')).id)
      room('denied').deny(botIn(room('denied')).id)
      room('timed-out').timeOut(botIn(room('timed-out')).id)
      for (const bot of [admitted, removed, ended, asked]) await bot?.until(isIn)
      room('removed').remove(botIn(room('removed')).id)
      room('ended').end()
      asked?.seat.leave('user_requested')
      await Promise.all([denied, timedOut, removed, ended, asked].map((bot) => bot?.seat.done))
      admitted?.seat.confirmLease(monotonicMs() + 50)
      await admitted?.seat.done

      const joined = ['join_requested', 'joined_meeting']
      const lobby = ['join_requested', 'put_in_waiting_room']
      expect(denied?.moves()).toEqual([...lobby, 'could_not_join_meeting: request_to_join_denied'])
      expect(timedOut?.moves()).toEqual([...lobby, 'could_not_join_meeting: waiting_room_timeout_exceeded'])
      expect(removed?.moves()).toEqual([...joined, 'meeting_ended: removed_from_meeting'])
      expect(ended?.moves()).toEqual([...joined, 'meeting_ended'])
      expect(asked?.moves()).toEqual([...joined, 'leave_requested: user_requested', 'left_meeting'])
      // A worker that does not confirm its lease any more has lost the bot, which then leaves on its own.
      expect(admitted?.moves()).toEqual([...lobby, 'joined_meeting', 'leave_requested: lease_lost', 'left_meeting'])
      expect(room('asked').visits.map(({ end }) => end)).toEqual(['left'])
      // The room hears of a goodbye a moment after the seat is over.
      await room('admitted').until(({ participants }) => participants().length === 0)
      expect(room('admitted').visits.map(({ end }) => end)).toEqual(['left'])
    },
    PATIENCE_MS,
  )

  test(
    'a host that is killed loses its bots, who are told of, and no others; its browser ends too',
    async () => {
      await using pool = openPool({ botsPerHost: 2 })
      const bots = await Promise.all(['k1', 'k2', 'k3'].map((name) => sit(pool, urlOf(name))))
      for (const bot of bots) await bot.until(isIn)
      const [first, second] = await pool.hosts()
      const pids = descendantsOf(first?.pid ?? 0)
      expect(pids.length).toBeGreaterThan(2)
      signalProcess(first?.pid)
      const [one, two, three] = bots
      await Promise.all([one?.seat.done, two?.seat.done])
      for (const bot of [one, two]) expect(bot?.events.at(-1)).toMatchObject({ type: 'lost', reason: 'process_ended' })
      await arePidsGone(pids)
      expect((await pool.hosts()).map(({ pid }) => pid)).toEqual([second?.pid])
      expect(three?.events.some(({ type }) => type === 'lost' || type === 'over')).toBe(false)
      // The next bot of the meeting gets a place again.
      const again = await sit(pool, urlOf('k1'))
      await again.until(isIn)
      await sandbox.rooms.room('k1').until((room) => room.participants().length === 1)
      expect(sandbox.rooms.room('k1').wereEverPresentAtOnce(({ joinedAs }) => joinedAs === BOT_NAME)).toBe(false)
    },
    PATIENCE_MS,
  )

  test(
    'a browser that crashes is told of as such',
    async () => {
      await using pool = openPool()
      const bot = await sit(pool, urlOf('crash'))
      await bot.until(isIn)
      const [host] = await pool.hosts()
      for (const pid of descendantsOf(host?.pid ?? 0)) signalProcess(pid)
      await bot.seat.done
      // The page may notice before the browser does; either way that is the reason, and the host is gone.
      expect(JSON.stringify(bot.events.slice(-2))).toContain('browser_crashed')
      await host?.gone
    },
    PATIENCE_MS,
  )

  test(
    'when a worker is killed its bots leave and no process is left',
    async () => {
      const worker = fork(fileURLToPath(new URL('bot-worker.fixture.ts', import.meta.url)), [], {
        env: { URL_TO_SIT_AT: urlOf('orphan'), BROWSER: JSON.stringify(browserOptions) },
        execArgv: ['--disable-warning=ExperimentalWarning'],
      })
      const [hostPid] = (await once(worker, 'message')) as [number]
      const pids = [hostPid, ...descendantsOf(hostPid)]
      expect(pids.length).toBeGreaterThan(3)
      worker.kill('SIGKILL')
      await sandbox.rooms.room('orphan').until((room) => room.participants().length === 0)
      expect(sandbox.rooms.room('orphan').visits.map(({ end }) => end)).toEqual(['left'])
      await arePidsGone(pids)
    },
    PATIENCE_MS,
  )

  test(
    'a host takes no more than its number of sittings and then goes',
    async () => {
      await using pool = openPool({ sittingsPerHost: 1 })
      const first = await sit(pool, urlOf('r1'))
      const [host] = await pool.hosts()
      first.seat.leave('user_requested')
      await first.seat.done
      await host?.gone
      const second = await sit(pool, urlOf('r2'))
      expect((await pool.hosts()).map(({ pid }) => pid)).not.toContain(host?.pid)
      second.seat.leave('user_requested')
      await second.seat.done
      expect(second.events.at(-1)?.type).toBe('over')
    },
    PATIENCE_MS,
  )
})
