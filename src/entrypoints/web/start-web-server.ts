import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import type { Hono } from 'hono'
import { AppError } from '../../base/errors.ts'
import type { WebEnv } from './route.ts'

/** Requests that still run when the server stops get this long. */
const GRACE_MS = 5_000

/** A server that listens; disposing of it lets running requests end and closes every connection. */
export interface WebServer extends AsyncDisposable {
  port: number
}

interface StartWebServerOptions {
  app: Pick<Hono<WebEnv>, 'fetch'> | Pick<Hono, 'fetch'>
  host: string
  /** 0: any free one. */
  port: number
  /** The setting that the port comes from. */
  setting?: 'PORT' | 'METRICS_PORT'
}

/** Starts listening. Throws `port_taken`, `port_refused` or `host_unavailable`, each naming the setting to change. */
export async function startWebServer({ app, host, port, setting = 'PORT' }: StartWebServerOptions): Promise<WebServer> {
  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false }) as Server
  let isStopping = false
  server.on('request', (_, response) => {
    response.once('close', () => {
      if (isStopping) setImmediate(() => server.closeIdleConnections())
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(explainFailure(error, host, port, setting)))
    server.listen(port, host, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      isStopping = true
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeIdleConnections()
      const deadline = setTimeout(() => server.closeAllConnections(), GRACE_MS)
      await closed
      clearTimeout(deadline)
    },
  }
}

function explainFailure(cause: Error, host: string, port: number, setting: string): Error {
  switch ((cause as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return new AppError(
        'port_taken',
        `Port ${port} on ${host} is taken by another program. Stop that program, or set ${setting} to another one, such as ${setting}=${port + 1}.`,
        { cause },
      )
    case 'EACCES':
      return new AppError(
        'port_refused',
        `This user may not listen on port ${port}. Set ${setting} to one above 1023, such as ${setting}=8000.`,
        { cause },
      )
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new AppError(
        'host_unavailable',
        `HOST is ${host}, which is no address of this machine. Use 127.0.0.1, or 0.0.0.0 for all of its addresses.`,
        { cause },
      )
    default:
      return cause
  }
}
