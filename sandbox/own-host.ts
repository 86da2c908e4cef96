import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo, Server } from 'node:net'

const LOOPBACK_NAMES = new Set(['127.0.0.1', 'localhost', '[::1]'])

/**
 * Whether a request calls this server by a loopback name and its port. Any site can let a name of its own point at this machine, and its pages
 * could then read and change everything here as if they were ours.
 */
export function isForUs({ headers, socket }: IncomingMessage): boolean {
  const asked = URL.parse(`http://${headers.host ?? ''}`)
  if (!asked || !LOOPBACK_NAMES.has(asked.hostname)) return false
  return Number(asked.port || 80) === socket.localPort
}

/** Answers a request that was meant for somebody else. */
export function refuseStranger(response: ServerResponse, server: Server): void {
  const { port } = server.address() as AddressInfo
  const text = `This server answers under http://127.0.0.1:${port}/ only.\n`
  response.writeHead(421, { 'content-type': 'text/plain; charset=utf-8', 'content-length': text.length })
  response.end(text)
}
