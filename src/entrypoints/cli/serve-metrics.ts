import type { App } from '../../app.ts'
import { createMetricsApp, startWebServer } from '../web/index.ts'

/** Serves the addresses for machines on METRICS_PORT, where it is set. Throws `port_taken` and the like. */
export async function serveMetrics(app: App): Promise<AsyncDisposable> {
  const { host, metricsPort } = app.config.server
  if (metricsPort === undefined) return { [Symbol.asyncDispose]: async () => {} }
  const server = await startWebServer({ app: createMetricsApp(app), host, port: metricsPort, setting: 'METRICS_PORT' })
  app.log.info('Metrics are served', { host, port: server.port })
  return server
}
