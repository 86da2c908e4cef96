import { Hono } from 'hono'
import { secureHeaders } from './guards/security-headers.ts'
import { answerHealth, answerMetrics, answerReadiness } from './machine-answers.ts'
import type { WebDeps } from './web-deps.ts'

/** What METRICS_PORT serves: the addresses for machines and nothing else, to whoever reaches that port. */
export function createMetricsApp(deps: Pick<WebDeps, 'metrics' | 'health'>): Pick<Hono, 'fetch'> {
  const app = new Hono({ strict: false })
  app.use('*', async (c, next) => {
    await next()
    secureHeaders(c.res.headers)
  })
  app.get('/health', answerHealth)
  app.get('/health/ready', (c) => answerReadiness(c, deps))
  app.get('/metrics', (c) => answerMetrics(c, deps))
  return app
}
