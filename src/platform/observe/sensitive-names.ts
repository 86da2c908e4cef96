// Part of a name, its separators removed: `X-Api-Key`, `apiKey` and `apikey` are one.
const SENSITIVE_PART =
  /authorization|cookie|token|secret|passwo?r?d|passphrase|pwd|credential|bearer|jwt|csrf|sessionid|signature|assertion|(?:api|private|encryption|service|access|signing|account|webhook|shared)key/
// Words that are a secret only when they are the whole name: a `deduplicationKey` or an error's `code` is none.
const SENSITIVE_WHOLE = new Set(['key', 'keys', 'pass', 'auth', 'dsn', 'sig', 'databaseurl', 'smtpurl'])
// A last word that makes it a fact about the secret and not the secret: `tokenExpiresAt`, `token_type`. Case matters here, or
// "authorization" would end in "on".
const HARMLESS_END =
  /(?:[_\-. ](?:at|on|ms|seconds|count|type|kind|length|expires|expiry|fingerprint)|[a-z\d](?:At|On|Ms|Seconds|Count|Type|Kind|Length|Expires|Expiry|Fingerprint))$/

/** Whether what stands under this name (of a field, header or parameter; any style of writing) must not be shown. */
export function isSensitiveName(name: string): boolean {
  if (HARMLESS_END.test(name)) return false
  const compact = name.toLowerCase().replace(/[^a-z0-9]/g, '')
  return SENSITIVE_WHOLE.has(compact) || SENSITIVE_PART.test(compact)
}
