import { z } from 'zod'
import { decodeFully, queryParam } from '../web-url.ts'
import { type LinkReading, refused } from './link-platform.ts'

const THREAD = /^19:[\w.+=-]{1,300}@[a-z0-9.]{1,60}$/i

const identifier = z.string().regex(/^[\w-]{1,80}$/)
// Tenant and organiser let a guest in; the last two tell a broadcast's audience from its speakers. The rest is not needed.
const contextSchema = z.object({
  Tid: identifier,
  Oid: identifier.optional().catch(undefined),
  IsBroadcastMeeting: z.boolean().optional().catch(undefined),
  role: identifier.optional().catch(undefined),
})

/** `/l/meetup-join/<thread>/<message>?context={"Tid":…,"Oid":…}`, encoded or not. Without the context it opens nothing. */
export function readMeetupJoin(url: URL, [rawThread = '', rawMessage = '']: readonly string[]): LinkReading {
  const thread = readThread(decodeFully(rawThread))
  const context = readContext(queryParam(url.search, 'context'))
  if (thread === null || context === null) return refused('damaged')
  const message = /^\d{1,20}/.exec(rawMessage)?.[0] ?? '0'
  const path = `${encodeURIComponent(thread)}/${message}`
  return {
    kind: 'room',
    roomId: isMeetingThread(thread) ? thread : `${thread}/${message}`,
    url: `https://${url.hostname}/l/meetup-join/${path}?context=${encodeURIComponent(JSON.stringify(context))}`,
    entry: 'complete',
  }
}

/** The part before the @ is case-sensitive, what follows is a domain. */
function readThread(thread: string): string | null {
  if (!THREAD.test(thread)) return null
  const at = thread.lastIndexOf('@')
  return thread.slice(0, at) + thread.slice(at).toLowerCase()
}

/** A meeting has a thread of its own; in a channel many meetings share one, and the message they hang on tells them apart. */
function isMeetingThread(thread: string): boolean {
  return thread.startsWith('19:meeting_') || thread.endsWith('@thread.v2')
}

function readContext(value: string | null): z.infer<typeof contextSchema> | null {
  // The object is flat: what follows the first brace is text that ran into the link.
  const json = /^\s*\{[^{}]{1,1000}\}/.exec(decodeFully(value ?? ''))?.[0]
  if (json === undefined) return null
  try {
    return contextSchema.parse(JSON.parse(json))
  } catch {
    return null
  }
}
