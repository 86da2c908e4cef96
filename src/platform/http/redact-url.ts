// A word such as `calendar` or `v1.0`. Anything longer or more mixed may itself be the secret of a private address.
const PLAIN_SEGMENT = /^(?:[A-Za-z][A-Za-z._-]{0,19}|v\d{1,2}(?:\.\d{1,2})?)$/

/** An address fit for logs and messages: `https://host/calendar/…`. Never the query, the credentials or what follows in the path. */
export function redactUrl(url: string | URL): string {
  const parsed = typeof url === 'string' ? parseUrl(url) : url
  if (!parsed) return '(not an address)'
  const [first = '', ...rest] = parsed.pathname.split('/').slice(1)
  const origin = `${parsed.protocol}//${parsed.host}`
  if (!PLAIN_SEGMENT.test(first))
    return first === '' && rest.length === 0 && !parsed.search ? `${origin}/` : `${origin}/…`
  return rest.length > 0 || parsed.search ? `${origin}/${first}/…` : `${origin}/${first}`
}

export function parseUrl(text: string, base?: URL): URL | undefined {
  return URL.parse(text, base) ?? undefined
}
