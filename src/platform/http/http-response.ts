import type { Answer } from './exchange.ts'

/** A whole answer, whatever its status. */
export interface HttpResponse {
  readonly status: number
  readonly headers: Headers
  /** Where the answer came from in the end. May contain secrets of the address: show `redactUrl` of it. */
  readonly url: string
  /** How long the other side asked us to wait, in milliseconds; undefined if it did not. */
  readonly retryAfterMs: number | undefined
  bytes(): Uint8Array
  /** The body in the character set it says it has, or UTF-8; without a byte order mark. */
  text(): string
}

export function toResponse(answer: Answer, body: Uint8Array, retryAfterMs: number | undefined): HttpResponse {
  return {
    status: answer.status,
    headers: answer.headers,
    url: answer.url.href,
    retryAfterMs,
    bytes: () => body,
    text: () => decoderFor(answer.headers.get('content-type')).decode(body),
  }
}

function decoderFor(contentType: string | null): TextDecoder {
  const charset = /;\s*charset\s*=\s*"?([\w:.-]+)/i.exec(contentType ?? '')?.[1]
  try {
    return new TextDecoder(charset ?? 'utf-8')
  } catch {
    return new TextDecoder() // A name that no table knows.
  }
}
