import type { Calendar, Entry, Role } from './calendar.ts'
import {
  answerEvent,
  bodyOf,
  completeConference,
  deleteEvent,
  insertEvent,
  moveEvent,
  patchEvent,
  plantEvent,
} from './edit-events.ts'
import type { EventInput, ResponseStatus } from './event.ts'
import type { PageShape } from './list-events.ts'
import { startsOf } from './occurrences.ts'
import { splitSeries } from './split-series.ts'
import { stampOf } from './when.ts'
import type { World } from './world.ts'
import { writeEvent } from './write-event.ts'

/**
 * What one person can do in a calendar, and what can be ordered for it. An id may be that of an occurrence: `occurrence` makes it.
 * What Google would refuse throws a `GoogleError`.
 */
export interface CalendarEditor {
  readonly calendar: Calendar
  /** Answers the id. */
  insert(input: EventInput): string
  patch(id: string, changes: Partial<EventInput>): void
  /** The organiser cancels it for all; somebody invited declines and removes the own copy. */
  delete(id: string): void
  respond(id: string, responseStatus: ResponseStatus): void
  /** Gives an event to another calendar, which then organises it. */
  move(id: string, to: string): void
  /** "This and all following". Answers the id of the new series. */
  split(id: string, originalStart: Date | string, changes?: Partial<EventInput>): string
  /** A conference that was asked for with `conferenceData.createRequest` is pending until this. */
  completeConference(id: string, outcome?: 'success' | 'failure'): void
  /** Puts a resource there as it is, however damaged. */
  plant(resource: Record<string, unknown> & { id: string }): void
  /** What stands under an id now, for `repeat`. */
  state(id: string): Pick<Entry, 'body' | 'form'>
  /** Lists a former state once more, late: the next delta has it, whatever has become of the event. */
  repeat(state: Pick<Entry, 'body' | 'form'>): void
  /** The event as the owner reads it. */
  read(id: string): Record<string, unknown>
  /** The id of the occurrence of a series that was to start then: an instant, or a day (YYYY-MM-DD). */
  occurrence(id: string, originalStart: Date | string): string
  /** The ids of all occurrences of a series up to an instant; of what is no series, its own. */
  occurrences(id: string, until: Date): string[]
  /** Lets somebody else read the calendar, or not any more. */
  share(email: string, role: Role | null): void
  /** Calls off all sync tokens: 410. What was deleted until then may be forgotten with them (a doubt). */
  expireSyncTokens(): void
  /** Page tokens given out until now are refused: 400. */
  expirePageTokens(): void
  /** How pages are cut from now on. */
  cutPages(shape: PageShape | undefined): void
  /** No listing has what was deleted until now as cancelled any more. */
  forgetDeleted(): void
}

interface Editing {
  world: World
  shapes: Map<Calendar, PageShape>
}

/** Acts as the owner of a calendar, who may be somebody elsewhere without a calendar here. */
export function createCalendarEditor({ world, shapes }: Editing, calendar: Calendar): CalendarEditor {
  const whenOf = (start: Date | string) =>
    typeof start === 'string' && /^\d{4}-\d\d-\d\d$/.test(start)
      ? { date: start }
      : { at: new Date(start).getTime(), timeZone: undefined }
  const editor: CalendarEditor = {
    calendar,
    insert: (input) => insertEvent(world, calendar, input).id,
    patch: (id, changes) => void patchEvent(world, calendar, id, changes),
    delete: (id) => deleteEvent(world, calendar, id),
    respond: (id, responseStatus) => void answerEvent(world, calendar, id, { responseStatus }),
    move: (id, to) => void moveEvent(world, calendar, id, world.calendarOf(to)),
    split(id, originalStart, changes) {
      const { start } = bodyOf(world, calendar, id)
      const when = whenOf(originalStart)
      const inZone = 'at' in when && 'at' in start ? { ...when, timeZone: start.timeZone } : when
      return splitSeries(world, calendar, id, inZone, changes).id
    },
    completeConference: (id, outcome = 'success') => completeConference(world, calendar, id, outcome),
    plant: (resource) => plantEvent(world, calendar, resource),
    state(id) {
      const entry = calendar.entries.get(id)
      if (!entry) throw new Error(`Nothing stands under ${id}`)
      return entry
    },
    repeat: (state) => world.change(() => calendar.repeat(state)),
    read(id) {
      const { timeZone } = calendar
      const view = { calendar, role: 'owner', doubts: world.doubts, timeZone, maxAttendees: undefined } as const
      return writeEvent({ body: bodyOf(world, calendar, id), form: 'full' }, view)
    },
    occurrence: (id, originalStart) => `${id}_${stampOf(whenOf(originalStart))}`,
    occurrences(id, until) {
      const body = bodyOf(world, calendar, id)
      if (!body.recurrence) return [id]
      return startsOf(body, until.getTime(), calendar, world.doubts).map((start) => `${id}_${stampOf(start)}`)
    },
    share(email, role) {
      if (role) calendar.roles.set(email, role)
      else calendar.roles.delete(email)
    },
    expireSyncTokens() {
      calendar.tokenGeneration += 1
      if (world.doubts.deletedVanishWithTokens) editor.forgetDeleted()
    },
    expirePageTokens() {
      calendar.pageGeneration += 1
    },
    cutPages(shape) {
      if (shape) shapes.set(calendar, shape)
      else shapes.delete(calendar)
    },
    forgetDeleted() {
      for (const { body, form } of [...calendar.entries.values()]) {
        const isGone = form !== 'full' || body.status === 'cancelled'
        const series = body.recurringEventId === undefined ? undefined : calendar.entries.get(body.recurringEventId)
        const isHole = series?.form === 'full' && series.body.status !== 'cancelled'
        if (isGone && !isHole) calendar.forget(body.id)
      }
    },
  }
  return editor
}

/** A time of day as events say it. */
export function timed(startsAt: Date, minutes: number, timeZone: string): Pick<EventInput, 'start' | 'end'> {
  const at = (ms: number) => ({ dateTime: new Date(ms).toISOString(), timeZone })
  return { start: at(startsAt.getTime()), end: at(startsAt.getTime() + minutes * 60_000) }
}
