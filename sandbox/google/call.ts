import type { IncomingHttpHeaders } from 'node:http'
import type { Grant, SUFFICIENT_SCOPES } from './access-tokens.ts'
import { badRequest } from './errors.ts'

/** A request as the parts of the pretend Google read it. */
export interface GoogleCall {
  /** As the documentation calls it: `events.list`; `token`, `authorize` and the like for what is no API. */
  name: string
  params: readonly string[]
  query: URLSearchParams
  headers: IncomingHttpHeaders
  body: string
}

/** What is sent back. */
export interface GoogleAnswer {
  status: number
  text: string
  headers?: Record<string, string>
}

/** An address of an API. It wants a token that is good for it. */
export interface Method {
  name: string
  verb: string
  /** Below the root of its API; its groups are the params, still encoded. */
  path: RegExp
  needs: keyof typeof SUFFICIENT_SCOPES
  run(call: GoogleCall, grant: Grant): GoogleAnswer | Promise<GoogleAnswer>
}

/** An address without an access token in front of it. */
export interface Endpoint {
  name: string
  verb: string
  path: string
  run(call: GoogleCall): GoogleAnswer | Promise<GoogleAnswer>
}

/** The JSON of a body. Throws what Google answers. */
export function readJson({ body }: GoogleCall): unknown {
  try {
    return JSON.parse(body)
  } catch {
    throw badRequest('Parse Error')
  }
}

export function json(value: unknown, status = 200): GoogleAnswer {
  return { status, text: JSON.stringify(value) }
}
