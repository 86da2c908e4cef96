import type { Browser, Page } from '../people/open-browser.ts'

/** Somebody at a room's page, as a bot is: without a microphone, with nothing but the page's own buttons. */
export async function openGuest(browser: Browser, roomUrl: string, name: string): Promise<Page> {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(roomUrl)
  await page.locator('body[data-ready]').waitFor()
  await page.getByLabel('Your name', { exact: true }).fill(name)
  await page.getByRole('button', { name: 'Join' }).click()
  return page
}

/** Resolves when the page is in this state, and answers the text of state that it shows. */
export async function statusIn(page: Page, state: string): Promise<string | null> {
  await page.locator(`body[data-state=${state}]`).waitFor()
  return page.locator('.status:visible').textContent()
}

/** The names in the list of participants, without the mark of the own one. */
export function namesOn(page: Page): Promise<string[]> {
  return page.locator('#participants [data-name]').allTextContents()
}

/** Begins to measure what is heard of each participant. */
export async function startMeter(page: Page): Promise<void> {
  await page.evaluate(METER)
}

/** Resolves as soon as this participant was heard. */
export async function untilHeard(page: Page, name: string): Promise<void> {
  await page.evaluate(`window.untilLouder(${JSON.stringify(name)}, 0.05)`)
}

/** The loudest instant of a participant since the meter began, 0 to 1; null where no sound arrives that could be measured. */
export function loudnessOf(page: Page, name: string): Promise<number | null> {
  return page.evaluate(`window.loudness(${JSON.stringify(name)})`)
}

// A text, since a compiled function may refer to what the page does not have.
const METER = `{
  const context = new AudioContext()
  const meters = new Map()
  const loudest = new Map()
  const samples = new Float32Array(2048)
  window.loudness = (name) => {
    const items = [...document.querySelectorAll('#participants li')]
    const item = items.find((one) => one.querySelector('[data-name]').textContent === name)
    return loudest.get(item?.dataset.participantId) ?? null
  }
  // Not waitForFunction: it compiles text in the page, which the page's policy forbids.
  window.untilLouder = (name, level) =>
    new Promise((resolve) => {
      const timer = setInterval(() => {
        if (window.loudness(name) < level) return
        clearInterval(timer)
        resolve()
      }, 40)
    })
  setInterval(() => {
    for (const sound of document.querySelectorAll('audio')) {
      const id = sound.dataset.participantId
      if (!sound.srcObject) continue
      if (!meters.has(id)) {
        const meter = context.createAnalyser()
        context.createMediaStreamSource(sound.srcObject).connect(meter)
        meters.set(id, meter)
      }
      meters.get(id).getFloatTimeDomainData(samples)
      const level = Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length)
      loudest.set(id, Math.max(level, loudest.get(id) ?? 0))
    }
  }, 40)
}`
