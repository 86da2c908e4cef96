import { createSign } from 'node:crypto'
import { createManualClock, type ManualClock } from '../../../test/support/manual-clock.ts'
import { type SandboxGoogle, type SandboxGoogleOptions, startSandboxGoogle } from '../start-google.ts'

type Json = Record<string, unknown>

interface Answered {
  status: number
  headers: Headers
  text: string
  body: Json & { items: Json[]; nextPageToken?: string; nextSyncToken?: string }
}

/** A pretend Google with Ana, Ben and Cleo, and a client for it. */
interface AskedGoogle extends AsyncDisposable {
  google: SandboxGoogle
  clock: ManualClock
  /** Asks as somebody with all scopes of the service account. */
  ask(email: string, path: string, init?: { method?: string; body?: unknown }): Promise<Answered>
  /** `events.list` of the person's own calendar. */
  list(email: string, query?: Record<string, string>): Promise<Answered>
  /** The same, all pages of it. */
  listAll(email: string, query?: Record<string, string>): Promise<{ items: Json[]; syncToken: string; pages: number }>
  token(email: string): Promise<string>
}

export const [ana, ben, cleo] = ['ana@example.com', 'ben@example.com', 'cleo@example.com'] as const

export async function askGoogle(options: Partial<SandboxGoogleOptions> = {}): Promise<AskedGoogle> {
  const clock = createManualClock('2026-11-22T12:00:00Z')
  const people = [ana, ben, cleo].map((email) => ({ email, isAdmin: email === ana }))
  const google = await startSandboxGoogle({ clock, people, ...options })
  const tokens = new Map<string, string>()
  const asked: AskedGoogle = {
    google,
    clock,
    async token(email) {
      const known = tokens.get(email)
      if (known) return known
      const { status, body } = await exchange(google, assertionFor(google, clock, { sub: email }))
      if (status !== 200) throw new Error(JSON.stringify(body))
      tokens.set(email, String(body.access_token))
      return String(body.access_token)
    },
    async ask(email, path, { method = 'GET', body } = {}) {
      const answer = await fetch(`${google.origin}${path}`, {
        method,
        headers: { authorization: `Bearer ${await asked.token(email)}` },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const text = await answer.text()
      return {
        status: answer.status,
        headers: answer.headers,
        text,
        body: text.startsWith('{') ? JSON.parse(text) : {},
      }
    },
    list: (email, query = {}) =>
      asked.ask(email, `/calendar/v3/calendars/primary/events?${new URLSearchParams(query)}`),
    async listAll(email, query = {}) {
      const items: Json[] = []
      let pages = 0
      for (let pageToken: string | undefined; ; ) {
        const { status, body, text } = await asked.list(email, { ...query, ...(pageToken ? { pageToken } : {}) })
        if (status !== 200) throw new Error(text)
        items.push(...body.items)
        pages += 1
        pageToken = body.nextPageToken
        if (!pageToken) return { items, syncToken: body.nextSyncToken ?? '', pages }
      }
    },
    [Symbol.asyncDispose]: () => google[Symbol.asyncDispose](),
  }
  return asked
}

/** A signed assertion with all authorised scopes; each claim can be another. */
export function assertionFor(
  google: SandboxGoogle,
  clock: ManualClock,
  claims: Json = {},
  key = google.serviceAccount.key,
) {
  const iat = Math.floor(clock.now().getTime() / 1_000)
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const head = encode({ alg: 'RS256', typ: 'JWT', kid: key.private_key_id })
  const usual = {
    iss: key.client_email,
    sub: ana,
    scope: [...google.serviceAccount.authorizedScopes].join(' '),
    aud: key.token_uri,
    iat,
    exp: iat + 3_600,
  }
  const payload = encode({ ...usual, ...claims })
  const signature = createSign('RSA-SHA256').update(`${head}.${payload}`).sign(key.private_key).toString('base64url')
  return `${head}.${payload}.${signature}`
}

export async function exchange(google: SandboxGoogle, assertion: string): Promise<{ status: number; body: Json }> {
  const answer = await fetch(google.environment.GOOGLE_TOKEN_URL, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion }),
  })
  return { status: answer.status, body: (await answer.json()) as Json }
}
