import { type SandboxGoogle, startSandboxGoogle } from '../../sandbox/google/start-google.ts'
import { serveWeb } from '../../src/entrypoints/cli/serve-web.ts'
import { createTestApp, type TestApp } from './app.ts'
import { createManualClock } from './manual-clock.ts'

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
  google: SandboxGoogle
  /** How often Google was asked for tokens. */
  exchanges(): number
}

/** The product with its pages beside the sandbox's Google, where its redirect address is registered; no service account. */
export async function createConsentWorld(env: Record<string, string> = {}): Promise<ConsentWorld> {
  const clock = createManualClock('2026-11-23T08:00:00Z')
  const google = await startSandboxGoogle({ clock, people: [{ email: 'ana@example.com' }] })
  const { GOOGLE_SERVICE_ACCOUNT_KEY: _, ...environment } = google.environment
  const testApp = await createTestApp({ clock, env: { PORT: '0', ORG_DOMAINS: 'example.com', ...environment, ...env } })
  const web = await serveWeb(testApp.app)
  const origin = `http://127.0.0.1:${web.port}`
  google.oauth.redirectUris.add(`${origin}/dashboard/auth/google/callback/`)
  return {
    ...testApp,
    clock,
    google,
    origin,
    exchanges: () => google.requests.filter(({ method, path }) => method === 'POST' && path === '/token').length,
    async [Symbol.asyncDispose]() {
      await web[Symbol.asyncDispose]()
      await testApp[Symbol.asyncDispose]()
      await google[Symbol.asyncDispose]()
    },
  }
}
