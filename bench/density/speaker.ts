import { randomInt } from 'node:crypto'
import { Audio, PeerConnection, type Track } from 'node-datachannel'
import type { FromPage, Participant, ToPage } from '../../sandbox/room/messages.ts'
import { PACKET_MS, PACKET_SAMPLES } from '../../src/formats/opus/packet-length.ts'
import { packetsOf, SILENCE } from './clip-packets.ts'
import { readPacketsLost, writeRtpPacket } from './rtp-packet.ts'

const PAYLOAD_TYPE = 111
/** Somebody silent is heard from this often, as with libopus. */
const SLOTS_BETWEEN_SILENCES = 20

export interface Saying {
  clip: string
  /** From the scene's start. */
  atMs: number
}

/** What one person sent, and what the one who listens says of it. */
export interface Sent {
  packets: number
  packetsLost: number
}

/** Somebody in a sandbox room without a browser: prepared packets over a real connection to each who listens. */
export interface Speaker {
  /** Resolves when the first listener is connected; rejects where there is none, or none can be reached. */
  readonly isConnected: Promise<void>
  /** Sends what is due at this time of the scene. */
  advance(nowMs: number): void
  sent(): Sent
  leave(): void
}

/** Somebody who joins a room in which the listeners are already: whoever comes calls those who are there. */
export function joinAsSpeaker(options: {
  socketUrl: string
  name: string
  says: readonly Saying[]
  /** Milliseconds by which this person's packets are later than full slots, so that not all send at once. */
  phaseMs: number
}): Speaker {
  const { name, says, phaseMs } = options
  const connected = Promise.withResolvers<void>()
  const lines = new Map<string, Line>()
  const socket = new WebSocket(options.socketUrl)
  const send = (message: FromPage) => socket.send(JSON.stringify(message))
  const signal = (to: string, data: unknown) => send({ type: 'signal', to, data })
  socket.addEventListener('open', () => send({ type: 'join', name, speaks: true, hears: false }))
  socket.addEventListener('error', () => connected.reject(new Error(`${name} could not reach the room`)))
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as ToPage
    if (message.type === 'welcome') {
      const listeners = message.others.filter(({ hears }) => hears)
      if (listeners.length === 0) connected.reject(new Error(`Nobody in the room of ${name} listens`))
      for (const other of listeners) lines.set(other.id, call(other, signal, connected))
    }
    if (message.type === 'signal') lines.get(message.from)?.receive(message.data)
  })

  const bySlot = packetsBySlot(says)
  let slot = -1
  let silentSlots = 0
  return {
    isConnected: connected.promise,
    advance(nowMs) {
      for (const due = Math.floor((nowMs - phaseMs) / PACKET_MS); slot < due; ) {
        slot++
        const packet = bySlot.get(slot)
        silentSlots = packet ? 0 : silentSlots + 1
        const sent = packet ?? (silentSlots % SLOTS_BETWEEN_SILENCES === 1 ? SILENCE : undefined)
        if (sent) for (const line of lines.values()) line.send(sent, slot)
      }
    },
    sent() {
      const all = [...lines.values()].map((line) => line.sent())
      return {
        packets: all.reduce((sum, { packets }) => sum + packets, 0),
        packetsLost: all.reduce((sum, { packetsLost }) => sum + packetsLost, 0),
      }
    },
    leave() {
      if (socket.readyState === WebSocket.OPEN) send({ type: 'leave' })
      for (const line of lines.values()) line.close()
      socket.close()
    },
  }
}

interface Line {
  receive(data: unknown): void
  send(payload: Uint8Array, slot: number): void
  sent(): Sent
  close(): void
}

/** One connection to one listener. */
function call(
  other: Participant,
  signal: (to: string, data: unknown) => void,
  connected: Pick<PromiseWithResolvers<void>, 'resolve' | 'reject'>,
): Line {
  const connection = new PeerConnection('speaker', { iceServers: [], bindAddress: '127.0.0.1' })
  const ssrc = randomInt(1, 2 ** 31)
  const stream = { ssrc, payloadType: PAYLOAD_TYPE, sequence: randomInt(2 ** 15), timestamp: randomInt(2 ** 31) }
  const early: { candidate: string; sdpMid: string }[] = []
  let packets = 0
  let packetsLost = 0
  const audio = new Audio('0', 'SendOnly')
  audio.addOpusCodec(PAYLOAD_TYPE, 'minptime=10;useinbandfec=1;usedtx=1')
  audio.addSSRC(ssrc, 'speaker', 'speaker', 'speaker')
  connection.onLocalDescription((sdp, type) => signal(other.id, { description: { type, sdp } }))
  connection.onLocalCandidate((candidate, sdpMid) => signal(other.id, { candidate: { candidate, sdpMid } }))
  const track: Track = connection.addTrack(audio)
  track.onOpen(connected.resolve)
  connection.onStateChange((state) => {
    if (state === 'failed') connected.reject(new Error('The connection to a listener failed'))
  })
  track.onMessage((message) => {
    packetsLost = readPacketsLost(message, ssrc) ?? packetsLost
  })
  connection.setLocalDescription()
  return {
    receive(data) {
      const { description, candidate } = data as {
        description?: { sdp: string; type: 'answer' }
        candidate?: { candidate: string; sdpMid: string }
      }
      if (description) connection.setRemoteDescription(description.sdp, description.type)
      // A candidate may overtake the answer, and a name instead of an address would be looked up in vain: it is found by its own knocking.
      if (candidate?.candidate && !candidate.candidate.includes('.local')) early.push(candidate)
      if (!connection.remoteDescription()) return
      for (const one of early.splice(0)) connection.addRemoteCandidate(one.candidate, one.sdpMid)
    },
    send(payload, slot) {
      if (!track.isOpen()) return
      const timestamp = (stream.timestamp + slot * PACKET_SAMPLES) >>> 0
      const sequence = (stream.sequence + packets++) & 0xffff
      track.sendMessageBinary(writeRtpPacket({ ...stream, sequence, timestamp }, payload))
    },
    sent: () => ({ packets, packetsLost }),
    close: () => connection.close(),
  }
}

function packetsBySlot(says: readonly Saying[]): Map<number, Uint8Array> {
  const bySlot = new Map<number, Uint8Array>()
  for (const { clip, atMs } of says)
    for (const [i, packet] of packetsOf(clip).entries()) bySlot.set(Math.round(atMs / PACKET_MS) + i, packet)
  return bySlot
}
