import { createHash } from 'node:crypto'
import { AppError } from '../../../base/errors.ts'
import { newId } from '../../../base/ids.ts'
import { inTransaction, type Transaction } from '../../../platform/db/index.ts'
import { randomToken } from '../../../platform/secrets/index.ts'
import { recordAudit } from '../../people/index.ts'
import type { ConnectionDeps } from '../connection.ts'
import { readdressEvents } from '../event-store.ts'
import { CALENDAR_SCOPES } from '../providers/registry.ts'
import { checkState, digest, type StateDeps, spentState, writeState } from './consent-state.ts'
import { findDelegatedCalendar, readConsentCredential, storeConsentCalendar, useConsentOnce } from './consent-store.ts'
import { type ConsentingAccount, exchangeCode, readAccount, type SignInDeps } from './google-sign-in.ts'

export interface ConsentDeps extends StateDeps, SignInDeps, ConnectionDeps {
  addresses: { authorizeUrl: URL; tokenUrl: URL; userinfoUrl: URL }
  /** Whose accounts may be connected; with none, an administrator has to be there. */
  orgDomains: readonly string[]
  /** Wakes the first sync of a calendar, in the transaction that stores it. */
  connected(trx: Transaction, calendarId: string): Promise<void>
}

const SCOPES = ['openid', 'email', ...CALENDAR_SCOPES]

/**
 * Where a person goes to consent, and the secret that their browser keeps until they come back: it binds the answer to this browser, and
 * is the code verifier (PKCE) without which the answer is worth nothing. Changes nothing.
 */
export function beginConsent(
  deps: ConsentDeps,
  input: { redirectUri: string; loginHint?: string },
): { location: string; browserSecret: string } {
  const browserSecret = randomToken()
  const location = new URL(deps.addresses.authorizeUrl)
  const query = {
    response_type: 'code',
    client_id: deps.client.id,
    redirect_uri: input.redirectUri,
    scope: SCOPES.join(' '),
    state: writeState(deps, browserSecret, deps.clock.now()),
    code_challenge: createHash('sha256').update(browserSecret).digest('base64url'),
    code_challenge_method: 'S256',
    access_type: 'offline',
    // Otherwise a refresh token comes with the very first consent only, and whoever lost it could never connect again.
    prompt: 'consent',
    ...(input.loginHint === undefined ? {} : { login_hint: input.loginHint }),
  }
  for (const [name, value] of Object.entries(query)) location.searchParams.set(name, value)
  return { location: location.href, browserSecret }
}

/** What a browser brings back from Google. */
export interface ConsentAnswer {
  code: string | undefined
  state: string | undefined
  error: string | undefined
  /** What the browser kept since the consent was begun. */
  browserSecret: string | undefined
  redirectUri: string
  /** Whether an administrator is signed in here, who may connect an account from outside the organisation. */
  isAdmin: boolean
  /** The network address of the browser, where it is known. */
  from?: string | null | undefined
}

export interface ConsentResult {
  outcome: 'connected' | 'connected_again' | 'already_delegated'
  calendarId: string
  email: string
}

/**
 * Connects the calendar of whoever consented. Each answer works once, in the browser that began it. Throws an `AppError` whose message
 * says what happened and what to do; then nothing was connected.
 */
export async function completeConsent(deps: ConsentDeps, answer: ConsentAnswer): Promise<ConsentResult> {
  const { state = '', browserSecret, code, error } = answer
  checkState(deps, state, browserSecret, deps.clock.now())
  if (!(await useConsentOnce(deps.db, digest(state), deps.clock.now()))) throw spentState('It was used before.')
  if (error !== undefined) throw refusedByPerson(error)
  if (code === undefined || browserSecret === undefined) throw spentState('It holds no code.')
  const tokens = await exchangeCode(deps, { code, verifier: browserSecret, redirectUri: answer.redirectUri })
  requireScopes(tokens.scopes)
  const account = await readAccount(deps, tokens.accessToken)
  requireDomain(account, deps.orgDomains, answer.isAdmin)
  return inTransaction(deps.db, async (trx) => {
    const delegated = await findDelegatedCalendar(trx, account)
    if (delegated !== undefined) return { outcome: 'already_delegated', calendarId: delegated, email: account.email }
    const kept = await readConsentCredential(trx, account.accountId)
    const credential = tokens.refreshToken === undefined ? kept : deps.encrypt(tokens.refreshToken)
    if (credential === undefined) throw noRefreshToken()
    const { id, former } = await storeConsentCalendar(trx, { id: newId(), ...account, credential }, deps.clock.now())
    if (former && former.ownerEmail !== account.email)
      await deps.reconcile(trx, await readdressEvents(trx, former, account.email, deps.clock.now()))
    await deps.connected(trx, id)
    const entry = { at: deps.clock.now(), by: account.email, from: answer.from, subject: id }
    await recordAudit(trx, { ...entry, action: 'consent_given', detail: { isNew: !former } })
    return { outcome: former ? 'connected_again' : 'connected', calendarId: id, email: account.email }
  })
}

/** People may untick what was asked for; what Google answers is what they allowed. */
function requireScopes(given: readonly string[]): void {
  const missing = CALENDAR_SCOPES.filter((scope) => !given.includes(scope))
  if (missing.length === 0) return
  throw new AppError(
    'consent_scope_missing',
    'The box that lets us see your calendar was not ticked. Begin again and leave it ticked; nothing was connected.',
    { details: { missing } },
  )
}

function requireDomain({ email }: ConsentingAccount, orgDomains: readonly string[], isAdmin: boolean): void {
  const domain = email.slice(email.indexOf('@') + 1)
  if (isAdmin || orgDomains.includes(domain)) return
  throw new AppError(
    'consent_domain_refused',
    orgDomains.length === 0
      ? 'This installation does not say whose calendars may be connected, so that only its administrators can. Sign in as one first, or ask one to set ORG_DOMAINS.'
      : `${email} does not belong to this organisation (${orgDomains.join(', ')}). Choose your account there, or ask an administrator.`,
    { details: { domain } },
  )
}

function noRefreshToken(): AppError {
  return new AppError(
    'consent_no_refresh_token',
    'Google gave no permission that lasts. Take away the access of this app in your Google account (Security, third-party access), then connect again.',
  )
}

const refusals: Record<string, string> = {
  access_denied:
    'You did not allow access to your calendar, so that nothing was connected. Begin again if that was not meant.',
  admin_policy_enforced:
    "Your organisation's policy at Google blocks this app. Its Google administrator has to trust it in the Admin console (Security, API controls).",
  org_internal: 'This app is for accounts of its own organisation at Google only. Choose your account there.',
  redirect_uri_mismatch:
    'Google does not accept our redirect address. The administrator has to enter it with the OAuth client, letter by letter.',
  disallowed_useragent: 'Google does not let anybody sign in from inside another app. Open this page in a browser.',
}

function refusedByPerson(error: string): AppError {
  const isKnown = Object.hasOwn(refusals, error)
  return new AppError(
    'consent_refused',
    isKnown
      ? (refusals[error] as string)
      : 'Google did not connect the calendar. Begin again; if it happens again, ask an administrator.',
    { details: { said: error.slice(0, 100) } },
  )
}
