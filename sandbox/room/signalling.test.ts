import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { systemClock } from '../../src/base/clock.ts'
import { createRooms } from './rooms.ts'
import { attachSignalling } from './signalling.ts'

const PING_MS = 40

describe('The signalling', () => {
  let server: Server
  let rooms: ReturnType<typeof createRooms>
  let signalling: AsyncDisposable
  let host: string

  beforeEach(async () => {
    server = createServer()
    rooms = createRooms({ clock: systemClock })
    signalling = attachSignalling(server, rooms, PING_MS)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterEach(async () => {
    const closed = once(server, 'close')
    server.close()
    await signalling[Symbol.asyncDispose]()
    await closed
  })

  async function connect(options: object = {}, path = '/rooms/den/socket') {
    const socket = new WebSocket(`ws://${host}${path}`, options)
    await once(socket, 'open')
    return socket
  }
  const join = (socket: WebSocket, name: string) =>
    socket.send(JSON.stringify({ type: 'join', name, speaks: false, hears: true }))

  it('notices who vanished without a word', async () => {
    const frozen = await connect({ autoPong: false })
    const room = rooms.room('den')
    join(frozen, 'Ana')
    await room.until(({ participants }) => participants().length === 1)
    await room.until(({ participants }) => participants().length === 0)
    expect(room.visits[0]?.end).toBe('dropped')
  })

  it.each(['no JSON', '{}', '{"type":"join","name":"  ","speaks":false,"hears":true}', '{"type":"admit","id":"x"}'])(
    'ends the connection of who says %s',
    async (text) => {
      const socket = await connect()
      socket.send(text)
      await once(socket, 'close')
      expect(rooms.room('den').visits).toEqual([])
    },
  )

  it('lets nobody join twice on one connection', async () => {
    const socket = await connect()
    join(socket, 'Ana')
    join(socket, 'Ben')
    await once(socket, 'close')
    expect(rooms.room('den').visits.map(({ name }) => name)).toEqual(['Ana'])
  })

  it.each(['https://evil.example', 'null'])('refuses pages of %s', async (origin) => {
    await expect(connect({ origin })).rejects.toThrow('403')
    await expect(connect({ origin: `http://${host}` })).resolves.toBeDefined()
  })

  it.each(['/rooms/%/socket', '/rooms/a%2Fb/socket', '/rooms/den', '/'])('has nothing at %s', async (path) => {
    await expect(connect({}, path)).rejects.toThrow('403')
  })
})
