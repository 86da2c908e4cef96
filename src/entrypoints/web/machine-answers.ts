import type { Context } from 'hono'
import { findAsset } from './assets.ts'
import type { WebContext } from './route.ts'
import type { WebDeps } from './web-deps.ts'
import { notFound } from './web-errors.ts'

/** Says that the process lives, whatever else does not. */
export function answerHealth(c: Context): Response {
  return c.json({ status: 'ok' })
}

/** Says whether the process can do its work, and what is missing. */
export async function answerReadiness(c: Context, deps: Pick<WebDeps, 'health'>): Promise<Response> {
  const readiness = await deps.health.readiness()
  return c.json(readiness, readiness.ready ? 200 : 503)
}

export async function answerMetrics(c: Context, deps: Pick<WebDeps, 'metrics'>): Promise<Response> {
  return c.body(await deps.metrics.render(), 200, { 'Content-Type': deps.metrics.contentType })
}

/** A file whose name changes with its content, so that browsers may keep it. */
export function answerAsset(c: WebContext): Response {
  const asset = findAsset(c.req.path)
  if (!asset) throw notFound()
  return c.body(asset.body, 200, {
    'Content-Type': asset.contentType,
    'Cache-Control': 'public, max-age=31536000, immutable',
  })
}
