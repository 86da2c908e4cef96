import { describeError } from '../../../base/errors.ts'
import { defaultModelDir, verifyModel } from '../../../features/transcripts/index.ts'
import { findBrowser } from '../../../platform/browser/index.ts'
import type { Config } from '../../../platform/config/index.ts'
import { type CheckReport, ok, warning } from './check.ts'

/** What bots need: a browser, and something that turns speech into text. */
export async function checkAttendanceNeeds(config: Config): Promise<CheckReport[]> {
  return [await checkBrowser(config), await checkSpeech(config)]
}

async function checkBrowser({ chromiumPath, dataDir }: Config): Promise<CheckReport> {
  try {
    const { path, source } = await findBrowser({ configuredPath: chromiumPath, dataDir })
    return ok('browser', `${path} (${source}).`)
  } catch (error) {
    return warning('browser', describeError(error))
  }
}

async function checkSpeech({ speech }: Config): Promise<CheckReport> {
  if (speech.apiUrl) return ok('speech', `Speech goes to ${speech.apiUrl.origin} to become text.`)
  const problems = await verifyModel(defaultModelDir)
  return problems.length === 0
    ? ok('speech', 'The model of this machine is complete.')
    : warning('speech', problems.join(' '))
}
