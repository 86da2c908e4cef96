import { MINUTE_MS } from '../../../base/time.ts'
import { rankMeetings } from './rank-meetings.ts'
import { isStrongNo, type RoomMeeting } from './room-meeting.ts'

/** Somebody in the room who counts: bots and room devices do not. */
export interface Present {
  /** Who it is, where recognised. */
  person: string | undefined
  /** Since when they are there; from before a short absence too, where recognised. */
  sinceMs: number
}

interface RoomPicture {
  nowMs: number
  meetings: readonly RoomMeeting[]
  /** Undefined while no bot of ours sees the room. */
  present: readonly Present[] | undefined
}

/** What is remembered from one look to the next. */
export interface HolderState {
  /** Who held the room at the last look. */
  holder?: string | undefined
  /** Over whom it held that by the exception, or itself. */
  base?: string | undefined
  /** Who holds on after its scheduled end, since when that is over, and when the room was seen empty since. */
  over?: { id: string; sinceMs: number; emptyMs?: number | undefined } | undefined
}

/** A meeting's id; `nobody`: none has the room; `silence`: no bot of ours may be in the room. */
export type Holder = { id: string } | 'nobody' | 'silence'

/** The next one has the room this long after the one before ended, whoever is there, where its organiser may say so. */
const GIVE_WAY_MS = 15 * MINUTE_MS

/**
 * Says which meeting holds a room at an instant, to be asked again whenever the time or the room has changed. Pure.
 *
 * In its time the first by rank holds; whoever holds when its scheduled end comes holds on to the hand-over; and a meeting whose own people
 * are there takes the room, while that lasts, from one of which nobody of its own is.
 */
export function chooseHolder(
  state: HolderState,
  { nowMs, meetings, present }: RoomPicture,
): { state: HolderState; holder: Holder } {
  const scheduled = meetings.filter(({ startsMs, endsMs }) => startsMs <= nowMs && nowMs < endsMs)
  const ranked = rankMeetings(scheduled, nowMs).filter((meeting) => !meeting.saysNo || isStrongNo(meeting))
  const first = ranked[0]
  if (first?.saysNo) return { state: {}, holder: 'silence' }

  const over = runsOver(state, { nowMs, meetings, present }, first)
  const last = over && meetings.find(({ id }) => id === over.id)
  const keeps = last && over && !(first && isPassedOn(last, first, over, { nowMs, meetings, present }))
  const base = keeps ? last : first
  if (!base) return { state: {}, holder: 'nobody' }

  const taking = present
    ? ranked.find((other) => other !== base && takesRoom(other, base, nowMs, recognisedIn(present)))
    : // What nobody sees goes on as it was.
      ranked.find(({ id }) => id === state.holder && base.id === state.base)
  const holder = (taking ?? base).id
  return { state: { holder, base: base.id, over: keeps ? over : undefined }, holder: { id: holder } }
}

/** Who held the room when its scheduled end came, as long as it may hold on. */
function runsOver(
  { holder, over }: HolderState,
  { nowMs, meetings, present }: RoomPicture,
  first: RoomMeeting | undefined,
): HolderState['over'] {
  // Who took the room from one that runs over, and held it to its own end, runs over instead of it.
  const known = (holder === over?.id ? undefined : endOf(meetings, holder, nowMs)) ?? over
  if (!known || known.id === first?.id || !meetings.some(({ id }) => id === known.id)) return undefined
  return present?.length === 0 ? { ...known, emptyMs: nowMs } : known
}

function endOf(meetings: readonly RoomMeeting[], holder: string | undefined, nowMs: number): HolderState['over'] {
  const held = meetings.find(({ id }) => id === holder)
  return held && held.endsMs <= nowMs ? { id: held.id, sinceMs: held.endsMs } : undefined
}

/** Whether the one that runs over has lost the room to the next one for good. */
function isPassedOn(
  last: RoomMeeting,
  next: RoomMeeting,
  over: { sinceMs: number; emptyMs?: number | undefined },
  { nowMs, present }: RoomPicture,
): boolean {
  // What has no rank takes the room from nobody.
  if (last.isRanked && !next.isRanked) return false
  const borderMs = Math.max(over.sinceMs, next.startsMs)
  const mayAsk = next.isBrought || (next.organizer !== undefined && last.invited.has(next.organizer))
  if (mayAsk && nowMs >= borderMs + GIVE_WAY_MS) return true
  if (!present) return false

  const beforeMs = Math.min(borderMs, over.emptyMs ?? Number.POSITIVE_INFINITY)
  if (present.every(({ sinceMs }) => sinceMs >= beforeMs)) return true

  const recognised = recognisedIn(present)
  if (mayAsk && !recognised.some((person) => last.own.has(person) && !next.invited.has(person))) return true
  const isStranger = !last.isBrought && !(last.organizer !== undefined && next.invited.has(last.organizer))
  // Who brought the room does not wait for a stranger.
  return (
    next.isBrought && isStranger && recognised.some((person) => next.invited.has(person) && !last.invited.has(person))
  )
}

/** The exception: whether own people of another meeting are there, and of the holder's own neither its organiser nor anyone else's. */
function takesRoom(other: RoomMeeting, base: RoomMeeting, nowMs: number, recognised: readonly string[]): boolean {
  if (base.isRanked && !other.isRanked) return false
  if (!recognised.some((person) => other.own.has(person))) return false
  const isInItsTime = base.startsMs <= nowMs && nowMs < base.endsMs
  if (base.isBrought && isInItsTime && recognised.some((person) => base.invited.has(person))) return false
  return !recognised.some((person) => base.own.has(person) && (person === base.organizer || !other.own.has(person)))
}

function recognisedIn(present: readonly Present[]): string[] {
  return present.flatMap(({ person }) => (person === undefined ? [] : [person]))
}
