import { type CheckReport, failed, ok, warning } from '../../../../base/check-report.ts'
import type { AppError } from '../../../../base/errors.ts'
import type { CheckParts } from '../provider.ts'
import { CALENDAR_SCOPES, DIRECTORY_SCOPES, GROUP_SCOPES } from './access.ts'
import { noticeAddressOf, redirectUriOf } from './own-addresses.ts'
import { type TrialDeps, tryNotices, tryScope } from './try-delegation.ts'

const TOLERATED_SKEW_MS = 60_000
const CONSOLE = 'Admin console, Security, Access and data control, API controls, Domain-wide delegation'

/** Whether Google lets us in: each scope is tried with a named person. Nothing where Google is not configured. */
export async function checkGoogle({ config, secrets, http, clock }: CheckParts): Promise<CheckReport[]> {
  const reports = checkConsent({ config, secrets })
  const { googleServiceAccount: serviceAccount } = secrets
  if (!serviceAccount) return reports
  const { adminEmail, addresses } = config.google
  const person = config.pilotUsers[0] ?? adminEmail
  // A warning of the settings says that.
  if (person === undefined) return reports
  const deps: TrialDeps = { http, clock, serviceAccount, addresses }
  const scopes = [...CALENDAR_SCOPES, ...(adminEmail === undefined ? [] : [...DIRECTORY_SCOPES, ...GROUP_SCOPES])]
  const explain = (error: AppError) => explainRefusal(error, serviceAccount.clientId, scopes)

  const calendar = await tryScope(deps, { subject: person, scope: CALENDAR_SCOPES[0], api: 'calendar' })
  reports.push(
    calendar.problem
      ? failed('google', `The calendar of ${person} cannot be read. ${explain(calendar.problem)}`)
      : ok('google', `The calendar of ${person} can be read.`),
  )
  if (calendar.clockSkewMs !== undefined && calendar.clockSkewMs > TOLERATED_SKEW_MS) {
    const seconds = Math.round(calendar.clockSkewMs / 1_000)
    reports.push(warning('clock', `This machine's clock is ${seconds} s away from Google's. Set it by NTP.`))
  }
  if (adminEmail !== undefined) {
    const directory = await tryScope(deps, { subject: adminEmail, scope: DIRECTORY_SCOPES[0], api: 'admin' })
    reports.push(
      directory.problem
        ? failed('directory', `The domain's users cannot be listed as ${adminEmail}. ${explain(directory.problem)}`)
        : ok('directory', `The domain's users can be listed as ${adminEmail}.`),
    )
    if (!directory.problem) reports.push(await checkGroups(deps, adminEmail, explain))
  }
  if (calendar.token !== undefined) reports.push(await checkNotices(deps, calendar.token, noticeAddressOf(config)))
  return reports
}

/** A right of its own, without which everything else works: who is invited through a group is then not known. */
async function checkGroups(
  deps: TrialDeps,
  adminEmail: string,
  explain: (error: AppError) => string,
): Promise<CheckReport> {
  const { problem } = await tryScope(deps, { subject: adminEmail, scope: GROUP_SCOPES[0], api: 'none' })
  if (!problem) return ok('groups', 'The members of groups can be listed.')
  const without = 'Whoever is invited only through a group does not count as invited.'
  return warning(
    'groups',
    `The members of groups cannot be listed; the scope for it is ${GROUP_SCOPES[0]}. ${without} ${explain(problem)}`,
  )
}

async function checkNotices(deps: TrialDeps, token: string, address: string | undefined): Promise<CheckReport> {
  if (address === undefined) {
    return warning(
      'notices',
      'There is no public https address, so that calendars are looked at every few minutes. Set SITE_URL, or GOOGLE_CALENDAR_WEBHOOK_URL.',
    )
  }
  const { problem } = await tryNotices(deps, { token, address })
  return problem
    ? warning('notices', `Google does not send notices of changes to ${address}. ${problem.message}`)
    : ok('notices', `Google sends notices of changes to ${address}.`)
}

const AUTHORISATION = ['google_org_not_authorized', 'google_org_policy', 'google_scope_missing', 'google_grant_invalid']

/** What Google said, and where it is about the Admin console, what to paste there. */
function explainRefusal({ code, message }: AppError, clientId: string, scopes: readonly string[]): string {
  if (!AUTHORISATION.includes(code)) return message
  return `${message} In the ${CONSOLE}, the client id is ${clientId} and the scopes are ${scopes.join(',')}`
}

function checkConsent({ config, secrets }: Pick<CheckParts, 'config' | 'secrets'>): CheckReport[] {
  if (secrets.googleOauthClient === undefined) return []
  const address = redirectUriOf({ config, secrets })?.href
  if (address === undefined) {
    return [warning('consent', 'Without SITE_URL people can connect their Google calendar on this machine only.')]
  }
  return [ok('consent', `People connect their Google calendar by themselves; the redirect address is ${address}`)]
}
