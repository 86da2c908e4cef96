import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { type AddressInfo, connect, createServer as createSocketServer, type Server, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** What came in, for asserting. */
export interface SeenRequest {
  method: string
  url: string
  headers: IncomingMessage['headers']
}

export interface TestServer {
  port: number
  origin: string
  seen: SeenRequest[]
}

/** A real HTTP server on 127.0.0.1 that ends with the test. */
export async function startHttpServer(listener: RequestListener): Promise<TestServer> {
  const seen: SeenRequest[] = []
  const server = createServer((request, response) => {
    seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers })
    listener(request, response)
  })
  return { ...(await listen(server)), seen }
}

/** A server that gets each connection's socket once a request's head has come in, to answer with whatever bytes it likes. */
export async function startRawServer(answer: (socket: Socket) => void): Promise<TestServer> {
  const seen: SeenRequest[] = []
  const server = createSocketServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', (head) => {
      const [method = '', url = ''] = head.toString('latin1').split(' ')
      seen.push({ method, url, headers: {} })
      answer(socket)
    })
  })
  return { ...(await listen(server)), seen }
}

/** A real forward proxy: CONNECT for tunnels, absolute addresses else. It takes every name to be this machine. */
export async function startProxy(options: { authorization?: string; refuses?: number } = {}): Promise<TestServer> {
  const seen: SeenRequest[] = []
  const note = ({ method = '', url = '', headers }: IncomingMessage) => seen.push({ method, url, headers })
  const statusFor = ({ headers }: IncomingMessage) =>
    options.refuses ?? (headers['proxy-authorization'] === options.authorization ? 200 : 407)
  const server = createServer((request, response) => {
    note(request)
    if (statusFor(request) !== 200) response.writeHead(statusFor(request)).end()
    else response.end(`forwarded ${request.url}`)
  })
  server.on('connect', (request, socket) => {
    note(request)
    if (statusFor(request) !== 200) {
      socket.end(`HTTP/1.1 ${statusFor(request)} No\r\n\r\n`)
      return
    }
    const target = connect(Number(request.url?.split(':').at(-1)), '127.0.0.1')
    target.on('error', () => socket.destroy()).on('connect', () => socket.write('HTTP/1.1 200 Yes\r\n\r\n'))
    socket.on('error', () => target.destroy())
    socket.pipe(target).pipe(socket)
  })
  return { ...(await listen(server)), seen }
}

async function listen(server: Server): Promise<{ port: number; origin: string }> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { port, origin: `http://127.0.0.1:${port}` }
}
