import { AppError, type AppErrorOptions, isAppError } from '../../base/errors.ts'
import { redactUrl } from './redact-url.ts'

/** Every way in which a request ends without an answer. A status, whichever it is, is an answer. */
type HttpErrorCode =
  | 'http_bad_url'
  | 'http_private_address'
  | 'http_timeout'
  | 'http_unreachable'
  | 'http_too_many_redirects'
  | 'http_too_large'
  | 'http_truncated'
  | 'http_undecodable'

/** An error about an address, which its message names in short. `what` goes on after that name. */
export function httpError(
  code: HttpErrorCode,
  url: URL | string,
  what: string,
  options: Pick<AppErrorOptions, 'retry' | 'cause'> = {},
): AppError {
  const address = redactUrl(url)
  return new AppError(code, `${address} ${what}`, { ...options, details: { address } })
}

/** Translates what went wrong before an answer began. Errors that are ours already pass; bugs of the caller are thrown on. */
export function connectionError(url: URL, error: unknown): unknown {
  if (isAppError(error)) return error
  const code = codeOf(error)
  const message = error instanceof Error ? error.message : ''
  if (/Proxy Authentication Required|Proxy response \(407\)/.test(message)) {
    return unreachable(
      url,
      'could not be asked: the proxy wants a user name and password. Put them into HTTPS_PROXY.',
      error,
    )
  }
  const proxyStatus = /^Proxy response \((\d{3})\)/.exec(message)?.[1]
  if (proxyStatus) {
    return unreachable(
      url,
      `could not be asked: the proxy refused to connect to it (status ${proxyStatus}). Allow the host in the proxy or list it in NO_PROXY.`,
      error,
    )
  }
  if (code === 'UND_ERR_INVALID_ARG') return error
  return unreachable(url, explain(error), error)
}

function unreachable(url: URL, what: string, cause: unknown): AppError {
  return httpError('http_unreachable', url, what, { retry: 'later', cause })
}

function explain(error: unknown): string {
  const code = codeOf(error)
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'ENODATA') {
    return `could not be found: its name is not known (${code}). Check the spelling and this machine's DNS.`
  }
  if (code === 'ECONNREFUSED') return 'refused the connection. Check that it runs and that the port is right.'
  if (/CERT|SSL|TLS|ALTNAME|SELF_SIGNED|ISSUER|EPROTO/.test(code)) {
    return `has a certificate that is not trusted or speaks no TLS (${code}). For a certificate of your own set NODE_EXTRA_CA_CERTS.`
  }
  // undici gives only some of its parser's errors a code.
  if (error instanceof Error && error.name === 'HTTPParserError') {
    return 'did not answer in HTTP. Check the address and the port.'
  }
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return 'sent headers that are too long.'
  return `could not be reached${code ? ` (${code})` : ''}. Check the network between this machine and it.`
}

/** The code of a network error; several failed attempts at once have the first one's. */
export function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0])
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}
