import { DAY_MS } from '../../base/time.ts'
import type { ResponseStatus, SourceEvent, SourceProblem } from './event.ts'

/** More occurrences of one invitation on one day than an hourly one has are no meetings. */
const MAX_OF_ONE_UID_AND_DAY = 24
/** More in one room on one day than this, out of one calendar, are no meetings. */
const MAX_IN_ROOM_AND_DAY = 100
/** More than this to come, in one calendar, are no person's. */
const MAX_IN_CALENDAR = 10_000

/** Where an event takes its place among those of its calendar, as far as places are counted. */
export interface EventPlace {
  roomKey: string | null
  startsAt: Date
  ownResponse: ResponseStatus
}

/** How many events of one calendar take place in a room on a day, counted apart for each. */
export interface PlaceCount {
  roomKey: string | null
  /** Of UTC, since 1970. */
  day: number
  isUnasked: boolean
  count: number
}

/** Why an event was left out. */
export type Fullness = 'room_day_full' | 'calendar_full'

/** How many places are taken in one calendar. */
interface EventPlaces {
  /** Takes one, or says why there is none. */
  take(place: EventPlace): Fullness | undefined
  /** Takes another in place of one that was had: only the room and the day can be full. */
  move(from: EventPlace, to: EventPlace): Fullness | undefined
  release(place: EventPlace): void
}

/**
 * Counts places from those that are taken. What others put into a calendar and its owner did not answer has places of its own, so that nobody
 * can fill those of the owner's meetings.
 */
export function createEventPlaces(counts: readonly PlaceCount[]): EventPlaces {
  const taken = new Map<string, number>()
  const numberOf = (name: string) => taken.get(name) ?? 0
  const add = (name: string, by: number) => taken.set(name, numberOf(name) + by)
  for (const { roomKey, day, isUnasked, count } of counts) {
    add(totalName(isUnasked), count)
    if (roomKey !== null) add(roomName(roomKey, day, isUnasked), count)
  }
  const addPlace = (place: EventPlace, by: number) => {
    add(totalName(isUnasked(place)), by)
    if (place.roomKey !== null) add(roomName(place.roomKey, dayOf(place), isUnasked(place)), by)
  }
  const isRoomFull = (place: EventPlace) =>
    place.roomKey !== null && numberOf(roomName(place.roomKey, dayOf(place), isUnasked(place))) >= MAX_IN_ROOM_AND_DAY
  return {
    take(place) {
      if (isRoomFull(place)) return 'room_day_full'
      if (numberOf(totalName(isUnasked(place))) >= MAX_IN_CALENDAR) return 'calendar_full'
      addPlace(place, 1)
      return undefined
    },
    move(from, to) {
      addPlace(from, -1)
      if (isRoomFull(to)) return 'room_day_full'
      addPlace(to, 1)
      return undefined
    },
    release: (place) => addPlace(place, -1),
  }
}

/** Whether an event that changes keeps the room and the day that it has. */
export function isSamePlace(a: EventPlace, b: EventPlace): boolean {
  return a.roomKey === b.roomKey && dayOf(a) === dayOf(b)
}

function dayOf({ startsAt }: EventPlace): number {
  return Math.floor(startsAt.getTime() / DAY_MS)
}

function isUnasked({ ownResponse }: EventPlace): boolean {
  return ownResponse === 'needs_action'
}

function totalName(unasked: boolean): string {
  return unasked ? 'unasked' : 'all'
}

function roomName(roomKey: string, day: number, unasked: boolean): string {
  return `${totalName(unasked)} ${day} ${roomKey}`
}

/** The occurrences of one UID without those of a day that has too many; the first of each day stay. */
export function limitPerDay<E extends Pick<SourceEvent, 'startsAt'>>(
  events: readonly E[],
): { kept: E[]; leftOut: number } {
  if (events.length <= MAX_OF_ONE_UID_AND_DAY) return { kept: [...events], leftOut: 0 }
  const seen = new Map<number, number>()
  const kept = events
    .toSorted((a, b) => a.startsAt.getTime() - b.startsAt.getTime())
    .filter((event) => {
      const day = Math.floor(event.startsAt.getTime() / DAY_MS)
      const count = (seen.get(day) ?? 0) + 1
      seen.set(day, count)
      return count <= MAX_OF_ONE_UID_AND_DAY
    })
  return { kept, leftOut: events.length - kept.length }
}

const REASONS: Readonly<Record<Fullness | 'uid_day_full', string>> = {
  uid_day_full: `more than ${MAX_OF_ONE_UID_AND_DAY} on one day`,
  room_day_full: `more than ${MAX_IN_ROOM_AND_DAY} in one room on one day`,
  calendar_full: `more than ${MAX_IN_CALENDAR.toLocaleString('en-US')} to come in one calendar`,
}

/** What is shown of events that were left out because there are too many. `event` is one of them. */
export function describeLeftOut(
  event: Pick<SourceEvent, 'uid' | 'title' | 'visibility'>,
  count: number,
  why: Fullness | 'uid_day_full',
): SourceProblem {
  const isOpen = event.visibility === 'default' || event.visibility === 'public'
  const what = count === 1 ? 'One occurrence was' : `${count.toLocaleString('en-US')} occurrences were`
  return {
    code: 'too_many_occurrences',
    message: `${what} left out: ${REASONS[why]} are no meetings, and would keep others waiting.`,
    uid: event.uid,
    title: isOpen ? event.title || null : null,
  }
}
