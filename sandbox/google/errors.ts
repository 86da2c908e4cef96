/** What Google answers instead of what was asked for. */
export class GoogleError extends Error {
  override readonly name = 'GoogleError'
  readonly status: number
  readonly reason: string | undefined
  readonly extra: ErrorExtra

  constructor(status: number, reason: string | undefined, message: string, extra: ErrorExtra = {}) {
    super(message)
    this.status = status
    this.reason = reason
    this.extra = extra
  }
}

interface ErrorExtra {
  domain?: string
  location?: string
  locationType?: 'parameter' | 'header'
  /** The newer form besides: `status` and `details`. */
  rpcStatus?: string
  details?: readonly Record<string, unknown>[]
  headers?: Record<string, string>
}

/** The body that Calendar and Directory answer with. */
export function writeError({ status, reason, message, extra }: GoogleError): string {
  const { domain = 'global', location, locationType, rpcStatus, details } = extra
  const where = location ? { locationType: locationType ?? 'parameter', location } : {}
  const errors = reason ? { errors: [{ domain, reason, message, ...where }] } : {}
  const newer = { ...(rpcStatus ? { status: rpcStatus } : {}), ...(details ? { details } : {}) }
  return JSON.stringify({ error: { ...errors, code: status, message, ...newer } })
}

export const notFound = () => new GoogleError(404, 'notFound', 'Not Found')

export const invalidValue = (location: string) =>
  new GoogleError(400, 'invalid', `Invalid value for: ${location}`, { location })

export const badRequest = (message: string, location?: string) =>
  new GoogleError(400, 'badRequest', message, location ? { location } : {})

export const forbidden = (reason = 'forbidden', message = 'Forbidden') =>
  new GoogleError(403, reason, message, { domain: 'calendar' })

/** No access token, or one that is not valid any more. */
export const authError = () =>
  new GoogleError(401, 'authError', 'Invalid Credentials', {
    location: 'Authorization',
    locationType: 'header',
    rpcStatus: 'UNAUTHENTICATED',
    headers: { 'www-authenticate': 'Bearer realm="https://accounts.google.com/", error="invalid_token"' },
  })

/** A token that may not do this. */
export const insufficientScope = () =>
  new GoogleError(403, 'insufficientPermissions', 'Request had insufficient authentication scopes.', {
    rpcStatus: 'PERMISSION_DENIED',
    details: [
      {
        '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
        reason: 'ACCESS_TOKEN_SCOPE_INSUFFICIENT',
        domain: 'googleapis.com',
      },
    ],
    headers: { 'www-authenticate': 'Bearer realm="https://accounts.google.com/", error="insufficient_scope"' },
  })

/** A sync token that is not good any more; some bodies say no reason. */
export const syncTokenGone = (saysReason = true) =>
  new GoogleError(
    410,
    saysReason ? 'fullSyncRequired' : undefined,
    'Sync token is no longer valid, a full sync is required.',
    { domain: 'calendar', location: 'syncToken' },
  )
