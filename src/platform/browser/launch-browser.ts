import { rm, statfs } from 'node:fs/promises'
import { type Browser, type CDPSession, chromium } from 'playwright-core'
import { AppError, describeError } from '../../base/errors.ts'
import { within } from '../../base/within.ts'
import { makeHome } from './browser-home.ts'
import type { FoundBrowser } from './find-browser.ts'
import { endProcessGroup, groupOfProcess } from './process-group.ts'

interface LaunchBrowserOptions {
  browser: FoundBrowser
  /** Further switches, such as those for media. */
  args?: readonly string[]
  /** Told at most once a launch: what about this browser an administrator might want to change. */
  say?: (message: string) => void
  /** Called when the browser is gone without having been closed. */
  onCrash?: () => void
}

/** A running browser. Disposing of it ends it and waits for that, and kills it where it stands still. */
export interface RunningBrowser extends AsyncDisposable {
  readonly browser: Browser
  readonly version: string
  /** The group of all its processes, for whoever has to end them when this process cannot. */
  readonly processGroup: number
  /** Resolves when the browser answers; where it stands still, never. */
  answer(): Promise<void>
  /** Ends it at once, whatever it is doing; `onCrash` is told. */
  kill(): void
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
/** Each bot has a window, and the suggestions of its address bar are a page in a process of 55 MB (Chromium 156, November 2026). */
const ADDRESS_BAR = ['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup', 'WebUIOmniboxFullPopup']
/** What playwright-core 1.65 switches off. Of two such switches the browser obeys the last. */
const NOT_FOR_PROGRAMS = [
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsUpgrades',
  'HttpsFirstBalancedModeAutoEnable',
  'LensOverlay',
  'MediaRouter',
  'PaintHolding',
  'ThirdPartyStoragePartitioning',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'TcpPortRandomizationWin',
  'OptimizationHints',
  'NetworkTimeServiceQuerying',
  'AimEnabled',
  'PreconnectToSearch',
  'msForceBrowserSignIn',
  'msEdgeUpdateLaunchServicesPreferredVersion',
]
const FEATURES_OFF = `--disable-features=${[...NOT_FOR_PROGRAMS, ...ADDRESS_BAR].join(',')}`
const SMALL_SHM_BYTES = 512 * 1024 * 1024
/** Where many start at once on a busy machine, each takes its time. */
const LAUNCH_MS = 60_000
const FIRST_ANSWER_MS = 20_000
const CLOSE_MS = 5_000

/**
 * Starts Chromium: silent on the network, in its own sandbox where the kernel and our user allow it. Throws `browser_broken` with what the
 * browser said where it does not start.
 */
export async function launchBrowser(options: LaunchBrowserOptions): Promise<RunningBrowser> {
  const home = makeHome()
  const common = [
    ...QUIET,
    FEATURES_OFF,
    ...((await isShmSmall()) ? ['--disable-dev-shm-usage'] : []),
    ...(options.args ?? []),
  ]
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
      timeout: LAUNCH_MS,
    })
  try {
    const { browser, isSandboxed } = await launchSafest(launch, options.say)
    const late = () => new Error(`It started and did not answer within ${FIRST_ANSWER_MS / 1_000} s.`)
    const asked = await within(FIRST_ANSWER_MS, askForGroup(browser), late).catch((error: unknown) => {
      // Not waited for: it would not answer this either, and ends with our process.
      browser.close().catch(() => {})
      throw error
    })
    return running({ browser, isSandboxed, home, ...asked, onCrash: options.onCrash })
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

/** Learns which processes it is made of, over a line on which it is asked for signs of life later. */
async function askForGroup(browser: Browser): Promise<{ line: CDPSession; processGroup: number }> {
  const line = await browser.newBrowserCDPSession()
  const { processInfo } = await line.send('SystemInfo.getProcessInfo')
  const pid = processInfo.find(({ type }) => type === 'browser')?.id
  if (pid === undefined) throw new Error('It does not say which process it is.')
  return { line, processGroup: groupOfProcess(pid) }
}

function running(started: {
  browser: Browser
  isSandboxed: boolean
  home: string
  line: CDPSession
  processGroup: number
  onCrash: LaunchBrowserOptions['onCrash']
}): RunningBrowser {
  const { browser, isSandboxed, home, line, processGroup, onCrash } = started
  let isClosing = false
  browser.on('disconnected', () => {
    if (!isClosing) onCrash?.()
  })
  const kill = () => endProcessGroup(processGroup)
  return {
    browser,
    version: browser.version(),
    isSandboxed,
    processGroup,
    kill,
    async answer() {
      await line.send('Browser.getVersion')
    },
    async [Symbol.asyncDispose]() {
      isClosing = true
      const closing = browser.close()
      const late = () => new Error('The browser did not end')
      await within(CLOSE_MS, closing, late).catch(kill)
      await within(CLOSE_MS, closing, late).catch(() => {})
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
