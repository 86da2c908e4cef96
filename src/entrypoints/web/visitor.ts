/** Who looks at a page. */
export interface Visitor {
  /** Null for somebody without an address: the first start's link, or a visitor of the sandbox. */
  email: string | null
  isAdmin: boolean
  /** When the session began; null without one. */
  since: Date | null
  /** What each of this visitor's forms must carry. */
  csrfToken: string
  /** Whether there is a session that can be ended. */
  hasSession: boolean
}

/** The name of the session's cookie. Under https the prefix keeps neighbouring names from setting it. */
export function sessionCookieName(origin: string | undefined): string {
  return origin?.startsWith('https:') ? '__Host-session' : 'session'
}

/** The name of the cookie that the sandbox's link leaves. */
export function sandboxCookieName(origin: string | undefined): string {
  return origin?.startsWith('https:') ? '__Host-sandbox' : 'sandbox'
}
