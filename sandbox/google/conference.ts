import { createHash } from 'node:crypto'
import type { EventContent } from './event.ts'

/** A room of Google Meet as an event carries it, always the same for the same event. Nobody is there: the letters are no real code. */
export function conferenceOf(
  eventId: string,
  createRequest: object,
): Pick<EventContent, 'conferenceData' | 'hangoutLink'> {
  const letters = [...createHash('sha256').update(eventId).digest()].map(
    (byte) => 'abcdefghijklmnopqrstuvwxyz'[byte % 26],
  )
  const code = [letters.slice(0, 3), letters.slice(3, 7), letters.slice(7, 10)].map((part) => part.join('')).join('-')
  const uri = `https://meet.google.com/${code}`
  return {
    hangoutLink: uri,
    conferenceData: {
      createRequest,
      entryPoints: [
        { entryPointType: 'video', uri, label: `meet.google.com/${code}` },
        { entryPointType: 'more', uri: `https://tel.meet/${code}?pin=0000000000000`, pin: '0000000000000' },
        { entryPointType: 'phone', uri: 'tel:+49-30-00000000', label: '+49 30 00000000', pin: '000000000' },
      ],
      conferenceSolution: { key: { type: 'hangoutsMeet' }, name: 'Google Meet' },
      conferenceId: code,
    },
  }
}

/** What is asked for is pending at first: an event comes without a link, and again with one. */
export function withPendingConference(content: EventContent): EventContent {
  const { createRequest } = (content.conferenceData ?? {}) as { createRequest?: { status?: unknown } }
  if (!createRequest || createRequest.status !== undefined) return content
  const pending = { ...createRequest, status: { statusCode: 'pending' } }
  return { ...content, conferenceData: { ...content.conferenceData, createRequest: pending } }
}
