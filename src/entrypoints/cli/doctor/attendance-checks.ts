import { type CheckReport, failed, ok, warning } from '../../../base/check-report.ts'
import { describeError } from '../../../base/errors.ts'
import { VERSION } from '../../../base/version.ts'
import { checkAttendee, chooseRunners, listJoinable } from '../../../features/attendance/index.ts'
import { defaultModelDir, verifyModel } from '../../../features/transcripts/index.ts'
import { findBrowser } from '../../../platform/browser/index.ts'
import type { Config, Secrets } from '../../../platform/config/index.ts'
import { createHttpClient } from '../../../platform/http/index.ts'
import { checkAttendeeTexts } from './attendee-checks.ts'

/** What bots need: a browser, something that turns speech into text, and a way to join each platform. */
export async function checkAttendanceNeeds(config: Config, secrets: Secrets): Promise<CheckReport[]> {
  return [await checkBrowser(config), await checkSpeech(config), ...(await checkWaysToJoin(config, secrets))]
}

/** Which platforms can be joined, and whether the Attendee server that is to do it would. */
export async function checkWaysToJoin(config: Config, secrets: Secrets): Promise<CheckReport[]> {
  return [
    checkRunners(config, secrets),
    ...(await checkAttendeeServer(config, secrets)),
    ...(secrets.attendee ? checkAttendeeTexts(config) : []),
  ]
}

function checkRunners({ runners }: Config, { attendee }: Secrets): CheckReport {
  try {
    const { yes, no } = listJoinable(chooseRunners(runners, { attendee: attendee !== undefined }))
    if (yes.length === 0)
      return warning('platforms', 'None can be joined yet. Set ATTENDEE_API_URL and ATTENDEE_API_KEY.')
    return ok(
      'platforms',
      `${yes.join(', ')} can be joined.${no.length > 0 ? ` There is no way to join ${no.join(', ')} yet.` : ''}`,
    )
  } catch (error) {
    return failed('platforms', describeError(error))
  }
}

async function checkAttendeeServer({ allowPrivateHosts, proxy, server }: Config, { attendee }: Secrets) {
  if (attendee === undefined) return []
  const { url, apiKey, webhookSecret } = attendee
  await using http = createHttpClient({
    allowPrivateHosts,
    proxyUrl: proxy.url,
    ...(proxy.noProxy === undefined ? {} : { noProxy: proxy.noProxy }),
    userAgent: `Rapporteur/${VERSION}`,
  })
  try {
    await checkAttendee({ http, url, apiKey })
  } catch (error) {
    return [failed('attendee', describeError(error))]
  }
  const hint =
    webhookSecret === undefined
      ? 'Without ATTENDEE_WEBHOOK_SECRET its notices are not taken: what happens to a bot is seen at the next look, some seconds later.'
      : server.siteUrl?.protocol === 'https:'
        ? undefined
        : 'It cannot send us notices without a SITE_URL with https: what happens to a bot is seen at the next look, some seconds later.'
  const said = `The server at ${url.origin} answers and takes our key.`
  return [hint === undefined ? ok('attendee', said) : warning('attendee', `${said} ${hint}`)]
}

async function checkBrowser({ chromiumPath, dataDir }: Config): Promise<CheckReport> {
  try {
    const { path, source } = await findBrowser({ configuredPath: chromiumPath, dataDir })
    const hint = source === 'packaged' ? ' Its security fixes come with new versions of Rapporteur only.' : ''
    return ok('browser', `${path} (${source}).${hint}`)
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
