import { z } from 'zod'

/** What is asked of an event, in Google's notation of partial answers; what is not used does not travel. */
export const EVENT_FIELDS =
  'id,status,iCalUID,created,updated,sequence,recurringEventId,originalStartTime,start,end,recurrence,summary,location,description,' +
  'visibility,eventType,transparency,privateCopy,hangoutLink,conferenceData(entryPoints(entryPointType,uri,passcode,password)),' +
  'organizer(email,displayName,self),attendees(email,displayName,responseStatus,self,resource)'

const text = z.string().optional().catch(undefined)

/** A day, or an instant with the zone in which it was entered. */
const eventTime = z.object({ date: text, dateTime: text, timeZone: text })

const person = z.object({ email: text, displayName: text, self: z.boolean().optional().catch(undefined) })

const attendee = person.extend({ responseStatus: text, resource: z.boolean().optional().catch(undefined) })

/** How to join; services fill in what they please of the several fields for secrets. */
const entryPoint = z.object({ entryPointType: text, uri: text, passcode: text, password: text })

/**
 * An event as Google describes it (Calendar v3 discovery document, 2026-09), as far as it is used. Of a cancelled one only the id is
 * certain. A field of an unexpected form counts as left out, so that Google can add forms.
 */
export const eventResource = z.object({
  id: z.string().min(1),
  status: text,
  iCalUID: text,
  created: text,
  updated: text,
  sequence: z.number().optional().catch(undefined),
  recurringEventId: text,
  originalStartTime: eventTime.optional().catch(undefined),
  start: eventTime.optional().catch(undefined),
  end: eventTime.optional().catch(undefined),
  recurrence: z.array(z.string()).optional().catch(undefined),
  summary: text,
  location: text,
  description: text,
  visibility: text,
  eventType: text,
  transparency: text,
  /** Of an event that was imported: whatever it says of its organiser, it is nobody's but its calendar's owner's. */
  privateCopy: z.boolean().optional().catch(undefined),
  hangoutLink: text,
  conferenceData: z
    .object({ entryPoints: z.array(entryPoint).optional().catch(undefined) })
    .optional()
    .catch(undefined),
  organizer: person.optional().catch(undefined),
  attendees: z.array(attendee).optional().catch(undefined),
})

export type EventResource = z.output<typeof eventResource>
export type EventTime = z.output<typeof eventTime>
