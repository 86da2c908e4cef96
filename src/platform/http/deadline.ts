import { httpError } from './http-errors.ts'

/** One signal for all that ends a request early; `stop` must be called when it is over. */
interface Deadline {
  readonly signal: AbortSignal
  stop(): void
}

/** Aborts after `timeoutMs` with `http_timeout`, or with the caller's reason when the caller's signal does. */
export function startDeadline(url: URL, timeoutMs: number, callerSignal: AbortSignal | undefined): Deadline {
  const controller = new AbortController()
  const passOn = () => controller.abort(callerSignal?.reason)
  const timer = setTimeout(() => {
    const what = `did not answer completely within ${timeoutMs / 1000} s. Trying again later may help.`
    controller.abort(httpError('http_timeout', url, what, { retry: 'later' }))
  }, timeoutMs)
  if (callerSignal?.aborted) passOn()
  callerSignal?.addEventListener('abort', passOn, { once: true })
  return {
    signal: controller.signal,
    stop: () => {
      clearTimeout(timer)
      callerSignal?.removeEventListener('abort', passOn)
    },
  }
}
