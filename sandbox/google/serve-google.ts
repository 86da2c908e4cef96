import type { IncomingMessage, ServerResponse } from 'node:http'
import { z } from 'zod'
import { type AccessTokens, type Grant, requireScope } from './access-tokens.ts'
import type { Endpoint, GoogleAnswer, GoogleCall, Method } from './call.ts'
import { badRequest, GoogleError, invalidValue, notFound, writeError } from './errors.ts'
import { answerOfFault, breakConnection, type GoogleFaults } from './faults.ts'
import type { Quotas } from './quotas.ts'
import type { Usage } from './usage.ts'

interface ServeDeps {
  /** The methods of each API, by the path it is under. */
  apis: ReadonlyMap<string, readonly Method[]>
  endpoints: readonly Endpoint[]
  tokens: AccessTokens
  quotas: Quotas
  faults: GoogleFaults
  usage: Usage
  /** Whom a call is for, as far as it says so, for faults that meet one person. */
  emailOf: (call: GoogleCall) => string | undefined
}

type Found = { name: string; params: string[]; run: (call: GoogleCall) => GoogleAnswer | Promise<GoogleAnswer> }

/** Answers requests: finds what is meant, meets ordered faults, counts. */
export function createListener(deps: ServeDeps): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { faults, usage, emailOf } = deps
  return async (request, response) => {
    // Whoever asked may leave in the middle.
    response.on('error', () => {})
    const { method: verb = 'GET', url = '/', headers } = request
    const { pathname, searchParams: query } = new URL(url, 'http://sandbox')
    const body = await readBody(request)
    if (body === undefined) return
    const found = find(deps, verb, pathname)
    const call: GoogleCall = { name: found.name, params: found.params, query, headers, body }
    const order = faults.meet(call, emailOf(call))
    const answer = order ? answerOfFault(order) : await answerTo(found, call)
    if (order && !answer) {
      usage.note(found.name, body.length, 0, 0)
      const whole = order.fault === 'cut' ? (await answerTo(found, call)).text : ''
      return breakConnection(order, response, whole)
    }
    if (!answer) return
    const bytes = Buffer.from(answer.text)
    usage.note(found.name, body.length, bytes.length, answer.status)
    const type = bytes.length > 0 ? { 'content-type': 'application/json; charset=UTF-8' } : {}
    response.writeHead(answer.status, { ...type, 'content-length': bytes.length, ...answer.headers })
    response.end(bytes)
  }
}

function find({ apis, endpoints, tokens, quotas }: ServeDeps, verb: string, path: string): Found {
  for (const [root, methods] of apis) {
    if (!path.startsWith(`${root}/`)) continue
    for (const method of methods) {
      const match = method.verb === verb ? method.path.exec(path.slice(root.length)) : null
      if (!match) continue
      const run = (call: GoogleCall) => method.run(call, admit(call, method, tokens, quotas))
      return { name: method.name, params: match.slice(1), run }
    }
  }
  const endpoint = endpoints.find((one) => one.verb === verb && one.path === path)
  if (endpoint) return { name: endpoint.name, params: [], run: (call) => endpoint.run(call) }
  return {
    name: 'unknown',
    params: [],
    run() {
      throw notFound()
    },
  }
}

/** Reads the token, checks what it is good for and counts the call. Throws what Google answers. */
function admit({ headers, query }: GoogleCall, { needs }: Method, tokens: AccessTokens, quotas: Quotas): Grant {
  const grant = tokens.read(headers.authorization)
  const user = query.get('quotaUser') ?? headers['x-goog-quota-user']?.toString()
  if (user !== undefined && user.length > 40) throw invalidValue('quotaUser')
  quotas.spend(user ?? grant.chargedTo)
  requireScope(grant, needs)
  return grant
}

async function answerTo({ run }: Found, call: GoogleCall): Promise<GoogleAnswer> {
  try {
    return await run(call)
  } catch (thrown) {
    const error = thrown instanceof GoogleError ? thrown : translate(thrown)
    return { status: error.status, text: writeError(error), headers: error.extra.headers ?? {} }
  }
}

function translate(error: unknown): GoogleError {
  if (error instanceof z.ZodError) return badRequest(z.prettifyError(error))
  // A fault of the sandbox itself, which is to be seen.
  return new GoogleError(500, 'backendError', error instanceof Error ? (error.stack ?? error.message) : String(error))
}

/** Undefined where the sender went away. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer)
  } catch {
    return undefined
  }
  return Buffer.concat(chunks).toString()
}
