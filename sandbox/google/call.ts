import type { IncomingHttpHeaders } from 'node:http'
import type { AccessTokens, Grant } from './access-tokens.ts'
import { requireScope, type SUFFICIENT_SCOPES } from './access-tokens.ts'
import { badRequest } from './errors.ts'

/** A request as the parts of the pretend Google read it. */
export interface GoogleCall {
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

/** An address of the API: its name as the documentation has it, and what it does. */
export interface Method {
  name: string
  verb: string
  /** Its groups are the params, still encoded. */
  path: RegExp
  /** What a token has to be good for. */
  needs: keyof typeof SUFFICIENT_SCOPES
  run(call: GoogleCall, grant: Grant): GoogleAnswer | Promise<GoogleAnswer>
}

/** Reads the token and checks what it is good for. Throws what Google answers. */
export function authorize({ headers }: GoogleCall, needs: Method['needs'], tokens: AccessTokens): Grant {
  const grant = tokens.read(headers.authorization)
  requireScope(grant, needs)
  return grant
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
