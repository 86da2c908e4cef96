import type { Browser } from 'playwright-core'
import type { Clock } from '../../../../base/clock.ts'
import { AppError } from '../../../../base/errors.ts'
import { within } from '../../../../base/within.ts'
import type { PlatformAdapter } from '../../platforms/platform.ts'
import type { AudioEvent, Sitting } from '../runner.ts'
import { attachCapture } from './capture/attach-capture.ts'
import { createMediaWatchdog } from './capture/media-watchdog.ts'
import type { RoomPage } from './life/sit-in-meeting.ts'
import { translatePageError } from './translate-page-error.ts'

/** Where many start at once on a busy machine, each takes its time. */
const OPEN_TIMEOUT_MS = 30_000
const CLOSE_TIMEOUT_MS = 10_000
const LOOK_TIMEOUT_MS = 5_000
const LEAVE_TIMEOUT_MS = 5_000
const STEP_TIMEOUT_MS = 45_000

interface BrowserRoomPage extends RoomPage {
  /** Rejects where it is not closed in time: then its bot may still be in the room. */
  close(withinMs?: number): Promise<void>
}

interface RoomPageDeps {
  browser: Browser
  adapter: PlatformAdapter
  clock: Clock
  sitting: Pick<Sitting, 'botName'>
  onAudio: (event: AudioEvent) => void
}

/** A bot's page in a context of its own, so that bots in one browser know nothing of each other. Throws an `AppError` where the browser gives none. */
export async function openRoomPage(deps: RoomPageDeps): Promise<BrowserRoomPage> {
  const opening = open(deps)
  const late = () =>
    new AppError('page_unresponsive', `The browser opened no page within ${OPEN_TIMEOUT_MS / 1_000} s.`)
  try {
    return await within(OPEN_TIMEOUT_MS, opening, late)
  } catch (error) {
    // Should it come after all, it is nobody's.
    opening.then((page) => page.close()).catch(() => {})
    throw translatePageError(error)
  }
}

async function open(deps: RoomPageDeps): Promise<BrowserRoomPage> {
  const { browser, adapter, clock, sitting } = deps
  const nowMs = () => clock.now().getTime()
  const context = await browser.newContext({ locale: 'en-US', acceptDownloads: false, serviceWorkers: 'block' })
  const page = await context.newPage()
  // Whatever else a meeting opens is not ours to see.
  context.on('page', (other) => void other.close().catch(() => {}))
  const crashed = Promise.withResolvers<never>()
  crashed.promise.catch(() => {})
  page.on('crash', () =>
    crashed.reject(new AppError('browser_crashed', 'The page of the meeting crashed.', { retry: 'later' })),
  )

  let watchdog = createMediaWatchdog(nowMs())
  let heard = new Set<string>()
  const capture = await attachCapture(page, adapter, ({ counts, sounds }) => {
    watchdog.note(counts, nowMs())
    for (const sound of sounds) {
      if (sound.nativeId !== null) heard.add(sound.nativeId)
      deps.onAudio(sound)
    }
  })

  const withDeadline = async <T>(ms: number, step: Promise<T>): Promise<T> => {
    const late = () =>
      new AppError('page_unresponsive', `The page of the meeting did not answer within ${ms / 1_000} s.`)
    try {
      return await within(ms, Promise.race([step, crashed.promise]), late)
    } catch (error) {
      throw translatePageError(error)
    }
  }
  return {
    open: (url) => withDeadline(STEP_TIMEOUT_MS, adapter.open(page, { url, name: sitting.botName })),
    roomAddress: () => withDeadline(LOOK_TIMEOUT_MS, adapter.roomAddress(page)),
    requestJoin: () => withDeadline(STEP_TIMEOUT_MS, adapter.requestJoin(page)),
    observe: () => withDeadline(LOOK_TIMEOUT_MS, adapter.observe(page)),
    async startRecording() {
      const at = await withDeadline(LOOK_TIMEOUT_MS, capture.start())
      watchdog = createMediaWatchdog(nowMs())
      return at
    },
    stopRecording: () => withDeadline(LOOK_TIMEOUT_MS, capture.stop()),
    say: (text) => withDeadline(STEP_TIMEOUT_MS, adapter.say(page, text)),
    leave: () => withDeadline(LEAVE_TIMEOUT_MS, adapter.leave(page)),
    listen(company) {
      const spoke = [...heard]
      heard = new Set()
      return { hearing: watchdog.hearing(company, nowMs()), soundAtMs: watchdog.soundAtMs(), heard: spoke }
    },
    close(withinMs = CLOSE_TIMEOUT_MS) {
      // One that is gone with its browser is closed.
      const closed = context.close().catch(() => {})
      return within(withinMs, closed, () => new Error('The page of the meeting was not closed.'))
    },
  }
}
