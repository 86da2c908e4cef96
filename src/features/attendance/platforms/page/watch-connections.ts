interface ConnectionWatch {
  /** What the connections say of themselves now. */
  measure(): Promise<ConnectionFacts>
}

interface ConnectionFacts {
  connections: number
  connected: number
  /** Audio packets received since the page began. */
  packets: number
}

/** Tells of every remote audio track in any connection the page makes from now on. The page notices nothing. */
export function watchConnections(onTrack: (track: MediaStreamTrack) => void): ConnectionWatch {
  const open = new Set<RTCPeerConnection>()
  let packetsOfClosed = 0
  const packetsOf = new Map<RTCPeerConnection, number>()
  window.RTCPeerConnection = new Proxy(window.RTCPeerConnection, {
    construct(target, args, newTarget) {
      const connection = Reflect.construct(target, args, newTarget) as RTCPeerConnection
      open.add(connection)
      connection.addEventListener('track', ({ track }) => {
        if (track.kind === 'audio') onTrack(track)
      })
      return connection
    },
  })

  function forgetClosed() {
    for (const connection of open) {
      if (connection.connectionState !== 'closed') continue
      open.delete(connection)
      packetsOfClosed += packetsOf.get(connection) ?? 0
      packetsOf.delete(connection)
    }
  }

  return {
    async measure() {
      forgetClosed()
      await Promise.all([...open].map(async (one) => packetsOf.set(one, await audioPacketsOf(one))))
      let packets = packetsOfClosed
      for (const count of packetsOf.values()) packets += count
      const connected = [...open].filter((one) => one.connectionState === 'connected').length
      return { connections: open.size, connected, packets }
    },
  }
}

async function audioPacketsOf(connection: RTCPeerConnection): Promise<number> {
  let packets = 0
  const report = await connection.getStats().catch(() => undefined)
  report?.forEach((entry: { type: string; kind?: string; packetsReceived?: number }) => {
    if (entry.type === 'inbound-rtp' && entry.kind === 'audio') packets += entry.packetsReceived ?? 0
  })
  return packets
}
