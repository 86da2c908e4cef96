import { randomBytes } from 'node:crypto'
import type { Page } from 'playwright-core'
import type { PlatformAdapter } from '../../../platforms/platform.ts'
import { readPageScript } from './read-page-script.ts'
import { type CaptureReport, readReport } from './read-report.ts'

const MIX_BITRATE = 24_000
const VOICE_BITRATE = 20_000
const FLUSH_MS = 500
// About −50 dB of full scale: above what is left of a quiet room after noise suppression, below a low voice.
const SOUND_AT = 0.003

/** The capture of one page. */
interface PageCapture {
  /** Begins the recording; answers the instant of its first sample. */
  start(): Promise<Date>
  /** Resolves when the last report has arrived. */
  stop(): Promise<void>
}

/**
 * Puts the capture into a page that was not opened yet. Its reports come as text over the debugging channel: no connection is made for
 * them, so no policy of the page can forbid it.
 */
export async function attachCapture(
  page: Page,
  adapter: Pick<PlatformAdapter, 'ownerOfTrack'>,
  onReport: (report: CaptureReport) => void,
): Promise<PageCapture> {
  // Names that no page knows, so that none stumbles over them.
  const [way, handle] = [`_${randomBytes(8).toString('hex')}`, `_${randomBytes(8).toString('hex')}`]
  const session = await page.context().newCDPSession(page)
  session.on('Runtime.bindingCalled', ({ name, payload }) => {
    const report = name === way ? readReport(payload) : undefined
    if (report) onReport(report)
  })
  // Without it a binding comes only after the scripts that run first.
  await session.send('Runtime.enable')
  await session.send('Runtime.addBinding', { name: way })
  const numbers = { mixBitrate: MIX_BITRATE, voiceBitrate: VOICE_BITRATE, flushMs: FLUSH_MS, soundAt: SOUND_AT }
  await page.addInitScript({
    content: `(() => {
if (window !== window.top || window['${handle}']) return
${await readPageScript()}
const send = window['${way}']
if (!send) return
delete window['${way}']
const capture = bundle.installCapture({ send, ownerOf: ${adapter.ownerOfTrack}, ...${JSON.stringify(numbers)} })
Object.defineProperty(window, '${handle}', { value: capture })
})()`,
  })
  return {
    start: async () => new Date(await page.evaluate<number>(`window['${handle}'].start()`)),
    stop: () => page.evaluate<void>(`window['${handle}'].stop()`),
  }
}
