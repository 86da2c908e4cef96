import type { BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, describe } from 'vitest'
import type { Sandbox } from '../../sandbox/start-sandbox.ts'
import { type RoomUnderTest, testAdapter } from '../../src/features/attendance/platforms/adapter.contract.ts'
import { platformAdapters } from '../../src/features/attendance/platforms/registry.ts'
import type { RunningBrowser } from '../../src/platform/browser/index.ts'
import { launchTestBrowser } from '../support/browser.ts'
import { botIn, openSandbox } from './bot-support.ts'

describe('The adapter of the sandbox room', () => {
  let running: RunningBrowser
  let context: BrowserContext
  let sandbox: Sandbox
  let count = 0

  beforeAll(async () => {
    sandbox = await openSandbox()
    running = await launchTestBrowser(['--allow-loopback-in-peer-connection'])
    context = await running.browser.newContext()
  })
  afterAll(async () => {
    await running[Symbol.asyncDispose]()
    await sandbox[Symbol.asyncDispose]()
  })

  testAdapter(() => ({
    adapter: platformAdapters.sandbox,
    newPage: () => context.newPage(),
    newRoom,
    missingUrl: `${sandbox.origin}/rooms/a.b`,
  }))

  function newRoom(): RoomUnderTest {
    const name = `room-${count++}`
    const url = `${sandbox.origin}/rooms/${name}`
    const room = sandbox.rooms.room(name)
    sandbox.rooms.lead(`other-${name}`, name)
    return {
      url,
      otherUrl: `${sandbox.origin}/rooms/other-${name}`,
      openLobby() {
        room.lobby = true
      },
      bot: {
        admit: async () => room.admit(botIn(room).id),
        deny: async () => room.deny(botIn(room).id),
        timeOut: async () => room.timeOut(botIn(room).id),
        remove: async () => room.remove(botIn(room).id),
      },
      end: () => room.end(),
      names: () => room.participants().map((visit) => visit.name),
      chat: () => room.chat.map(({ text }) => text),
      until: (holds) => room.until(holds),
      async seatGuest(guest) {
        const before = new Set(room.visits)
        const page = await context.newPage()
        await page.goto(url)
        await page.locator('body[data-ready]').waitFor()
        await page.locator('#join [name=name]').fill(guest)
        await page.locator('#join button').click()
        await page.locator('body[data-state=meeting]').waitFor()
        const visit = room.visits.find((one) => !before.has(one) && one.joinedAs === guest)
        if (!visit) throw new Error('The guest did not come')
        return {
          nativeId: visit.id,
          rename: async (next) => room.rename(visit.id, next),
          leave: () => page.close().then(() => room.until(() => visit.leftAt !== null)),
        }
      },
    }
  }
})
