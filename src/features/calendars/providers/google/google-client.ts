import type { Clock } from '../../../../base/clock.ts'
import { DAY_MS } from '../../../../base/time.ts'
import type { Database } from '../../../../platform/db/index.ts'
import type { ProviderParts } from '../provider.ts'
import { deleteExpiredTokens } from './access-token-store.ts'
import { createAccessTokens } from './access-tokens.ts'
import { createApiAlarm } from './api-alarm.ts'
import { createCallBudget } from './call-budget.ts'
import { deleteIdleBudgets } from './call-budget-store.ts'
import { createGoogleApi, type GoogleApi } from './google-api.ts'

/** The way to Google, with tokens and budgets that all processes share. */
export function createGoogleClient(parts: ProviderParts): GoogleApi {
  const { db, http, clock, encrypt, decrypt, config, secrets, log, rates } = parts
  const { addresses } = config.google
  const tokens = createAccessTokens({
    ...{ db, http, clock, encrypt, decrypt, tokenUrl: addresses.tokenUrl },
    serviceAccount: secrets.googleServiceAccount,
    oauthClient: secrets.googleOauthClient,
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
