import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { findBrowser, type RunningBrowser } from '../../src/platform/browser/index.ts'
import { browserOptions } from '../../test/support/browser.ts'
import { type Sandbox, startSandbox } from '../start-sandbox.ts'
import { type Browser, openBrowser, type Page } from './people/open-browser.ts'
import { namesOn, openGuest, statusIn } from './testdata/open-guest.ts'

describe('A room’s page', () => {
  let running: RunningBrowser
  let browser: Browser
  let sandbox: Sandbox
  let count = 0
  beforeAll(async () => {
    running = await openBrowser(await findBrowser(browserOptions))
    browser = running.browser
    sandbox = await startSandbox({ clock: systemClock })
  })
  afterAll(async () => {
    await running?.[Symbol.asyncDispose]()
    await sandbox?.[Symbol.asyncDispose]()
  })
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close()
  })

  function setUp() {
    count += 1
    const name = `room-${count}`
    const room = sandbox.rooms.room(name)
    const open = (guest: string) => openGuest(browser, `${sandbox.origin}/rooms/${name}`, guest)
    const idOf = (guest: string) =>
      [...room.participants(), ...room.waiting()].find((one) => one.name === guest)?.id ?? ''
    return { room, open, idOf }
  }
  const leaveButtons = (page: Page) => page.getByRole('button', { name: 'Leave' }).count()

  it('knocks where there is a lobby, and is let in', async () => {
    const { room, open, idOf } = setUp()
    room.lobby = true
    const page = await open('Bot')
    expect(await statusIn(page, 'lobby')).toBe('You asked to join. Please wait until somebody lets you in.')
    expect([await namesOn(page), await leaveButtons(page)]).toEqual([[], 1])
    room.admit(idOf('Bot'))
    expect(await statusIn(page, 'meeting')).toBe('You are in the meeting.')
    expect([await namesOn(page), await leaveButtons(page)]).toEqual([['Bot'], 1])
  })

  it('says why somebody is not in the meeting', async () => {
    const { room, open, idOf } = setUp()
    room.lobby = true
    const [denied, late, removed, ended] = await Promise.all(['denied', 'late', 'removed', 'ended'].map(open))
    await room.until(({ waiting }) => waiting().length === 4)
    if (!denied || !late || !removed || !ended) throw new Error('Four pages were opened')
    room.deny(idOf('denied'))
    room.timeOut(idOf('late'))
    room.admit(idOf('removed'))
    room.remove(idOf('removed'))
    room.end()
    expect(await statusIn(denied, 'denied')).toBe('Your request to join was denied.')
    expect(await statusIn(late, 'lobby_timed_out')).toBe('Nobody answered your request to join.')
    expect(await statusIn(removed, 'removed')).toBe('You were removed from the meeting.')
    expect(await statusIn(ended, 'ended')).toBe('The meeting has ended.')
    expect(await removed.locator('audio, #participants li').count()).toBe(0)
  })

  it('leaves the meeting and the lobby by the same button', async () => {
    const { room, open } = setUp()
    const inside = await open('inside')
    await statusIn(inside, 'meeting')
    room.lobby = true
    const outside = await open('outside')
    await statusIn(outside, 'lobby')
    for (const page of [inside, outside]) {
      await page.getByRole('button', { name: 'Leave' }).click()
      expect(await statusIn(page, 'left')).toBe('You left the meeting.')
    }
    await room.until(({ visits }) => visits.every(({ leftAt }) => leftAt !== null))
    expect(room.visits.map(({ end }) => end)).toEqual(['left', 'left'])
  })

  it('shows who comes, who is renamed and who drops out', async () => {
    const { room, open, idOf } = setUp()
    const page = await open('Bot')
    await statusIn(page, 'meeting')
    const ana = await open('Ana')
    const others = page.locator('#participants li:not([data-self])')
    await others.locator('text=Ana').waitFor()
    const id = idOf('Ana')
    expect(await others.getAttribute('data-participant-id')).toBe(id)
    await page.locator(`#participants li[data-connection=connected][data-participant-id="${id}"]`).waitFor()
    expect(await page.locator(`audio[autoplay][data-participant-id="${id}"]`).isHidden()).toBe(true)
    room.rename(id, 'Ana Lind')
    await others.locator('text=Ana Lind').waitFor()
    await ana.close()
    await others.waitFor({ state: 'detached' })
    expect(await page.locator('audio').count()).toBe(0)
    expect(room.visits.map(({ joinedAs, end }) => [joinedAs, end])).toEqual([
      ['Bot', null],
      ['Ana', 'dropped'],
    ])
  })

  it('shows everybody’s messages, with hostile names and texts as text', async () => {
    const { room, open } = setUp()
    const hostile = '<img src=x onerror="document.title=1">\u202e</li>'
    const page = await open('Bot')
    await statusIn(page, 'meeting')
    const other = await open(hostile)
    await other.getByLabel('Message to everybody').fill('<script>document.title=1</script>')
    await other.getByRole('button', { name: 'Send' }).click()
    for (const one of [page, other]) {
      await one.locator('#chat li').waitFor()
      expect(await one.locator('#chat li b').textContent()).toBe(hostile)
      expect(await one.locator('#chat li span').textContent()).toBe('<script>document.title=1</script>')
      expect([...(await namesOn(one))].sort()).toEqual([hostile, 'Bot'])
      expect(await one.locator('img').count()).toBe(0)
    }
    expect(room.chat.map(({ name }) => name)).toEqual([hostile])
  })

  it('tells a lost connection from a meeting that ended', async () => {
    await using short = await startSandbox({ clock: systemClock })
    const page = await openGuest(browser, `${short.origin}/rooms/den`, 'Bot')
    await statusIn(page, 'meeting')
    await short[Symbol.asyncDispose]()
    expect(await statusIn(page, 'disconnected')).toBe('The connection to the meeting was lost.')
  })
})
