import { inject } from 'vitest'
import { findBrowser, launchBrowser, type RunningBrowser } from '../../src/platform/browser/index.ts'

/** Where a browser is looked for: CHROMIUM_PATH, an installed one, else the packaged one, which the run unpacks once. */
export const browserOptions = inject('browser')

/** Throws where there is none, with what to do: a run without a browser has shown nothing. */
export async function launchTestBrowser(args: readonly string[] = [], onCrash = () => {}): Promise<RunningBrowser> {
  return launchBrowser({ browser: await findBrowser(browserOptions), args, onCrash })
}
