import type { IncomingMessage, ServerResponse } from 'node:http'

/** What can be wrong with the server. */
export type ApiFaultKind =
  /** No connection survives. */
  | 'down'
  /** Accepted, and never answered. */
  | 'silent'
  /** Carried out, and never answered: the caller's time runs out after the bot was made. */
  | 'done_unanswered'
  /** A page where JSON is expected, with status 200. */
  | 'html'
  | 400
  | 401
  | 403
  | 404
  | 429
  | 500
  | 503

export interface ApiFault {
  kind: ApiFaultKind
  /** Only requests of this method, or whose `METHOD /path` matches. */
  on?: string | RegExp
  /** How often; default: until it is mended. */
  times?: number
  /** For 429: seconds in Retry-After. */
  retryAfterSeconds?: number
}

/** What can be wrong with the server's webhooks. */
export type WebhookFault = 'lost' | 'duplicated' | 'reordered' | 'wrong_signature'

/** Faults in the order in which they were ordered; the first that fits a request answers it. */
export function createFaults() {
  let faults: ApiFault[] = []
  return {
    order: (fault: ApiFault) => void faults.push({ ...fault }),
    mend: () => {
      faults = []
    },
    take({ method = '', url = '' }: IncomingMessage): ApiFault | undefined {
      const fault = faults.find(({ on }) => fits(on, method, url))
      if (fault?.times !== undefined && --fault.times <= 0) faults = faults.filter((one) => one !== fault)
      return fault
    },
  }
}

function fits(on: string | RegExp | undefined, method: string, url: string): boolean {
  if (on === undefined) return true
  return typeof on === 'string' ? on === method : on.test(`${method} ${url}`)
}

const PAGE = '<!doctype html><html><head><title>Bad gateway</title></head><body>Try again later</body></html>\n'

/** Answers as a server with the fault does; not for `done_unanswered`. */
export function answerWithFault(request: IncomingMessage, response: ServerResponse, fault: ApiFault): void {
  if (fault.kind === 'down') request.socket.destroy()
  else if (fault.kind === 'html') response.writeHead(200, { 'content-type': 'text/html' }).end(PAGE)
  else if (typeof fault.kind === 'number') {
    const pause = fault.retryAfterSeconds === undefined ? {} : { 'retry-after': String(fault.retryAfterSeconds) }
    response
      .writeHead(fault.kind, { 'content-type': 'application/json', ...pause })
      .end(JSON.stringify({ detail: `Ordered fault ${fault.kind}` }))
  }
}
