const MAX_AGGREGATED = 5

/** What of an error goes into a log. Only named properties: libraries hang requests, rows and configurations on theirs. */
export function serialiseError(error: Error, copy: (part: unknown) => unknown): Record<string, unknown> {
  const { code, details, retry, retryAfterMs, cause } = error as Error & Record<string, unknown>
  const parts: Record<string, unknown> = {
    type: error.name,
    code,
    message: error.message,
    details,
    retry,
    retryAfterMs,
    stack: error.stack,
    cause,
    errors: error instanceof AggregateError ? error.errors.slice(0, MAX_AGGREGATED) : undefined,
  }
  const given = Object.entries(parts).filter(([, part]) => part !== undefined)
  return Object.fromEntries(given.map(([name, part]) => [name, copy(part)]))
}
