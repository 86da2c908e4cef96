import type { EventBody } from './event.ts'

/** How much of an event this calendar shows: all of it, that it is gone (with or without which occurrence it was). */
export type Form = 'full' | 'gone' | 'gone_instance'

/** An event as one calendar has it. */
export interface Entry {
  readonly body: EventBody
  readonly form: Form
  /** Rises with each change in the calendar; what a sync token counts. */
  readonly revision: number
  /** Its place in the order of coming, which it keeps. */
  readonly place: number
  /** Removed by the calendar's owner from this calendar alone. */
  readonly isRemovedHere: boolean
}

export type Role = 'freeBusyReader' | 'reader' | 'writerWithoutPrivateAccess' | 'writer' | 'owner'

/** One calendar: its events, and in which order they were changed. */
export interface Calendar {
  /** Stays when its owner is renamed. */
  readonly key: string
  /** The address by which it is read: the owner's, where it is a primary calendar. */
  id: string
  /** Whose events are this calendar's own, as addresses. */
  addresses: ReadonlySet<string>
  /** Nobody can read the calendars of people elsewhere; they are here because invitations come from them. */
  readonly kind: 'primary' | 'secondary' | 'outside'
  name: string
  timeZone: string
  /** By address, what others may do. */
  readonly roles: Map<string, Role>
  /** Cannot be watched, like calendars of holidays. */
  isDerived: boolean
  readonly entries: ReadonlyMap<string, Entry>
  readonly head: number
  readonly updatedAt: number
  /** Which sync tokens and page tokens are good: those that name this number. */
  tokenGeneration: number
  pageGeneration: number
  put(body: EventBody, form?: Form, isRemovedHere?: boolean): void
  /** Lists a state that this calendar had once more, in the next delta alone; what stands here stays. */
  repeat(state: Pick<Entry, 'body' | 'form'>): void
  /** Takes an entry away without leaving a trace. */
  forget(id: string): void
  /** The exceptions of a series that stand here. */
  exceptionsOf(seriesId: string): Entry[]
  /** The entries changed after a revision, in the order of their last change. */
  changedAfter(revision: number): Generator<Entry>
}

/** A calendar without events. `onChange` is told of each change, once per entry. */
export function createCalendar(
  about: Pick<Calendar, 'key' | 'id' | 'name' | 'timeZone' | 'updatedAt' | 'kind'>,
  onChange: (calendar: Calendar) => void,
): Calendar {
  const entries = new Map<string, Entry>()
  const exceptions = new Map<string, Set<string>>()
  let log: { id: string; revision: number; late?: Entry }[] = []
  let head = 0
  let places = 0
  let updatedAt = about.updatedAt

  const calendar: Calendar = {
    key: about.key,
    id: about.id,
    addresses: new Set([about.id]),
    kind: about.kind,
    name: about.name,
    timeZone: about.timeZone,
    roles: new Map(),
    isDerived: false,
    entries,
    get head() {
      return head
    },
    get updatedAt() {
      return updatedAt
    },
    tokenGeneration: 0,
    pageGeneration: 0,
    put(body, form = 'full', isRemovedHere = false) {
      head += 1
      updatedAt = Math.max(updatedAt, body.updatedAt)
      const place = entries.get(body.id)?.place ?? ++places
      entries.set(body.id, { body, form, revision: head, place, isRemovedHere })
      log.push({ id: body.id, revision: head })
      if (log.length > 2 * entries.size + 64)
        log = log.filter((one) => one.late || entries.get(one.id)?.revision === one.revision)
      if (body.recurringEventId !== undefined) {
        const known = exceptions.get(body.recurringEventId)
        if (known) known.add(body.id)
        else exceptions.set(body.recurringEventId, new Set([body.id]))
      }
      onChange(calendar)
    },
    repeat({ body, form }) {
      head += 1
      log.push({
        ...{ id: body.id, revision: head },
        late: { body, form, revision: head, place: 0, isRemovedHere: false },
      })
      onChange(calendar)
    },
    forget(id) {
      const entry = entries.get(id)
      entries.delete(id)
      if (entry?.body.recurringEventId !== undefined) exceptions.get(entry.body.recurringEventId)?.delete(id)
    },
    exceptionsOf: (seriesId) =>
      [...(exceptions.get(seriesId) ?? [])].flatMap((id) => {
        const entry = entries.get(id)
        return entry ? [entry] : []
      }),
    *changedAfter(revision) {
      const from = findFirst(log, revision)
      // Changes that come in while this is read are read too.
      for (let i = from; i < log.length; i++) {
        const entry = log[i]?.late ?? entries.get(log[i]?.id ?? '')
        if (entry && entry.revision === log[i]?.revision) yield entry
      }
    },
  }
  return calendar
}

/** The first line of the log after a revision. */
function findFirst(log: readonly { revision: number }[], revision: number): number {
  let low = 0
  let high = log.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((log[middle]?.revision ?? 0) <= revision) low = middle + 1
    else high = middle
  }
  return low
}
