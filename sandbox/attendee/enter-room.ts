import { WebSocket } from 'ws'
import type { Farewell, FromPage, Participant, ToPage } from '../room/messages.ts'

/** What a bot hears from the room it went to. */
interface RoomEars {
  lobby(): void
  welcome(self: Participant, others: readonly Participant[]): void
  joined(participant: Participant): void
  renamed(participant: Participant): void
  left(id: string): void
  chat(name: string, text: string): void
  /** The room said goodbye, or the connection ended without a word. */
  gone(reason: Farewell | 'connection_lost'): void
  /** There is no such room. */
  missing(): void
}

/** A bot's place in a room or its lobby. */
export interface RoomPlace {
  say(text: string): void
  leave(): void
}

/** Sits a bot in a room of the sandbox through the room's own signalling, as somebody without microphone who hears nobody. */
export function enterRoom({ url, name, ears }: { url: string; name: string; ears: RoomEars }): RoomPlace {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws').replace(/[?#].*$/, '')}/socket`)
  let isOver = false
  const send = (message: FromPage) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message))
  }
  const finish = (tell: () => void) => {
    if (isOver) return
    isOver = true
    tell()
    socket.close()
  }
  socket.on('open', () => send({ type: 'join', name, speaks: false, hears: false }))
  socket.on('message', (bytes) => {
    if (isOver) return
    const message = JSON.parse(String(bytes)) as ToPage
    if (message.type === 'lobby') ears.lobby()
    else if (message.type === 'welcome') ears.welcome(message.you, message.others)
    else if (message.type === 'joined') ears.joined(message.participant)
    else if (message.type === 'renamed') ears.renamed(message.participant)
    else if (message.type === 'left') ears.left(message.id)
    else if (message.type === 'chat') ears.chat(message.message.name, message.message.text)
    else if (message.type === 'farewell') finish(() => ears.gone(message.reason))
  })
  socket.on('unexpected-response', () => finish(() => ears.missing()))
  socket.on('error', () => finish(() => ears.missing()))
  socket.on('close', () => finish(() => ears.gone('connection_lost')))
  return {
    say: (text) => send({ type: 'chat', text }),
    leave() {
      if (isOver) return
      isOver = true
      send({ type: 'leave' })
      // Still being connected, it is given up.
      if (socket.readyState === WebSocket.CONNECTING) socket.terminate()
      else socket.close()
    },
  }
}
