import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { isForUs } from '../own-host.ts'
import { fromPageSchema, readName } from './messages.ts'
import type { RoomWithDoor } from './room.ts'
import { isRoomName, type RoomsWithDoors } from './rooms.ts'
import type { Line, Seat } from './seat.ts'

// A page that vanished without a word is noticed after two of these at most.
const PING_MS = 2_000
const LARGEST_MESSAGE_BYTES = 65_536

/** Serves the WebSocket of each room, `/rooms/<name>/socket`, on a server that answers requests otherwise. */
export function attachSignalling(server: Server, rooms: RoomsWithDoors, pingMs = PING_MS): AsyncDisposable {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: LARGEST_MESSAGE_BYTES })
  server.on('upgrade', (request, stream, head) => {
    const room = isForUs(request) && isSameOrigin(request) ? roomOf(request, rooms) : undefined
    if (!room) return refuse(stream)
    sockets.handleUpgrade(request, stream, head, (socket) => serve(socket, room, pingMs))
  })
  return {
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
    },
  }
}

function serve(socket: WebSocket, room: RoomWithDoor, pingMs: number): void {
  let seat: Seat | undefined
  const line: Line = {
    send: (message) => socket.send(JSON.stringify(message)),
    close: () => socket.close(),
  }
  socket.on('error', () => {})
  socket.on('message', (bytes) => {
    const message = fromPageSchema.safeParse(readJson(String(bytes))).data
    if (!message) return socket.close(1003)
    if (message.type !== 'join') return seat?.receive(message)
    const name = readName(message.name)
    if (seat || name === undefined) return socket.close(1003)
    seat = room.knock({ name, speaks: message.speaks, hears: message.hears }, line)
  })
  const stopPinging = endWhenSilent(socket, pingMs)
  socket.on('close', () => {
    stopPinging()
    seat?.end('dropped')
  })
}

/** A cable that was pulled closes no connection, so each page has to answer. */
function endWhenSilent(socket: WebSocket, pingMs: number): () => void {
  let hasAnswered = true
  socket.on('pong', () => {
    hasAnswered = true
  })
  const timer = setInterval(() => {
    if (!hasAnswered) return socket.terminate()
    hasAnswered = false
    socket.ping()
  }, pingMs)
  return () => clearInterval(timer)
}

function roomOf({ url = '' }: IncomingMessage, rooms: RoomsWithDoors): RoomWithDoor | undefined {
  const [, encoded] = /^\/rooms\/([^/?]+)\/socket$/.exec(url) ?? []
  if (encoded === undefined) return undefined
  try {
    const name = decodeURIComponent(encoded)
    return isRoomName(name) ? rooms.room(name) : undefined
  } catch {
    return undefined
  }
}

/** Other sites' pages can reach this machine too; programs without a browser send no Origin. */
function isSameOrigin({ headers }: IncomingMessage): boolean {
  return headers.origin === undefined || headers.origin === `http://${headers.host}`
}

function refuse(stream: Duplex): void {
  stream.on('error', () => {})
  stream.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
