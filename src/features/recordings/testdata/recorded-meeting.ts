import { newBotId, newId } from '../../../base/ids.ts'
import type { Database } from '../../../platform/db/index.ts'

const AT = new Date('2026-11-23T09:00:00Z')

/** A meeting and as many bots as asked for, one after the other; the last one is there. */
export async function seedMeeting(db: Database, botCount = 1): Promise<{ meetingId: string; botIds: string[] }> {
  const meetingId = newId()
  const room = { platform: 'sandbox', roomId: meetingId, roomKey: `sandbox:${meetingId}` }
  await db
    .insertInto('meeting')
    .values({
      id: meetingId,
      hubId: null,
      ...room,
      meetingUrl: 'https://rooms.example.com/one',
      uid: `${meetingId}@example.com`,
      occurrenceKey: '',
      startsAt: AT,
      endsAt: AT,
      isAllDay: false,
      title: 'Weekly planning',
      isPrivate: false,
      organizerEmail: null,
      attendeeCount: 2,
      copies: 1,
      supporting: 1,
      decision: 'attend',
      reason: 'wanted',
      reasonDetail: '{}',
      decidedAt: AT,
    })
    .execute()
  const botIds = Array.from({ length: botCount }, newBotId)
  const bot = {
    meetingId,
    roomKey: room.roomKey,
    runner: 'browser',
    joinAt: AT,
    attendsAt: AT,
    jobId: null,
  }
  await db
    .insertInto('bot')
    .values(botIds.map((id) => ({ ...bot, id, state: id === botIds.at(-1) ? 'joined_recording' : 'ended' })))
    .execute()
  return { meetingId, botIds }
}

/** Packets that look like 20 ms of Opus each and tell by their last bytes which they are. */
export function numberedPackets(count: number, first = 0, length = 40): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => {
    const packet = Buffer.alloc(length, 0x55)
    packet[0] = 0xf8
    packet.writeUInt32BE(first + i, length - 4)
    return packet
  })
}
