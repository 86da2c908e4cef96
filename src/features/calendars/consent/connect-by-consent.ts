import { createHash } from 'node:crypto'
import { AppError } from '../../../base/errors.ts'
import { newId } from '../../../base/ids.ts'
import { inTransaction, type Transaction } from '../../../platform/db/index.ts'
import { randomToken } from '../../../platform/secrets/index.ts'
import { recordAudit } from '../../people/index.ts'
import type { ConnectionDeps } from '../connection.ts'
import { readdressEvents } from '../event-store.ts'
import type { ProviderAccount, ProviderConsent } from '../providers/provider-consent.ts'
import { type ProviderName, type Providers, providerNamed } from '../providers/registry.ts'
import { checkState, digest, type StateDeps, spentState, writeState } from './consent-state.ts'
import { findDelegatedCalendar, readConsentCredential, storeConsentCalendar, useConsentOnce } from './consent-store.ts'

export interface ConsentDeps extends StateDeps, ConnectionDeps {
  providers: Providers
  /** Whose accounts may be connected; with none, an administrator has to be there. */
  orgDomains: readonly string[]
  /** Wakes the first sync of a calendar, in the transaction that stores it. */
  connected(trx: Transaction, calendarId: string): Promise<void>
}

/**
 * Where a person goes to consent, and the secret that their browser keeps until they come back: it binds the answer to this browser, and
 * is the code verifier (PKCE) without which the answer is worth nothing. Changes nothing. Throws `consent_off` where it is not set up.
 */
export function beginConsent(
  deps: ConsentDeps,
  input: { provider: ProviderName; redirectUri: string; loginHint?: string },
): { location: string; browserSecret: string } {
  const { provider, ...given } = input
  const consent = consentOf(deps, provider)
  const browserSecret = randomToken()
  const state = writeState(deps, { provider, browserSecret }, deps.clock.now())
  const codeChallenge = createHash('sha256').update(browserSecret).digest('base64url')
  return { location: consent.locate({ ...given, state, codeChallenge }).href, browserSecret }
}

/** What a browser brings back from a provider. */
export interface ConsentAnswer {
  provider: ProviderName
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
  const { provider, state = '', browserSecret, code, error } = answer
  const consent = consentOf(deps, provider)
  checkState(deps, state, answer, deps.clock.now())
  if (!(await useConsentOnce(deps.db, digest(state), deps.clock.now())))
    throw spentState(provider, 'It was used before.')
  if (error !== undefined) throw consent.explainRefusal(error)
  if (code === undefined || browserSecret === undefined) throw spentState(provider, 'It holds no code.')
  const brought = await consent.redeem({ code, verifier: browserSecret, redirectUri: answer.redirectUri })
  const { account, refreshToken } = brought
  requireDomain(account, deps.orgDomains, answer.isAdmin)
  return inTransaction(deps.db, async (trx) => {
    const delegated = await findDelegatedCalendar(trx, provider, account)
    if (delegated !== undefined) return { outcome: 'already_delegated', calendarId: delegated, email: account.email }
    const kept = await readConsentCredential(trx, provider, account.accountId)
    const credential = refreshToken === undefined ? kept : deps.encrypt(refreshToken)
    if (credential === undefined) throw consent.explainMissingGrant()
    const addressLabel = deps.providers[provider].identify(account.email).label
    const calendar = { id: newId(), provider, addressLabel, credential, ...account }
    const { id, former } = await storeConsentCalendar(trx, calendar, deps.clock.now())
    if (former && former.ownerEmail !== account.email)
      await deps.reconcile(trx, await readdressEvents(trx, former, account.email, deps.clock.now()))
    await deps.connected(trx, id)
    const entry = { at: deps.clock.now(), by: account.email, from: answer.from, subject: id }
    await recordAudit(trx, { ...entry, action: 'consent_given', detail: { isNew: !former } })
    return { outcome: former ? 'connected_again' : 'connected', calendarId: id, email: account.email }
  })
}

function consentOf({ providers }: ConsentDeps, provider: ProviderName): ProviderConsent {
  const { consent } = providers[provider]
  if (!consent) throw consentOff(provider)
  return consent
}

/** Why nobody can connect a calendar of this provider by themselves. */
export function consentOff(provider: ProviderName): AppError {
  const { label, consent: words } = providerNamed(provider).words
  return new AppError(
    'consent_off',
    `Nobody can connect a ${label} calendar by themselves here. An administrator can set that up with ${words?.settings}.`,
  )
}

function requireDomain({ email }: ProviderAccount, orgDomains: readonly string[], isAdmin: boolean): void {
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
