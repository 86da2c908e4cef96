import { afterAll, beforeAll, describe } from 'vitest'
import type { Sandbox } from '../../sandbox/start-sandbox.ts'
import type { BotHostPool } from '../../src/features/bots/runners/browser/bot-host-pool.ts'
import { testRunner } from '../../src/features/bots/runners/runner.contract.ts'
import { signalProcess } from '../support/processes.ts'
import { newRunnersRoom } from '../support/runner-rooms.ts'
import { openPool, openSandbox } from './bot-support.ts'

describe('The runner browser', () => {
  let sandbox: Sandbox
  let pool: BotHostPool
  let bots = 0

  beforeAll(async () => {
    sandbox = await openSandbox()
    pool = openPool()
  })
  afterAll(async () => {
    await pool[Symbol.asyncDispose]()
    await sandbox[Symbol.asyncDispose]()
  })

  testRunner(() => ({
    tellsLobby: true,
    runner: pool,
    newRoom: () => newRunnersRoom(sandbox),
    missingUrl: `${sandbox.origin}/rooms/a.b`,
    claim: async () => ({ botId: `bot_${bots++}`, fence: 1 }),
    async lose() {
      for (const { pid } of await pool.hosts()) signalProcess(pid)
    },
  }))
})
