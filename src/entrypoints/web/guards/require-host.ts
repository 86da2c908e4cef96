import { AppError } from '../../../base/errors.ts'
import type { ServerFacts } from '../web-deps.ts'
import type { RequestFacts } from './request-facts.ts'

/** Refuses a request that addresses somebody else: otherwise any site could have its name point at us and read our pages. */
export function requireHost(facts: RequestFacts, server: Pick<ServerFacts, 'siteUrl' | 'port'>): void {
  if (facts.origin !== undefined) return
  const here = server.siteUrl?.origin ?? `http://localhost:${server.port()}`
  throw new AppError(
    'wrong_host',
    `This server does not answer under that name. Open ${here}/ instead, or set SITE_URL to the address people use.`,
  )
}
