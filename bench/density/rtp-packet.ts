interface RtpFields {
  ssrc: number
  payloadType: number
  sequence: number
  timestamp: number
}

const HEADER_BYTES = 12

/** A packet of RTP (RFC 3550, section 5.1) without extensions. */
export function writeRtpPacket(fields: RtpFields, payload: Uint8Array): Buffer {
  const packet = Buffer.alloc(HEADER_BYTES + payload.length)
  packet[0] = 0x80
  packet[1] = fields.payloadType
  packet.writeUInt16BE(fields.sequence, 2)
  packet.writeUInt32BE(fields.timestamp, 4)
  packet.writeUInt32BE(fields.ssrc, 8)
  packet.set(payload, HEADER_BYTES)
  return packet
}

const SENDER_REPORT = 200
const RECEIVER_REPORT = 201
const BLOCK_BYTES = 24

/** How many packets of this stream the receiver has missed so far, where a message of RTCP says it (RFC 3550, section 6.4). */
export function readPacketsLost(message: Buffer, ssrc: number): number | undefined {
  for (let at = 0; at + 8 <= message.length; ) {
    const type = message[at + 1]
    const blocks = (message[at] as number) & 0x1f
    const length = (message.readUInt16BE(at + 2) + 1) * 4
    const from = type === SENDER_REPORT ? at + 28 : at + 8
    if (type === SENDER_REPORT || type === RECEIVER_REPORT)
      for (let block = 0; block < blocks; block++) {
        const place = from + block * BLOCK_BYTES
        if (place + BLOCK_BYTES > message.length) return undefined
        if (message.readUInt32BE(place) === ssrc) return message.readIntBE(place + 5, 3)
      }
    at += length
  }
  return undefined
}
