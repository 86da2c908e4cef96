import type { Clock } from '../../base/clock.ts'
import { dropBody, type Exchange, type ExchangeDeps, exchange } from './exchange.ts'
import { type HttpResponse, toResponse } from './http-response.ts'
import { readBody } from './read-body.ts'
import { isRetryError, isRetryStatus, parseRetryAfter, retryWaitMs } from './retry.ts'

// Whoever is asked for a longer pause gets the answer, and pauses in a queue instead of in a request.
const LONGEST_WAIT_MS = 20_000

export interface AttemptDeps extends ExchangeDeps {
  clock: Clock
  wait: (ms: number, signal: AbortSignal) => Promise<unknown>
  random: () => number
}

interface AttemptedExchange extends Exchange {
  maxBytes: number
  retries: number
  givesUpAt: Date
}

/** Sends a request until it is answered or the attempts or the time are used up; then the last answer or failure counts. */
export async function attemptUntilAnswered(deps: AttemptDeps, request: AttemptedExchange): Promise<HttpResponse> {
  for (let attempt = 0; ; attempt++) {
    let waitMs = retryWaitMs(attempt, deps.random)
    try {
      const answer = await exchange(deps, request)
      const retryAfterMs = parseRetryAfter(answer.headers.get('retry-after'), deps.clock.now())
      waitMs = Math.max(waitMs, retryAfterMs ?? 0)
      if (!isRetryStatus(answer.status) || !mayRetry(deps, request, attempt, waitMs)) {
        const contentEncoding = answer.headers.get('content-encoding')
        return toResponse(answer, await readBody({ ...request, ...answer, contentEncoding }), retryAfterMs)
      }
      dropBody(answer)
    } catch (error) {
      if (!isRetryError(error) || !mayRetry(deps, request, attempt, waitMs)) throw error
    }
    await pause(deps, waitMs, request.signal)
  }
}

function mayRetry({ clock }: AttemptDeps, request: AttemptedExchange, attempt: number, waitMs: number): boolean {
  const isInTime = clock.now().getTime() + waitMs < request.givesUpAt.getTime()
  return attempt < request.retries && waitMs <= LONGEST_WAIT_MS && isInTime
}

async function pause({ wait }: AttemptDeps, ms: number, signal: AbortSignal): Promise<void> {
  try {
    await wait(ms, signal)
  } catch (error) {
    throw signal.aborted ? signal.reason : error
  }
}
