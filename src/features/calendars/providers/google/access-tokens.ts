import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { backoffMs, type Growth } from '../../../../base/backoff.ts'
import { AppError } from '../../../../base/errors.ts'
import { MINUTE_MS, SECOND_MS } from '../../../../base/time.ts'
import { inTransaction } from '../../../../platform/db/index.ts'
import { claimProbe, clearProviderAlarm, raiseProviderAlarm, readProviderAlarm } from '../provider-alarm-store.ts'
import type { GoogleAccess } from './access.ts'
import {
  claimRefresh,
  hasOthersIssuedSince,
  readStoredToken,
  releaseRefresh,
  type StoredToken,
  storeToken,
} from './access-token-store.ts'
import { type ExchangeDeps, exchange, type Fetched } from './exchange-grant.ts'
import { replaceGrant } from './grant-store.ts'
import type { TokenRefusal } from './token-errors.ts'

/** Access tokens, one for each person, set of scopes and hour, shared by all processes through the database. */
export interface AccessTokens {
  /**
   * A token with some minutes left. However many ask, it is fetched once. Throws what Google says: `google_user_unknown` and
   * `google_grant_invalid` for one person, `google_org_…` where everybody is concerned: one alarm, and one try a minute for all.
   */
  get(access: GoogleAccess, signal?: AbortSignal): Promise<string>
  /** A fresh token in place of one that Google refused; the one that somebody else fetched meanwhile will do. */
  replace(access: GoogleAccess, refused: string, signal?: AbortSignal): Promise<string>
}

export interface AccessTokensDeps extends ExchangeDeps {
  encrypt(plaintext: string): string
  log?: { warn(message: string, fields?: Record<string, unknown>): void; info(message: string): void }
}

/** A token is not used in its last minutes: a call may take some time, and clocks differ. */
const MARGIN_MS = 3 * MINUTE_MS
const REFRESH_WITHIN_MS = 30 * SECOND_MS
const PATIENCE_MS = 20 * SECOND_MS
/** How soon somebody who waits looks again. */
const LOOKS: Growth = { firstMs: 20, mostMs: 250 }
const PROBE_EVERY_MS = MINUTE_MS
/** Whoever else got a token lately proves that not everybody is concerned. */
const PROOF_WITHIN_MS = 5 * MINUTE_MS
const MAX_REMEMBERED = 20_000

export function createAccessTokens(deps: AccessTokensDeps): AccessTokens {
  const remembered = new Map<string, { token: string; expiresAt: Date }>()
  const asking = new Map<string, Promise<string>>()
  /** What Google gave and the database could not take yet: the refresh token that was used may be worth nothing any more. */
  const unkept = new Map<string, Fetched>()
  const now = () => deps.clock.now()
  const isUsable = (expiresAt: Date) => expiresAt.getTime() - now().getTime() > MARGIN_MS

  function remember(key: string, token: { token: string; expiresAt: Date }): string {
    if (remembered.size >= MAX_REMEMBERED) remembered.clear()
    remembered.set(key, token)
    return token.token
  }

  /** One caller of this process asks; the others wait for its answer. */
  function askOnce(key: string, ask: () => Promise<string>): Promise<string> {
    const running = asking.get(key)
    if (running !== undefined) return running
    const started = ask().finally(() => asking.delete(key))
    asking.set(key, started)
    return started
  }

  function decryptStored({ token, expiresAt }: StoredToken): { token: string; expiresAt: Date } | undefined {
    try {
      return { token: deps.decrypt(token), expiresAt }
    } catch {
      return undefined // Of an installation with another key: fetched anew.
    }
  }

  /** Takes what is stored, or fetches under a claim that only one process has. */
  async function share(access: GoogleAccess, key: string, refused: string | undefined, signal?: AbortSignal) {
    const givesUpAt = performance.now() + PATIENCE_MS
    for (let pauses = 0; ; pauses++) {
      signal?.throwIfAborted()
      const { stored, refreshingUntil } = await readStoredToken(deps.db, key)
      const known = stored && isUsable(stored.expiresAt) ? decryptStored(stored) : undefined
      if (known && known.token !== refused) return remember(key, known)
      const isFree = refreshingUntil === null || refreshingUntil <= now()
      const until = new Date(now().getTime() + REFRESH_WITHIN_MS)
      if (isFree && (await claimRefresh(deps.db, key, until, now()))) {
        return remember(key, await fetchClaimed(deps, access, key, unkept, signal))
      }
      if (performance.now() > givesUpAt) throw refreshStuck()
      await sleep(backoffMs(pauses, LOOKS))
    }
  }

  return {
    async get(access, signal) {
      const key = keyOf(deps, access)
      const known = remembered.get(key)
      if (known && isUsable(known.expiresAt)) return known.token
      return askOnce(key, () => share(access, key, undefined, signal))
    },
    async replace(access, refused, signal) {
      const key = keyOf(deps, access)
      if (remembered.get(key)?.token === refused) remembered.delete(key)
      return askOnce(`${key} ${refused}`, () => share(access, key, refused, signal))
    },
  }
}

async function fetchClaimed(
  deps: AccessTokensDeps,
  access: GoogleAccess,
  key: string,
  unkept: Map<string, Fetched>,
  signal?: AbortSignal,
): Promise<Fetched> {
  try {
    const fetched = unkept.get(key) ?? (await fetchUnlessAlarmed(deps, access, key, signal))
    if (fetched.rotation) unkept.set(key, fetched)
    await keep(deps, key, fetched)
    unkept.delete(key)
    if (await clearProviderAlarm(deps.db, alarmNameOf(access))) deps.log?.info('Google lets us in again')
    return fetched
  } catch (error) {
    await releaseRefresh(deps.db, key)
    throw error
  }
}

/** Stores a token before anybody uses it, with the refresh token that came in place of the one that was used. */
async function keep(deps: AccessTokensDeps, key: string, { token, expiresAt, rotation }: Fetched): Promise<void> {
  await inTransaction(deps.db, async (trx) => {
    if (rotation) await replaceGrant(trx, { ...rotation, next: deps.encrypt(rotation.next) })
    await storeToken(trx, key, { token: deps.encrypt(token), expiresAt }, deps.clock.now())
  })
}

/** While something is wrong for everybody, one caller a minute tries for all; the others get the reason without asking. */
async function fetchUnlessAlarmed(
  deps: AccessTokensDeps,
  access: GoogleAccess,
  key: string,
  signal?: AbortSignal,
): Promise<Fetched> {
  const name = alarmNameOf(access)
  const now = deps.clock.now()
  const alarm = await readProviderAlarm(deps.db, name)
  const mayProbe = access.kind === 'oauth' || !access.isOptional
  if (alarm && !(mayProbe && (await claimProbe(deps.db, name, new Date(now.getTime() + PROBE_EVERY_MS), now)))) {
    const retryAfterMs = Math.max(SECOND_MS, alarm.probeAt.getTime() - now.getTime())
    throw new AppError(alarm.code, alarm.message, { retry: 'later', retryAfterMs, details: { concerns: 'everybody' } })
  }
  const answer = await exchange(deps, access, { withinMs: REFRESH_WITHIN_MS / 2, ...(signal ? { signal } : {}) })
  if (answer.kind === 'token') {
    const { token, lifeMs, rotation } = answer
    return { token, expiresAt: new Date(now.getTime() + lifeMs), ...(rotation ? { rotation } : {}) }
  }
  throw await judgeRefusal(deps, access, key, answer.refusal)
}

/** A refusal that may concern everybody does, unless somebody else was let in lately. */
async function judgeRefusal(deps: AccessTokensDeps, access: GoogleAccess, key: string, refusal: TokenRefusal) {
  const { error, scope } = refusal
  if (error.code === 'google_unavailable' || scope === 'person') return error
  if (scope === 'unsure' && access.kind === 'service_account' && access.isOptional) return error
  const now = deps.clock.now()
  const since = new Date(now.getTime() - PROOF_WITHIN_MS)
  if (scope === 'unsure' && (await hasOthersIssuedSince(deps.db, prefixOf(access), key, since))) {
    return new AppError('google_person_refused', error.message, { retry: 'later', details: error.details })
  }
  const name = alarmNameOf(access)
  // What is vague about one person is, said of everybody, a matter of the service account's rights.
  const code = error.code === 'google_grant_invalid' ? 'google_org_not_authorized' : error.code
  const probeAt = new Date(now.getTime() + PROBE_EVERY_MS)
  await raiseProviderAlarm(deps.db, { name, code, message: error.message, probeAt }, now)
  deps.log?.warn('Google lets nobody in', { code, said: error.details.said })
  return new AppError(code, error.message, {
    retry: 'later',
    retryAfterMs: PROBE_EVERY_MS,
    details: { ...error.details, concerns: 'everybody' },
  })
}

/** Another key has other tokens, so nothing has to be forgotten when it is changed. A consent has one of its own, whichever refresh token it is at. */
function keyOf(deps: AccessTokensDeps, access: GoogleAccess): string {
  const facts =
    access.kind === 'service_account'
      ? [access.subject, [...access.scopes].sort(), deps.serviceAccount?.clientEmail, deps.serviceAccount?.privateKeyId]
      : [access.calendarId, deps.oauthClient?.id]
  return `${prefixOf(access)}:${createHash('sha256').update(JSON.stringify(facts)).digest('base64url')}`
}

function prefixOf(access: GoogleAccess): string {
  return access.kind
}

function alarmNameOf(access: GoogleAccess): string {
  return access.kind === 'service_account' ? 'google_service_account' : 'google_oauth_client'
}

function refreshStuck(): AppError {
  return new AppError('google_unavailable', 'Another process has been fetching an access token for too long.', {
    retry: 'later',
  })
}
