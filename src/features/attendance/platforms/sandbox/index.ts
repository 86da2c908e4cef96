import type { PlatformAdapter } from '../platform.ts'
import { observeRoom } from './observe-room.ts'

const STEP_TIMEOUT_MS = 10_000

/** The sandbox's meeting room. */
export const sandboxRoom: PlatformAdapter = {
  name: 'sandbox',
  ownerOfTrack: (track) => {
    for (const sound of document.querySelectorAll<HTMLAudioElement>('audio[data-participant-id]')) {
      if (sound.srcObject instanceof MediaStream && sound.srcObject.getTracks().includes(track))
        return sound.dataset.participantId ?? null
    }
    return null
  },
  async open(page, { url, name }) {
    const answer = await page.goto(url, { waitUntil: 'domcontentloaded', timeout: STEP_TIMEOUT_MS })
    // Observed as not found.
    if (answer && answer.status() >= 400) return
    await page.locator('body[data-ready]').waitFor({ timeout: STEP_TIMEOUT_MS })
    const door = page.locator('#join')
    await door.locator('[name=name]').fill(name, { timeout: STEP_TIMEOUT_MS })
    await door.locator('[name=speaks]').setChecked(false, { timeout: STEP_TIMEOUT_MS })
    await door.locator('[name=hears]').setChecked(true, { timeout: STEP_TIMEOUT_MS })
  },
  // The server sends whoever comes by another name to the room's own address.
  roomAddress: (page) =>
    page.evaluate(() => (document.getElementById('join') === null ? null : location.origin + location.pathname)),
  async requestJoin(page) {
    await page.locator('#join button').click({ timeout: STEP_TIMEOUT_MS })
  },
  observe: observeRoom,
  async say(page, text) {
    const own = page.locator('#participants [data-self]')
    const id = await own.getAttribute('data-participant-id', { timeout: STEP_TIMEOUT_MS })
    await page.locator('#write [name=text]').fill(text, { timeout: STEP_TIMEOUT_MS })
    await page.locator('#write button').click({ timeout: STEP_TIMEOUT_MS })
    const line = page.locator(`#chat [data-from="${id}"] span`).filter({ hasText: text })
    return line
      .first()
      .waitFor({ state: 'attached', timeout: STEP_TIMEOUT_MS })
      .then(
        () => true,
        () => false,
      )
  },
  async leave(page) {
    // One click in the page itself: it asks for no layout, so it also works while the page is busy.
    await page.evaluate(() => {
      const buttons = [...document.querySelectorAll<HTMLElement>('[data-action=leave]')]
      buttons.find((button) => button.offsetParent !== null)?.click()
    })
  },
}
