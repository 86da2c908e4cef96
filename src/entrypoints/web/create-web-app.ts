import { getConnInfo } from '@hono/node-server/conninfo'
import { Hono } from 'hono'
import { AppError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { answerError } from './answer-error.tsx'
import { findReader, proofOf } from './find-reader.ts'
import { findVisitor } from './find-visitor.ts'
import { type AddressList, parseAddressList } from './guards/address-list.ts'
import { readRequestFacts } from './guards/request-facts.ts'
import { requireCaller } from './guards/require-caller.ts'
import { requireHost } from './guards/require-host.ts'
import { requireCsrfToken, requireOwnOrigin } from './guards/require-own-form.ts'
import { requireSmallBody } from './guards/require-small-body.ts'
import { secureHeaders } from './guards/security-headers.ts'
import { createLiveTranscripts } from './pages/transcript/live-transcripts.ts'
import { readForm } from './read-body.ts'
import type { Route, WebContext, WebEnv } from './route.ts'
import { routes } from './routes.ts'
import type { WebDeps } from './web-deps.ts'
import { notFound } from './web-errors.ts'
import { createWebLimits } from './web-limits.ts'

/** The pages and the addresses for machines, from the table of routes. What the table does not name is not served. */
export function createWebApp(deps: WebDeps): Hono<WebEnv> {
  const trusted = parseAddressList(deps.server.trustedProxies)
  const limits = createWebLimits(deps.clock)
  const live = createLiveTranscripts(deps)
  const app = new Hono<WebEnv>({ strict: false })
  app.use('*', async (c, next) => {
    const startedAt = performance.now()
    prepare(c, deps, trusted)
    c.set('limits', limits)
    c.set('live', live)
    c.set('knock', undefined)
    await next()
    secureHeaders(c.res.headers)
    const { method } = c.req
    const durationMs = performance.now() - startedAt
    deps.metrics.countRequest({ route: c.get('routePath'), method, status: c.res.status, durationMs })
  })
  app.use('*', async (c, next) => {
    requireSmallBody(c.req.raw.headers)
    await next()
  })
  for (const route of routes) app.on(route.method, route.path, (c) => serve(c, deps, route))
  for (const [path, methods] of methodsByPath()) {
    app.all(path, (c) => {
      c.header('Allow', methods.join(', '))
      throw new AppError('method_not_allowed', `This address answers ${methods.join(' and ')} only.`)
    })
  }
  app.notFound((c) => answerError(c, deps, notFound()))
  app.onError((error, c) => answerError(c, deps, error))
  return app
}

function prepare(c: WebContext, deps: WebDeps, trusted: AddressList): void {
  const { address } = getConnInfo(c).remote
  c.set('requestId', newId())
  c.set('visitor', undefined)
  c.set('reader', undefined)
  c.set('routePath', 'unknown')
  c.set('facts', readRequestFacts({ headers: c.req.raw.headers, peerAddress: address }, deps.server, trusted))
}

async function serve(c: WebContext, deps: WebDeps, route: Route): Promise<Response> {
  c.set('routePath', route.path)
  const facts = c.get('facts')
  if (!route.anyHost) requireHost(facts, deps.server)
  if (!route.isStream) {
    await letIn(c, deps, route)
    return route.handle(c, deps)
  }
  using knock = c.get('live').knock(proofOf(c, deps))
  c.set('knock', knock)
  await knock.ask(() => letIn(c, deps, route))
  return await route.handle(c, deps)
}

/** Finds out who calls, and throws unless they may. */
async function letIn(c: WebContext, deps: WebDeps, route: Route): Promise<void> {
  const facts = c.get('facts')
  const isForPeople = route.caller !== 'public' && route.caller !== 'machine' && route.caller !== 'webhook'
  const visitor = isForPeople ? await findVisitor(c, deps) : undefined
  c.set('visitor', visitor)
  requireCaller(route.caller, {
    visitor,
    isLocal: facts.isLocal,
    authorization: c.req.header('authorization'),
    metricsToken: deps.metricsToken,
  })
  if (route.caller === 'reader') c.set('reader', await findReader(c, deps, visitor))
  // A webhook is no form of ours: it comes from elsewhere, and no browser can prove anything by it.
  if (route.method === 'POST' && route.caller !== 'webhook') {
    const { origin: ownOrigin } = facts
    requireOwnOrigin({ ownOrigin, origin: c.req.header('origin'), fetchSite: c.req.header('sec-fetch-site') })
    if (visitor) requireCsrfToken(visitor.csrfToken, (await readForm(c)).csrf)
  }
}

function methodsByPath(): Map<string, string[]> {
  const byPath = Map.groupBy(routes, (route) => route.path)
  return new Map(
    [...byPath].map(([path, ofPath]) => {
      const methods = ofPath.map((route) => route.method)
      return [path, ofPath.some((route) => route.method === 'GET') ? ['GET', 'HEAD', ...methods.slice(1)] : methods]
    }),
  )
}
