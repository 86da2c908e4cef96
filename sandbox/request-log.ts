import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'

/** A request that came in, for tests to look at. */
export interface SeenRequest {
  method: string
  /** With its query. */
  path: string
  headers: IncomingHttpHeaders
  /** What was answered; null until then, and where a fault left the request without an answer. */
  status: number | null
}

const KEPT = 1_000

interface RequestLog {
  /** The newest 1,000, oldest first. */
  requests: readonly SeenRequest[]
  note(request: IncomingMessage, response: ServerResponse): void
}

/** Remembers the newest requests: a sandbox may run for weeks. */
export function createRequestLog(): RequestLog {
  const requests: SeenRequest[] = []
  return {
    requests,
    note(request, response) {
      const seen: SeenRequest = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        status: null,
      }
      requests.push(seen)
      if (requests.length > KEPT) requests.shift()
      response.once('finish', () => {
        seen.status = response.statusCode
      })
    },
  }
}
