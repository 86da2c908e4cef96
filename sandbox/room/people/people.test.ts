import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/base/clock.ts'
import { findBrowser, type RunningBrowser } from '../../../src/platform/browser/index.ts'
import { browserOptions } from '../../../test/support/browser.ts'
import { type Sandbox, startSandbox } from '../../start-sandbox.ts'
import { loudnessOf, namesOn, openGuest, startMeter, statusIn, untilHeard } from '../testdata/open-guest.ts'
import type { Cast } from './cast.ts'
import { type Browser, openBrowser } from './open-browser.ts'
import { startPeople } from './start-people.ts'

describe('People in a room', () => {
  let running: RunningBrowser
  let browser: Browser
  let sandbox: Sandbox
  beforeAll(async () => {
    running = await openBrowser(await findBrowser(browserOptions))
    browser = running.browser
    sandbox = await startSandbox({ clock: systemClock })
  })
  afterAll(async () => {
    await running?.[Symbol.asyncDispose]()
    await sandbox?.[Symbol.asyncDispose]()
  })

  const play = (room: string, cast: Cast) => startPeople({ browser, origin: sandbox.origin, room, cast })

  it('hear who speaks, and nothing of who does not', async () => {
    await using people = await play('hearing', [
      { name: 'Ana', hears: true, says: [{ clip: 'slt-question', atMs: 1_500 }] },
      { name: 'Ben', hears: true, says: [{ clip: 'rms-agreement', atMs: 4_000 }] },
      { name: 'Cleo', says: [{ clip: 'awb-decision', atMs: 60_000 }] },
    ])
    const guest = await openGuest(browser, `${sandbox.origin}/rooms/hearing`, 'Bot')
    await sandbox.rooms.room('hearing').until(({ participants }) => participants().length === 4)
    const [ana, ben] = [people.pageOf('Ana'), people.pageOf('Ben')]
    if (!ana || !ben) throw new Error('Ana and Ben have pages')
    await Promise.all([ana, ben, guest].map(startMeter))

    await Promise.all([untilHeard(ben, 'Ana'), untilHeard(guest, 'Ana')])
    expect(people.deeds.filter(({ did }) => did === 'say').map(({ name }) => name)).toEqual(['Ana'])
    expect(await loudnessOf(ana, 'Ben')).toBeLessThan(0.001)
    expect(await loudnessOf(guest, 'Ben')).toBeLessThan(0.001)
    await Promise.all([untilHeard(ana, 'Ben'), untilHeard(guest, 'Ben')])
    expect(await loudnessOf(guest, 'Cleo')).toBeLessThan(0.001)
    expect(await loudnessOf(ana, 'Bot')).toBe(null)
    await guest.context().close()
  })

  it('come late, write, are renamed, leave, drop out in the middle of a sentence and come back', async () => {
    const room = sandbox.rooms.room('scene')
    await using people = await play('scene', [
      {
        name: 'Ana',
        writes: [{ text: 'Hello', atMs: 300 }],
        renames: [{ to: 'Ana Lind', atMs: 500 }],
        leavesAtMs: 900,
      },
      { name: 'Ben', says: [{ clip: 'kal-visit', atMs: 400 }], dropsOutAtMs: 700 },
      { name: 'Ben', joinsAtMs: 1_000 },
      { name: 'Ben', joinsAtMs: 1_000 },
    ])
    await people.finished
    await room.until(({ visits }) => visits.length === 4)
    expect(people.deeds.filter(({ name }) => name === 'Ana').map(({ did }) => did)).toEqual([
      'join',
      'write',
      'rename',
      'leave',
    ])
    expect(room.chat.map(({ text }) => text)).toEqual(['Hello'])
    expect(room.visits.map(({ joinedAs, name, end }) => [joinedAs, name, end]).sort()).toEqual([
      ['Ana', 'Ana Lind', 'left'],
      ['Ben', 'Ben', null],
      ['Ben', 'Ben', null],
      ['Ben', 'Ben', 'dropped'],
    ])
    expect(room.peak(({ joinedAs }) => joinedAs === 'Ben')).toBe(2)
  })

  it('keep silent while they wait in the lobby', async () => {
    const room = sandbox.rooms.room('lobby')
    room.lobby = true
    await using people = await play('lobby', [{ name: 'Ana', says: [{ clip: 'slt-closing', atMs: 300 }] }])
    await people.finished
    expect(people.deeds.map(({ did }) => did)).toEqual(['join', 'missed'])
    expect(room.waiting().map(({ name }) => name)).toEqual(['Ana'])
  })

  it('are twenty in one room, and somebody who listens is connected to each', async () => {
    const room = sandbox.rooms.room('twenty')
    const guest = await openGuest(browser, `${sandbox.origin}/rooms/twenty`, 'Bot')
    await statusIn(guest, 'meeting')
    const cast = Array.from({ length: 20 }, (_, index) => ({ name: `Person ${index + 1}` }))
    const speaking = cast.map((one, index) =>
      index < 4 ? { ...one, says: [{ clip: 'slt-opening', atMs: 1_000 }] } : one,
    )
    await using people = await play('twenty', speaking)
    await room.until(({ participants }) => participants().length === 21)
    await guest.locator('#participants li[data-connection=connected]').nth(19).waitFor()
    await startMeter(guest)
    await Promise.all(cast.slice(0, 4).map(({ name }) => untilHeard(guest, name)))
    expect(await namesOn(guest)).toHaveLength(21)
    expect(await guest.locator('audio').count()).toBe(20)
    expect(room.peak()).toBe(21)
    await people[Symbol.asyncDispose]()
    await room.until(({ participants }) => participants().length === 1)
    expect(room.visits.filter(({ end }) => end === 'dropped')).toHaveLength(20)
    await guest.context().close()
  })
})
