import { z } from 'zod'
import type { Grant } from './access-tokens.ts'
import type { Calendar, Role } from './calendar.ts'
import { type GoogleAnswer, type GoogleCall, json, type Method, readJson } from './call.ts'
import { bodyOf, deleteEvent, importEvent, insertEvent, moveEvent, patchEvent, replaceEvent } from './edit-events.ts'
import { badRequest, forbidden, notFound } from './errors.ts'
import type { EventBody, EventInput, Party } from './event.ts'
import { applyMask, readFields } from './fields.ts'
import { listEvents, listInstances, type PageShape } from './list-events.ts'
import { readListQuery } from './list-query.ts'
import { checkId } from './make-event.ts'
import { findRow } from './occurrences.ts'
import type { World } from './world.ts'
import { writeEvent } from './write-event.ts'

interface CalendarMethodDeps {
  world: World
  /** How the pages of a calendar are cut. */
  shapeOf: (calendar: Calendar) => PageShape | undefined
}

const timeSchema = z.object({
  date: z.string().optional(),
  dateTime: z.string().optional(),
  timeZone: z.string().optional(),
})
const attendeeSchema = z.looseObject({
  email: z.string(),
  responseStatus: z.enum(['needsAction', 'declined', 'tentative', 'accepted']).optional(),
})
const changesSchema = z.looseObject({
  id: z.string().optional(),
  status: z.enum(['confirmed', 'tentative', 'cancelled']).optional(),
  start: timeSchema.optional(),
  end: timeSchema.optional(),
  recurrence: z.array(z.string()).optional(),
  attendees: z.array(attendeeSchema).optional(),
})
const importSchema = changesSchema.extend({
  iCalUID: z.string(),
  start: timeSchema,
  end: timeSchema,
  organizer: z.looseObject({ email: z.string() }).optional(),
})

/** Calendar v3, as far as somebody needs it who reads events; what writes is for tests and pages. */
export function calendarMethods({ world, shapeOf }: CalendarMethodDeps): Method[] {
  const open = (call: GoogleCall, grant: Grant) => openCalendar(world, call.params[0] ?? '', grant)
  const deps = (calendar: Calendar) => ({
    doubts: world.doubts,
    now: world.clock.now().getTime(),
    shape: shapeOf(calendar),
  })
  const show = (call: GoogleCall, { calendar, role }: Opened, body: EventBody): GoogleAnswer => {
    const timeZone = call.query.get('timeZone') ?? calendar.timeZone
    const row = findRow(calendar, body.id, world.doubts)
    if (!row) throw notFound()
    const view = { calendar, role, doubts: world.doubts, timeZone, maxAttendees: readMaxAttendees(call) }
    return json(applyMask(writeEvent(row, view), readFields(call.query.get('fields'))))
  }
  const edit = (call: GoogleCall, grant: Grant): Opened => {
    const opened = open(call, grant)
    if (opened.role !== 'owner' && !opened.role.startsWith('writer')) {
      throw forbidden('requiredAccessLevel', 'You need to have writer access to this calendar.')
    }
    return opened
  }
  const eventId = ({ params }: GoogleCall) => decodeURIComponent(params[1] ?? '')
  const changesOf = (call: GoogleCall) => changesSchema.parse(readJson(call)) as Partial<EventInput>

  return [
    {
      name: 'events.list',
      verb: 'GET',
      path: /^\/calendars\/([^/]+)\/events$/,
      needs: 'readEvents',
      run(call, grant) {
        const { calendar, role } = open(call, grant)
        return { status: 200, text: listEvents(calendar, role, readListQuery(call.query), deps(calendar)) }
      },
    },
    {
      name: 'events.get',
      verb: 'GET',
      path: /^\/calendars\/([^/]+)\/events\/([^/]+)$/,
      needs: 'readEvents',
      run(call, grant) {
        const opened = open(call, grant)
        const row = findRow(opened.calendar, eventId(call), world.doubts)
        if (!row) throw notFound()
        return show(call, opened, row.body)
      },
    },
    {
      name: 'events.instances',
      verb: 'GET',
      path: /^\/calendars\/([^/]+)\/events\/([^/]+)\/instances$/,
      needs: 'readEvents',
      run(call, grant) {
        const { calendar, role } = open(call, grant)
        const series = bodyOf(world, calendar, eventId(call))
        return { status: 200, text: listInstances(calendar, role, series, readListQuery(call.query), deps(calendar)) }
      },
    },
    {
      name: 'events.insert',
      verb: 'POST',
      path: /^\/calendars\/([^/]+)\/events$/,
      needs: 'writeEvents',
      run(call, grant) {
        const opened = edit(call, grant)
        const input = changesOf(call)
        if (input.id !== undefined) checkId(input.id)
        if (!input.start || !input.end) throw badRequest('Missing start or end time.')
        return show(call, opened, insertEvent(world, opened.calendar, { ...input, start: input.start, end: input.end }))
      },
    },
    {
      name: 'events.import',
      verb: 'POST',
      path: /^\/calendars\/([^/]+)\/events\/import$/,
      needs: 'writeEvents',
      run(call, grant) {
        const opened = edit(call, grant)
        const input = importSchema.parse(readJson(call)) as EventInput & { iCalUID: string; organizer?: Party }
        return show(call, opened, importEvent(world, opened.calendar, input))
      },
    },
    {
      name: 'events.update',
      verb: 'PUT',
      path: /^\/calendars\/([^/]+)\/events\/([^/]+)$/,
      needs: 'writeEvents',
      run(call, grant) {
        const opened = edit(call, grant)
        return show(call, opened, replaceEvent(world, opened.calendar, eventId(call), changesOf(call)))
      },
    },
    {
      name: 'events.patch',
      verb: 'PATCH',
      path: /^\/calendars\/([^/]+)\/events\/([^/]+)$/,
      needs: 'writeEvents',
      run(call, grant) {
        const opened = edit(call, grant)
        return show(call, opened, patchEvent(world, opened.calendar, eventId(call), changesOf(call)))
      },
    },
    {
      name: 'events.delete',
      verb: 'DELETE',
      path: /^\/calendars\/([^/]+)\/events\/([^/]+)$/,
      needs: 'writeEvents',
      run(call, grant) {
        deleteEvent(world, edit(call, grant).calendar, eventId(call))
        return { status: 204, text: '' }
      },
    },
    {
      name: 'events.move',
      verb: 'POST',
      path: /^\/calendars\/([^/]+)\/events\/([^/]+)\/move$/,
      needs: 'writeEvents',
      run(call, grant) {
        const { calendar } = edit(call, grant)
        const to = world.find(call.query.get('destination') ?? '')
        if (!to) throw notFound()
        const opened: Opened = { calendar: to, role: 'owner' }
        return show(call, opened, moveEvent(world, calendar, eventId(call), to))
      },
    },
    {
      name: 'calendars.get',
      verb: 'GET',
      path: /^\/calendars\/([^/]+)$/,
      needs: 'readCalendars',
      run(call, grant) {
        const { calendar } = open(call, grant)
        const { id, name: summary, timeZone } = calendar
        return json({ kind: 'calendar#calendar', etag: `"c${calendar.head}"`, id, summary, timeZone })
      },
    },
    {
      name: 'calendarList.get',
      verb: 'GET',
      path: /^\/users\/me\/calendarList\/([^/]+)$/,
      needs: 'readCalendars',
      run(call, grant) {
        const { calendar, role } = open(call, grant)
        const { id, name: summary, timeZone, kind } = calendar
        const primary = kind === 'primary' && role === 'owner' ? { primary: true } : {}
        return json({ kind: 'calendar#calendarListEntry', id, summary, timeZone, accessRole: role, ...primary })
      },
    },
  ]
}

interface Opened {
  calendar: Calendar
  role: Role
}

/** The calendar that somebody means, with what they may do there. Without access it does not exist. Throws what Google answers. */
export function openCalendar(world: World, encodedId: string, grant: Grant): Opened {
  const person = world.directory.findById(grant.personId)
  if (!person || person.deletedAt !== null) throw notFound()
  if (!person.hasCalendar) {
    throw forbidden('notACalendarUser', 'The user must be signed up for Google Calendar.')
  }
  const own = world.calendarOf(person.primaryEmail)
  const id = decodeURIComponent(encodedId)
  const calendar = id === 'primary' ? own : world.find(id)
  if (!calendar) throw notFound()
  const role = calendar === own ? 'owner' : calendar.roles.get(person.primaryEmail)
  if (!role) throw notFound()
  return { calendar, role }
}

function readMaxAttendees({ query }: GoogleCall): number | undefined {
  const text = query.get('maxAttendees')
  return text === null ? undefined : Number(text)
}
