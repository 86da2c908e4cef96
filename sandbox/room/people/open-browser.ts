import {
  type FoundBrowser,
  findBrowser,
  launchBrowser,
  type RunningBrowser,
} from '../../../src/platform/browser/index.ts'

export type Browser = RunningBrowser['browser']
export type BrowserContext = Awaited<ReturnType<Browser['newContext']>>
export type Page = Awaited<ReturnType<BrowserContext['newPage']>>

const FLAGS = [
  // Nobody presses a key in the pages of pretend people.
  '--autoplay-policy=no-user-gesture-required',
  // With leave to use a microphone, connections then need nothing but the loopback interface.
  '--allow-loopback-in-peer-connection',
]

/** A browser for pretend people: the given program, else an installed one. Throws where there is none. */
export async function openBrowser(program?: FoundBrowser): Promise<RunningBrowser> {
  return launchBrowser({ browser: program ?? (await findBrowser({})), args: FLAGS })
}
