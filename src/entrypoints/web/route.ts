import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import type { RequestFacts } from './guards/request-facts.ts'
import type { LiveKnock, LiveTranscripts } from './pages/transcript/live-transcripts.ts'
import type { Reader } from './reader.ts'
import type { Visitor } from './visitor.ts'
import type { WebDeps } from './web-deps.ts'
import type { WebLimits } from './web-limits.ts'

/**
 * Who may call a route. `machine`: a program that sends METRICS_TOKEN, or where neither that nor SITE_URL is set one on this machine; it
 * has no session, so that no browser can be made to call for it. `reader`: whoever may read the transcript that the address names, by a link or a session.
 * `webhook`: somebody else's program, which proves itself by what it sends; the handler asks for that proof.
 */
export type Caller = 'public' | 'signed_in' | 'administrator' | 'machine' | 'reader' | 'webhook'

export interface WebEnv {
  Bindings: HttpBindings
  Variables: {
    /** Names this request in the log and on the page of an unexpected error. */
    requestId: string
    facts: RequestFacts
    visitor: Visitor | undefined
    /** Set on the routes of readers. */
    reader: Reader | undefined
    /** The pattern of the route that answered. */
    routePath: string
    limits: WebLimits
    live: LiveTranscripts
    /** Set on routes that stay open. */
    knock: LiveKnock | undefined
  }
}
export type WebContext = Context<WebEnv>

/** One address, declared as data: whatever is not declared is not served. */
export interface Route {
  method: 'GET' | 'POST'
  /** Without a slash at its end; one is accepted. */
  path: string
  caller: Caller
  /** Served under any Host header: for probes that know us by an address. Never for anything private. */
  anyHost?: true
  /** Stays open: who asks for more of them than there are places is refused before anything is looked up. */
  isStream?: true
  handle(c: WebContext, deps: WebDeps): Response | Promise<Response>
}
