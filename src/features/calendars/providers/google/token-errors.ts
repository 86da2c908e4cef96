import { z } from 'zod'
import { AppError } from '../../../../base/errors.ts'
import type { HttpResponse } from '../../../../platform/http/index.ts'
import type { GoogleAccess } from './access.ts'

/** Whom a refused token concerns: one person, everybody, or it cannot be told from the answer alone. */
type RefusalScope = 'person' | 'everybody' | 'unsure'

export interface TokenRefusal {
  scope: RefusalScope
  error: AppError
}

const refusalBody = z.object({ error: z.string(), error_description: z.string().catch('') })

interface Meaning {
  scope: RefusalScope
  code: string
  message: string
}

const meaning = (scope: RefusalScope, code: string, message: string): Meaning => ({ scope, code, message })

const UNKNOWN_PERSON = meaning(
  'person',
  'google_user_unknown',
  'Google knows no such person any more: the account was deleted, suspended or renamed.',
)
const CLOCK = meaning(
  'everybody',
  'google_org_clock_wrong',
  "This machine's clock is wrong, and Google refuses to sign in. Set it by NTP.",
)
const KEY = meaning(
  'everybody',
  'google_org_key_rejected',
  'Google does not accept the key of the service account: it was deleted or disabled. Make a new key and put it into GOOGLE_SERVICE_ACCOUNT_KEY.',
)
const NOT_AUTHORISED = meaning(
  'unsure',
  'google_org_not_authorized',
  'The Admin console does not allow the service account what it asks for. `rapporteur doctor` prints the client id and the scopes to enter there; it can take a day to be in force.',
)
const POLICY = meaning(
  'unsure',
  'google_org_policy',
  "The organisation's policy in the Admin console blocks this access. Allow it for the service account.",
)
const CLIENT = meaning(
  'everybody',
  'google_org_client_rejected',
  'Google does not accept the OAuth client: its secret is wrong, or it was disabled or deleted.',
)
const SERVICE_ACCOUNT_GONE = meaning(
  'everybody',
  'google_org_key_rejected',
  'The service account was disabled or deleted. Restore it, or set up another one.',
)
const CONSENT = meaning(
  'person',
  'google_grant_invalid',
  'The permission was withdrawn or has run out. The person has to connect the calendar again.',
)
const VAGUE = meaning('unsure', 'google_grant_invalid', 'Google does not let the service account act for this person.')

const POLICY_ERRORS = ['access_denied', 'admin_policy_enforced', 'org_internal']
const CLIENT_ERRORS = ['invalid_client', 'disabled_client', 'deleted_client']

/** What a refusal of the token address means (the table of Google's service account guide, 2026-03). */
export function translateTokenRefusal(response: HttpResponse, kind: GoogleAccess['kind']): TokenRefusal {
  const said = readRefusal(response)
  if (response.status >= 500 || response.status === 429 || said === undefined) {
    return { scope: 'unsure', error: passing(response) }
  }
  const meaning = kind === 'oauth' ? ofConsent(said) : ofServiceAccount(said)
  const details = { status: response.status, said: `${said.error} ${said.error_description}`.slice(0, 300) }
  const { scope, code, message } = meaning
  return { scope, error: new AppError(code, message, { retry: 'later', details }) }
}

function ofServiceAccount({ error, error_description: why }: z.output<typeof refusalBody>): Meaning {
  if (error === 'invalid_grant') {
    if (/valid email|invalid email|user id/i.test(why)) return UNKNOWN_PERSON
    if (/account has been deleted|suspended|disabled account/i.test(why)) return UNKNOWN_PERSON
    if (/short-lived token|timeframe/i.test(why)) return CLOCK
    if (/signature/i.test(why)) return KEY
    return VAGUE
  }
  if (error === 'unauthorized_client' || error === 'invalid_scope') return NOT_AUTHORISED
  if (CLIENT_ERRORS.includes(error)) return SERVICE_ACCOUNT_GONE
  if (POLICY_ERRORS.includes(error)) return POLICY
  return VAGUE
}

function ofConsent({ error }: z.output<typeof refusalBody>): Meaning {
  if ([...CLIENT_ERRORS, 'unauthorized_client'].includes(error)) return CLIENT
  return POLICY_ERRORS.includes(error) ? { ...POLICY, scope: 'person' } : CONSENT
}

function passing(response: HttpResponse): AppError {
  const { status, retryAfterMs } = response
  return new AppError('google_unavailable', `Google's sign-in answered with status ${status}.`, {
    retry: 'later',
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    details: { status },
  })
}

/** A 4xx that is no refusal in Google's form (a proxy's page) says nothing about a person. */
function readRefusal(response: HttpResponse): z.output<typeof refusalBody> | undefined {
  try {
    return refusalBody.parse(JSON.parse(response.text()))
  } catch {
    return undefined
  }
}
