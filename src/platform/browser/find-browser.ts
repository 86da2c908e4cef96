import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '../../base/errors.ts'
import { unpackPackagedBrowser } from './packaged-browser.ts'

/** A browser that can be started. */
export interface FoundBrowser {
  path: string
  source: 'configured' | 'installed' | 'packaged'
  /** Folder with the libraries that the packaged browser brings along, since few servers have them. */
  libraries?: string
}

export interface FindBrowserOptions {
  /** CHROMIUM_PATH: a path, or `packaged`. Where it is set, no other browser is looked for. */
  configuredPath?: string | undefined
  /** The packaged browser is unpacked below this folder. Without one it is not used. */
  dataDir?: string | undefined
  /** Where programs are looked for; the usual folders if not given. */
  searchPath?: string
}

/** The cheaper ones first: one that is made to have no windows needs two thirds of the memory (docs/decisions/0031-browsers.md). */
const NAMES = [
  'chromium-headless-shell',
  'chrome-headless-shell',
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
  'microsoft-edge',
]
const FIXED_PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]
const PACKAGED = 'packaged'
const USUAL_FOLDERS = '/usr/local/bin:/usr/bin:/bin:/snap/bin'

/**
 * The browser for bots: the configured one, else an installed one, else the packaged one, which is unpacked where it is first asked for (seconds,
 * 220 MB). Throws `browser_missing`, saying what to do.
 */
export async function findBrowser(options: FindBrowserOptions): Promise<FoundBrowser> {
  const { configuredPath } = options
  if (configuredPath === PACKAGED) {
    const packaged = await findPackaged(options)
    if (packaged) return packaged
    throw new AppError(
      'browser_missing',
      `CHROMIUM_PATH is ${PACKAGED}, and there is no packaged browser for this machine. Set it to the path of Chromium or Chrome.`,
    )
  }
  if (configuredPath !== undefined) {
    if (await isProgram(configuredPath)) return { path: configuredPath, source: 'configured' }
    throw new AppError(
      'browser_missing',
      `CHROMIUM_PATH is ${configuredPath}, and there is no program. Set it to the path of Chromium or Chrome, or remove it to have one looked for.`,
    )
  }
  const installed = await findInstalled(options.searchPath ?? USUAL_FOLDERS)
  if (installed !== undefined) return { path: installed, source: 'installed' }
  const packaged = await findPackaged(options)
  if (packaged) return packaged
  throw new AppError(
    'browser_missing',
    'No browser was found, so no meeting can be joined. Install Chromium (Debian: `apt-get install chromium-headless-shell`) or set CHROMIUM_PATH to one.',
  )
}

async function findPackaged({ dataDir }: FindBrowserOptions): Promise<FoundBrowser | undefined> {
  return dataDir === undefined ? undefined : unpackPackagedBrowser(dataDir)
}

async function findInstalled(searchPath: string): Promise<string | undefined> {
  const folders = searchPath.split(path.delimiter).filter((folder) => folder !== '')
  const places = NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name)))
  if (process.platform === 'darwin') places.push(...FIXED_PLACES)
  for (const place of places) if (await isProgram(place)) return place
  return undefined
}

async function isProgram(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  )
}
