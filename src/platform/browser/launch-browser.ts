import { rm, statfs } from 'node:fs/promises'
import { type Browser, chromium } from 'playwright-core'
import { AppError, describeError } from '../../base/errors.ts'
import { makeHome } from './browser-home.ts'
import type { FoundBrowser } from './find-browser.ts'

export interface LaunchBrowserOptions {
  browser: FoundBrowser
  /** Further switches, such as those for media. */
  args?: readonly string[]
  /** Told at most once a launch: what about this browser an administrator might want to change. */
  say?: (message: string) => void
  /** Called when the browser is gone without having been closed. */
  onCrash?: () => void
}

/** A running browser. Disposing of it ends it and waits for that. */
export interface RunningBrowser extends AsyncDisposable {
  readonly browser: Browser
  readonly version: string
  /** False: it runs without Chromium's own sandbox. */
  readonly isSandboxed: boolean
}

const QUIET = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
  '--disable-gpu',
]
const SMALL_SHM_BYTES = 512 * 1024 * 1024

/**
 * Starts Chromium: silent on the network, in its own sandbox where the kernel and our user allow it. Throws `browser_broken` with what the
 * browser said where it does not start.
 */
export async function launchBrowser(options: LaunchBrowserOptions): Promise<RunningBrowser> {
  const home = makeHome()
  const common = [...QUIET, ...((await isShmSmall()) ? ['--disable-dev-shm-usage'] : []), ...(options.args ?? [])]
  const launch = (isSandboxed: boolean) =>
    chromium.launch({
      executablePath: options.browser.path,
      chromiumSandbox: isSandboxed,
      args: common,
      env: environmentOf(options.browser, home),
      // The one who asked for the browser decides when it leaves the meeting.
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
    })
  try {
    const { browser, isSandboxed } = await launchSafest(launch, options.say)
    return running(browser, isSandboxed, home, options.onCrash)
  } catch (error) {
    await rm(home, { recursive: true, force: true })
    throw new AppError(
      'browser_broken',
      `${options.browser.path} does not start: ${firstLines(describeError(error))}`,
      {
        cause: error,
        retry: 'later',
      },
    )
  }
}

async function launchSafest(
  launch: (isSandboxed: boolean) => Promise<Browser>,
  say: LaunchBrowserOptions['say'],
): Promise<{ browser: Browser; isSandboxed: boolean }> {
  const isRoot = process.getuid?.() === 0
  // Chromium refuses its sandbox to root, so asking costs a failed start and nothing else.
  if (isRoot) say?.('Chromium runs without its sandbox, because this process is root')
  else
    try {
      return { browser: await launch(true), isSandboxed: true }
    } catch (error) {
      if (!/sandbox/i.test(describeError(error))) throw error
      say?.('Chromium runs without its sandbox, because the kernel does not give an ordinary user namespaces')
    }
  return { browser: await launch(false), isSandboxed: false }
}

function running(
  browser: Browser,
  isSandboxed: boolean,
  home: string,
  onCrash: LaunchBrowserOptions['onCrash'],
): RunningBrowser {
  let isClosing = false
  browser.on('disconnected', () => {
    if (!isClosing) onCrash?.()
  })
  return {
    browser,
    version: browser.version(),
    isSandboxed,
    async [Symbol.asyncDispose]() {
      isClosing = true
      await browser.close()
      await rm(home, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

/** Nothing of our own environment reaches the browser: it may hold secrets. */
function environmentOf(browser: FoundBrowser, home: string): Record<string, string> {
  const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
  return {
    PATH: path,
    HOME: home,
    TZ: 'UTC',
    LANG: 'C.UTF-8',
    ...(browser.libraries ? { LD_LIBRARY_PATH: browser.libraries } : {}),
  }
}

async function isShmSmall(): Promise<boolean> {
  // Only Linux has it; where it cannot be asked, Chromium finds its own way.
  if (process.platform !== 'linux') return false
  const shm = await statfs('/dev/shm').catch(() => undefined)
  return !shm || shm.bsize * shm.blocks < SMALL_SHM_BYTES
}

function firstLines(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('[pid=') && !line.startsWith('- '))
    .slice(0, 4)
    .join(' ')
    .slice(0, 500)
}
