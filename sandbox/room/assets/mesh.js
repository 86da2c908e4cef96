// A connection to every other participant. Whoever comes later calls; whoever was there answers.

/**
 * Without a microphone this side only receives. `signal(to, data)` carries offers, answers and candidates,
 * which have to arrive in order.
 */
export function createMesh({ microphone, hears, signal, onTrack, onConnectionState }) {
  const peers = new Map()

  function open({ id, hears: otherHears }, isCaller) {
    // Two who both do not listen have nothing to say to each other. Twenty pretend people would otherwise be 190 connections.
    if (!hears && !otherHears) return
    const connection = new RTCPeerConnection()
    const peer = { connection, isCaller, work: Promise.resolve() }
    peers.set(id, peer)
    connection.onicecandidate = ({ candidate }) => {
      if (candidate) signal(id, { candidate: candidate.toJSON() })
    }
    connection.ontrack = ({ track }) => onTrack(id, track)
    connection.onconnectionstatechange = () => {
      onConnectionState(id, connection.connectionState)
      if (connection.connectionState === 'failed' && isCaller) {
        connection.restartIce()
        enqueue(peer, () => offer(id, peer))
      }
    }
    return peer
  }

  /** One step after the other: an answer must not overtake the offer's own work. */
  function enqueue(peer, step) {
    peer.work = peer.work.then(step).catch((error) => {
      if (peer.connection.signalingState !== 'closed') console.warn('signalling failed', error)
    })
  }

  function attach(transceiver) {
    const direction = microphone ? (hears ? 'sendrecv' : 'sendonly') : hears ? 'recvonly' : 'inactive'
    if (transceiver.direction !== direction) transceiver.direction = direction
    return microphone && transceiver.sender.replaceTrack(microphone)
  }

  async function offer(id, { connection }) {
    await connection.setLocalDescription()
    signal(id, { description: connection.localDescription.toJSON() })
  }

  async function answer(id, { connection }) {
    await attach(connection.getTransceivers()[0])
    await offer(id, { connection })
  }

  return {
    call(other) {
      const peer = open(other, true)
      if (!peer) return
      enqueue(peer, async () => {
        await attach(peer.connection.addTransceiver('audio'))
        await offer(other.id, peer)
      })
    },
    expect: (other) => void open(other, false),
    receive(from, { description, candidate }) {
      const peer = peers.get(from)
      if (!peer) return
      enqueue(peer, async () => {
        if (candidate) return peer.connection.addIceCandidate(candidate)
        await peer.connection.setRemoteDescription({ ...description, sdp: quietInPauses(description.sdp) })
        if (description.type === 'offer') await answer(from, peer)
      })
    },
    drop(id) {
      peers.get(id)?.connection.close()
      peers.delete(id)
    },
    close() {
      for (const { connection } of peers.values()) connection.close()
      peers.clear()
    },
  }
}

/** Lets Opus send next to nothing while nobody speaks, as meeting platforms do. */
function quietInPauses(sdp) {
  return sdp.replace(/(useinbandfec=1)(?!;usedtx)/g, '$1;usedtx=1')
}
