import { isAppError } from '../../base/errors.ts'
import { MINUTE_MS } from '../../base/time.ts'
import type { LogFields } from '../../platform/observe/index.ts'
import type { WebDeps } from './web-deps.ts'

const told = new WeakMap<WebDeps['log'], Map<string, number>>()

/**
 * Writes down that something could not be served, in full once a minute for each cause, otherwise in one short line: while the database is
 * away, whoever calls makes us write, strangers too.
 */
export function noteOutage(
  deps: Pick<WebDeps, 'log' | 'clock'>,
  message: string,
  error: unknown,
  fields: LogFields = {},
) {
  const code = isAppError(error) ? error.code : 'unknown'
  const now = deps.clock.now().getTime()
  const toldAt = told.get(deps.log) ?? new Map<string, number>()
  told.set(deps.log, toldAt)
  const isNews = now - (toldAt.get(code) ?? Number.NEGATIVE_INFINITY) >= MINUTE_MS
  if (isNews) toldAt.set(code, now)
  deps.log.warn(message, { ...fields, ...(isNews ? { error } : { code }) })
}
