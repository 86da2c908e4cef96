import { generateKeyPairSync } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ServiceAccountKey } from '../../src/platform/config/index.ts'
import { startHttpServer } from './http-servers.ts'

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

/** A service account whose key nobody checks but a server that wants to. */
export const serviceAccount: ServiceAccountKey = {
  clientEmail: 'rapporteur@project.iam.gserviceaccount.com',
  clientId: '112233445566',
  privateKeyId: 'k1',
  privateKey,
}

type Answer = { status?: number; body?: unknown; text?: string; headers?: Record<string, string>; never?: true }
export interface GoogleRequest {
  url: URL
  method: string
  headers: IncomingMessage['headers']
  body: string
}

/** A server that answers as Google's token address and APIs to order, one answer at a time; the last one stays. */
export async function startGoogleStub() {
  const stub = {
    /** What was asked, tokens and calls apart. */
    tokens: [] as GoogleRequest[],
    calls: [] as GoogleRequest[],
    tokenAnswers: [] as Answer[],
    callAnswers: [] as Answer[],
    /** What happens elsewhere before a token is given or refused. */
    onToken: undefined as (() => Promise<void>) | undefined,
  }
  const server = await startHttpServer((request, response) => {
    void readBody(request).then(async (body) => {
      const url = new URL(request.url ?? '', 'http://stub')
      const seen = { url, method: request.method ?? '', headers: request.headers, body }
      const isToken = url.pathname === '/token'
      const list = isToken ? stub.tokens : stub.calls
      list.push(seen)
      if (isToken) await stub.onToken?.()
      const issued = { access_token: `token-${stub.tokens.length}`, expires_in: 3600 }
      answer(response, next(isToken ? stub.tokenAnswers : stub.callAnswers) ?? { body: isToken ? issued : {} })
    })
  })
  const addresses = {
    tokenUrl: new URL(`${server.origin}/token`),
    calendarApiUrl: new URL(`${server.origin}/calendar/v3`),
    adminApiUrl: new URL(`${server.origin}/admin/directory/v1`),
  }
  return Object.assign(stub, { addresses, origin: server.origin })
}

/** An error in the form of Google's APIs. */
export function googleError(status: number, reason: string, headers: Record<string, string> = {}): Answer {
  return { status, headers, body: { error: { code: status, message: reason, errors: [{ domain: 'global', reason }] } } }
}

function next(answers: Answer[]): Answer | undefined {
  return answers.length > 1 ? answers.shift() : answers[0]
}

function answer(response: ServerResponse, { status = 200, body, text, headers = {}, never }: Answer): void {
  if (never) return
  response.writeHead(status, { 'content-type': text === undefined ? 'application/json' : 'text/html', ...headers })
  response.end(text ?? (body === undefined ? '' : JSON.stringify(body)))
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
