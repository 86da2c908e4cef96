import { z } from 'zod'
import { decodeText, queryParam } from '../web-url.ts'
import { type LinkReading, refused } from './link-platform.ts'

const coordinatesSchema = z.object({
  conversationId: z.string().max(400),
  tenantId: z.string().max(100),
  messageId: z.string().max(30).nullish(),
  organizerId: z.string().max(100).nullish(),
})

/** The guest page `/light-meetings/launch?coords=…`: base64 of JSON, the padding often lost, sometimes percent-encoded inside. */
export function readCoordinates(url: URL): LinkReading {
  try {
    const coordinates = queryParam(url.search, 'coords') ?? ''
    const json = decodeText(Buffer.from(coordinates, 'base64').toString('utf8'))
    const { conversationId, tenantId, messageId, organizerId } = coordinatesSchema.parse(JSON.parse(json))
    const context = JSON.stringify({ Tid: tenantId, Oid: organizerId ?? undefined })
    const path = `${encodeURIComponent(conversationId)}/${messageId ?? '0'}?context=${encodeURIComponent(context)}`
    return { kind: 'leads_to', target: `https://${url.hostname}/l/meetup-join/${path}` }
  } catch {
    return refused('damaged')
  }
}

/**
 * Pages that hold the real path behind a `#`: the launcher, in its `url` parameter or, where that was not encoded, in its own fragment,
 * and the web client's `/v2/` and `/_`. Other pages of Teams have no such path and are not meetings.
 */
export function readInnerPath(url: URL, isLauncher: boolean): LinkReading {
  const path = innerPath(url.hash) ?? innerPath(queryParam(url.search, 'url') ?? '')
  if (path !== null) return { kind: 'leads_to', target: `https://${url.hostname}${path}` }
  return isLauncher ? refused('damaged') : null
}

/** Decoded only as far as needed to see the path: the thread and context inside keep their own encoding. */
function innerPath(text: string): string | null {
  let current = text
  for (let i = 0; i < 4; i++) {
    const path = /(?:^|[#_]|^https:\/\/[\w.]+)(\/(?:l\/meetup-join|meet)\/.*)$/is.exec(current)?.[1]
    if (path !== undefined) return path
    current = decodeText(current)
  }
  return null
}
