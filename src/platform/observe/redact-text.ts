export const REDACTED = '[redacted]'

// More is scanned than is shown, so that the cut cannot leave half a secret which no pattern recognises.
const MAX_SCANNED_LENGTH = 16_384
const MAX_SHOWN_LENGTH = 8_192

const NAME =
  '[\\w.-]{0,40}(?:token|secret|passwo?r?d|passphrase|pwd|credential|assertion|signature|(?:api|private|service|access)[_-]?key)s?'

/** What a secret looks like inside a text, and what is left of it. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|$)/g, REDACTED],
  // Header lines: to the end of the line, or of the quotation in which the line stands.
  [
    /\b((?:proxy-)?authorization|(?:set-)?cookie|x-api-key|apikey)(\\?["']?\s{0,5}[:=]\s{0,5}\\?["']?)[^\r\n"'\\]+/gi,
    `$1$2${REDACTED}`,
  ],
  [/\b(bearer|basic)\s+[\w.~+/=:-]{4,}/gi, `$1 ${REDACTED}`],
  // JSON, and JSON as a text within JSON; the end of the value may have been cut off.
  [
    new RegExp(`(["'])(${NAME})\\1(\\s{0,5}:\\s{0,5})(["'])(?:(?!\\4)[^\\\\]|\\\\.)*(?:\\4|$)`, 'gis'),
    `$1$2$1$3$4${REDACTED}$4`,
  ],
  [
    new RegExp(`\\\\"(${NAME})\\\\"(\\s{0,5}:\\s{0,5})\\\\".*?(?:\\\\"(?=\\s{0,5}[,}\\]])|$)`, 'gis'),
    `\\"$1\\"$2\\"${REDACTED}\\"`,
  ],
  [
    new RegExp(`\\b(${NAME})(\\s{0,3}[=:]\\s{0,3})(?:"[^"\\r\\n]*"|'[^'\\r\\n]*'|[^\\s&"'<>,;]+)`, 'gi'),
    `$1$2${REDACTED}`,
  ],
  // In an address even short names hold secrets; elsewhere `code=1` is an exit status.
  [/([?&#;](?:key|sig|code|auth|state|nonce|tk|p)=)[^\s&#"'<>]+/gi, `$1${REDACTED}`],
  // Passwords of databases and mail servers often hold unescaped slashes and at signs: everything up to the last one.
  [/\b((?:postgres(?:ql)?|mysql|rediss?|amqps?|smtps?|mongodb(?:\+srv)?):\/\/)[^\s"'<>]*@/gi, `$1${REDACTED}@`],
  [/\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/?#"'<>]*@/gi, `$1${REDACTED}@`],
  // Whoever has the address of a private feed reads it.
  [/\b((?:https?|webcals?):\/\/[^\s/"'<>]+\/)[^\s"'<>]*\.ics\b[^\s"'<>]*/gi, `$1${REDACTED}`],
  [/\bprivate-[0-9a-f]{8,}/gi, REDACTED],
  // Fernet, JWT and transcript tokens, and the keys of providers that mark theirs.
  [/\bgAAAA[\w-]{16,}={0,2}/g, REDACTED],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?={0,2}/g, REDACTED],
  [
    /\b(?:ya29\.[\w.-]{8,}|1\/\/0[\w-]{8,}|GOCSPX-[\w-]{8,}|AIza[\w-]{20,}|sk-[\w-]{16,}|sb_secret_[\w-]{8,})/g,
    REDACTED,
  ],
]

/** The text without what looks like a secret, and at most about 8,000 characters of it. */
export function redactText(text: string): string {
  const scanned = text.slice(0, MAX_SCANNED_LENGTH)
  const redacted = PATTERNS.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), scanned)
  return redacted.length > MAX_SHOWN_LENGTH ? `${redacted.slice(0, MAX_SHOWN_LENGTH)}… (cut)` : redacted
}
