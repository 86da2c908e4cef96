import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { createInterface } from 'node:readline'
import type { RoomChange } from './stub-runner.ts'

/** One stay of a bot in a room that only counts; times are this process's, in milliseconds. */
export interface CountedVisit {
  url: string
  botId: string
  joinAtMs: number
  /** As the bot's process says. */
  cameAtMs: number
  wentAtMs: number | undefined
}

/** Rooms without a browser for bots of other processes. Who is gone with its process has left the moment its connection closed. */
export interface CountingRooms extends AsyncDisposable {
  port: number
  visits: CountedVisit[]
  /** Rooms with somebody in them now. */
  occupied(): number
  /** The most bots that were in one room at once. */
  peak(): number
}

export async function startCountingRooms(): Promise<CountingRooms> {
  const visits: CountedVisit[] = []
  const inRoom = new Map<string, Set<CountedVisit>>()
  let peak = 0
  const leave = (visit: CountedVisit) => {
    visit.wentAtMs ??= Date.now()
    inRoom.get(visit.url)?.delete(visit)
  }
  const server = createServer((socket) => {
    const own = new Map<string, CountedVisit>()
    socket.on('error', () => {})
    socket.on('close', () => {
      for (const visit of own.values()) leave(visit)
    })
    createInterface({ input: socket }).on('line', (line) => {
      const change = JSON.parse(line) as RoomChange
      if (change.what === 'went') {
        const visit = own.get(change.botId)
        if (visit) leave(visit)
        return
      }
      const { url, botId, joinAtMs, atMs } = change
      const visit: CountedVisit = { url, botId, joinAtMs, cameAtMs: atMs, wentAtMs: undefined }
      own.set(botId, visit)
      visits.push(visit)
      const room = inRoom.get(url) ?? new Set()
      inRoom.set(url, room.add(visit))
      peak = Math.max(peak, room.size)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    visits,
    occupied: () => [...inRoom.values()].filter(({ size }) => size > 0).length,
    peak: () => peak,
    async [Symbol.asyncDispose]() {
      server.close()
    },
  }
}
