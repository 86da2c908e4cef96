import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serveWeb } from '../../src/entrypoints/cli/serve-web.ts'
import { createTestApp, type TestApp } from './app.ts'

/** What somebody answers on Google's consent page. */
export interface Consenting {
  sub: string
  email: string
  isVerified?: boolean
  /** Boxes left unticked. */
  without?: string
  /** Google sends one with the first consent only. */
  refreshToken?: string | undefined
}

/** The sign-in side of Google: hands out codes that work once, with the verifier they were asked for, and says whose they are. */
export async function startGoogleSignIn() {
  const codes = new Map<string, { query: URLSearchParams; person: Consenting; isUsed: boolean }>()
  const access = new Map<string, Consenting>()
  const signIn = { tokenStatus: 200, exchanges: 0 }
  const server = createServer(async (request, response) => {
    const send = (status: number, body: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    const url = new URL(request.url ?? '', 'http://google')
    if (url.pathname === '/userinfo') {
      const person = access.get(request.headers.authorization?.replace('Bearer ', '') ?? '')
      if (!person) return send(401, { error: 'invalid_token' })
      return send(200, { sub: person.sub, email: person.email, email_verified: person.isVerified ?? true })
    }
    let body = ''
    for await (const chunk of request) body += chunk
    const form = new URLSearchParams(body)
    signIn.exchanges += 1
    if (signIn.tokenStatus !== 200) return send(signIn.tokenStatus, 'Service Unavailable')
    const known = codes.get(form.get('code') ?? '')
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    if (form.get('client_secret') !== 'client secret') return send(401, { error: 'invalid_client' })
    const isGood =
      known !== undefined &&
      !known.isUsed &&
      known.query.get('code_challenge') === challenge &&
      known.query.get('redirect_uri') === form.get('redirect_uri')
    if (!isGood) return send(400, { error: 'invalid_grant', error_description: 'Bad Request' })
    known.isUsed = true
    const token = `access ${randomUUID()}`
    access.set(token, known.person)
    const { refreshToken, without } = known.person
    const scope = (known.query.get('scope') ?? '').split(' ').filter((one) => one !== without)
    send(200, {
      access_token: token,
      expires_in: 3_599,
      scope: scope.join(' '),
      ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return Object.assign(signIn, {
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
    environment: {
      GOOGLE_AUTHORIZE_URL: `${origin}/authorize`,
      GOOGLE_TOKEN_URL: `${origin}/token`,
      GOOGLE_USERINFO_URL: `${origin}/userinfo`,
      GOOGLE_CLIENT_ID: 'client',
      GOOGLE_CLIENT_SECRET: 'client secret',
    },
    /** Consents on the page that an address leads to; answers where Google sends the browser. */
    consent(location: string, person: Consenting): string {
      const { searchParams: query } = new URL(location)
      const code = randomUUID()
      codes.set(code, { query, person, isUsed: false })
      const back = new URL(query.get('redirect_uri') ?? '')
      back.searchParams.set('state', query.get('state') ?? '')
      back.searchParams.set('code', code)
      return back.href
    },
  })
}

/** A browser as far as consent needs one: it keeps cookies and follows nothing by itself. */
export function createBrowser() {
  const cookies = new Map<string, string>()
  return {
    cookies,
    async open(address: string) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      const answer = await fetch(address, { redirect: 'manual', headers: { cookie } })
      for (const line of answer.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
        if (/max-age=0/i.test(line)) cookies.delete(name)
        else cookies.set(name, value)
      }
      const location = answer.headers.get('location')
      return {
        status: answer.status,
        body: await answer.text(),
        cookie: answer.headers.getSetCookie().join('\n'),
        location: location === null ? '' : new URL(location, address).href,
      }
    },
  }
}

export interface ConsentWorld extends TestApp {
  origin: string
  google: Awaited<ReturnType<typeof startGoogleSignIn>>
}

/** The product with its pages, and Google's sign-in. */
export async function createConsentWorld(env: Record<string, string> = {}): Promise<ConsentWorld> {
  const google = await startGoogleSignIn()
  const testApp = await createTestApp({
    env: { PORT: '0', ORG_DOMAINS: 'example.com', ...google.environment, ...env },
  })
  const web = await serveWeb(testApp.app)
  return {
    ...testApp,
    google,
    origin: `http://127.0.0.1:${web.port}`,
    async [Symbol.asyncDispose]() {
      await web[Symbol.asyncDispose]()
      await testApp[Symbol.asyncDispose]()
      await google[Symbol.asyncDispose]()
    },
  }
}
