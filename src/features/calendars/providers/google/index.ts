import type { Clock } from '../../../../base/clock.ts'
import { DAY_MS } from '../../../../base/time.ts'
import type { GoogleAddresses, ServiceAccountKey } from '../../../../platform/config/index.ts'
import type { Database } from '../../../../platform/db/index.ts'
import type { HttpClient } from '../../../../platform/http/index.ts'
import { deleteExpiredTokens } from './access-token-store.ts'
import { type AccessTokensDeps, createAccessTokens } from './access-tokens.ts'
import { createApiAlarm } from './api-alarm.ts'
import { createCallBudget, type GoogleRates } from './call-budget.ts'
import { deleteIdleBudgets } from './call-budget-store.ts'
import { createGoogleApi, type GoogleApi } from './google-api.ts'

interface GoogleClientDeps {
  db: Database
  http: HttpClient
  clock: Clock
  encrypt(plaintext: string): string
  decrypt(ciphertext: string): string
  addresses: Pick<GoogleAddresses, 'tokenUrl' | 'calendarApiUrl' | 'adminApiUrl'>
  serviceAccount: ServiceAccountKey | undefined
  oauthClient: { id: string; secret: string } | undefined
  log?: AccessTokensDeps['log']
  /** For benches. */
  rates?: GoogleRates
}

/** The way to Google, with tokens and budgets that all processes share. */
export function createGoogleClient(deps: GoogleClientDeps): GoogleApi {
  const { db, http, clock, addresses, log, rates } = deps
  const { encrypt, decrypt, serviceAccount, oauthClient } = deps
  const { tokenUrl } = addresses
  const tokens = createAccessTokens({
    ...{ db, http, clock, encrypt, decrypt, tokenUrl, serviceAccount, oauthClient },
    ...(log ? { log } : {}),
  })
  const budget = createCallBudget({ db, clock, ...(rates ? { rates } : {}) })
  const alarm = createApiAlarm({ db, clock, ...(log ? { log } : {}) })
  return createGoogleApi({ http, clock, tokens, alarm, budget, addresses })
}

/** Forgets access tokens that ran out, and the budgets of people of whom nothing was asked for a day. */
export async function forgetSpentGrants(db: Database, clock: Clock): Promise<void> {
  const now = clock.now()
  await deleteExpiredTokens(db, now)
  await deleteIdleBudgets(db, new Date(now.getTime() - DAY_MS))
}

export { createGoogleProvider } from './google-provider.ts'
