import { afterAll, beforeAll, describe } from 'vitest'
import type { Runner } from '../../src/features/attendance/index.ts'
import { testRunner } from '../../src/features/attendance/runners/runner.contract.ts'
import { type AttendeeWorld, createAttendeeWorld, quickPauses } from '../support/attendee-world.ts'
import { newRunnersRoom } from '../support/runner-rooms.ts'

describe('The runner attendee', () => {
  let world: AttendeeWorld
  let runner: Runner
  let notices: AsyncDisposable

  beforeAll(async () => {
    world = await createAttendeeWorld({ pace: { aloneMs: 500 } })
    notices = await world.takeNotices()
    // Only they say who was removed.
    runner = world.openRunner({ pauses: { ...quickPauses, noticeMs: 10_000 } })
  })
  afterAll(async () => {
    await runner[Symbol.asyncDispose]()
    await notices[Symbol.asyncDispose]()
    await world[Symbol.asyncDispose]()
  })

  testRunner(() => ({
    tellsLobby: false,
    runner,
    newRoom: () => newRunnersRoom(world.sandbox),
    missingUrl: `${world.sandbox.origin}/rooms/a.b`,
    async claim(url) {
      const { bot } = await world.claim(url)
      return { botId: bot.id, fence: bot.fence }
    },
    async lose(botId) {
      const remote = world.attendee.bots().find((bot) => bot.order.metadata.rapporteur_bot_id === botId)
      world.attendee.forget(remote?.id ?? '')
    },
  }))
})
