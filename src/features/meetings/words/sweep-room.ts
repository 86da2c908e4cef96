import { compare } from '../../../base/compare.ts'
import { createHeap, type Heap } from '../../../base/heap.ts'
import { groupKeyOf, lastFirst, sinceMs } from './rank-meetings.ts'
import { isStrongNo, type RoomMeeting } from './room-meeting.ts'

/** The meeting that comes first in a room between two borders of meetings. */
interface FirstOfSpan {
  fromMs: number
  untilMs: number
  first: RoomMeeting
}

/**
 * Between each two borders of meetings the one that `rankMeetings` puts first, weak noes passed over; spans in which none is scheduled are left out.
 * Goes from border to border with what begins and ends there, so that thousands of meetings in one room cost hardly more than their number. Pure.
 */
export function* sweepRoom(meetings: readonly RoomMeeting[]): Generator<FirstOfSpan> {
  const turns = meetings.flatMap(turnsOf)
  const begins = turns.toSorted((a, b) => a.fromMs - b.fromMs)
  const ends = turns.toSorted((a, b) => a.untilMs - b.untilMs)
  const groups = new Map<string, Group>()
  const places = createHeap<Place>(byPlace)
  const borders = [...new Set(meetings.flatMap(({ startsMs, endsMs }) => [startsMs, endsMs]))].sort((a, b) => a - b)
  let [begun, ended] = [0, 0]
  for (const [index, fromMs] of borders.entries()) {
    const untilMs = borders[index + 1]
    if (untilMs === undefined) return
    const touched = new Set<Group>()
    for (let turn = begins[begun]; turn && turn.fromMs <= fromMs; turn = begins[++begun]) {
      const group = groups.get(turn.group) ?? createGroup(turn.meeting)
      groups.set(turn.group, group)
      addTurn(group, turn)
      touched.add(group)
    }
    for (let turn = ends[ended]; turn && turn.untilMs <= fromMs; turn = ends[++ended]) {
      const group = groups.get(turn.group)
      if (group) touched.add(group)
    }
    for (const group of touched) {
      group.place = placeOf(group, fromMs)
      if (group.place) places.push(group.place)
    }
    while (places.peek() && places.peek()?.group.place !== places.peek()) places.pop()
    const first = places.peek()?.first
    if (first) yield { fromMs, untilMs, first }
  }
}

/** A time of a meeting for which it is known since one instant. */
interface Turn {
  meeting: RoomMeeting
  group: string
  fromMs: number
  untilMs: number
  sinceMs: number
}

/** The meetings of one organiser that are scheduled; what is over is taken out when it comes first. */
interface Group {
  isRanked: boolean
  isBrought: boolean
  bySince: Heap<Turn>
  byTie: Heap<Turn>
  /** Those that may have the room or silence it. */
  lastFirst: Heap<Turn>
  place: Place | undefined
}

/** How a group stands among the others; void once the group has another. */
interface Place {
  group: Group
  sinceMs: number
  tieKey: string
  first: RoomMeeting
}

function turnsOf(meeting: RoomMeeting): Turn[] {
  const { startsMs, endsMs, standing } = meeting
  const inside = standing.flatMap(({ from, until }) => [from, until]).filter((at) => startsMs < at && at < endsMs)
  const borders = [...new Set([startsMs, ...inside, endsMs])].sort((a, b) => a - b)
  const group = groupKeyOf(meeting)
  return borders.slice(0, -1).map((fromMs, i) => ({
    ...{ meeting, group, fromMs },
    untilMs: borders[i + 1] as number,
    sinceMs: sinceMs(meeting, fromMs),
  }))
}

function createGroup({ isRanked, isBrought }: RoomMeeting): Group {
  return {
    ...{ isRanked, isBrought },
    bySince: createHeap((a, b) => compare(a.sinceMs, b.sinceMs)),
    byTie: createHeap((a, b) => compare(a.meeting.tieKey, b.meeting.tieKey)),
    lastFirst: createHeap<Turn>(lastFirst),
    place: undefined,
  }
}

function addTurn(group: Group, turn: Turn): void {
  group.bySince.push(turn)
  group.byTie.push(turn)
  if (!turn.meeting.saysNo || isStrongNo(turn.meeting)) group.lastFirst.push(turn)
}

/** Undefined where none of the group may have the room. */
function placeOf(group: Group, atMs: number): Place | undefined {
  const first = firstAt(group.lastFirst, atMs)?.meeting
  const [since, tie] = [firstAt(group.bySince, atMs), firstAt(group.byTie, atMs)]
  return first && since && tie && { group, sinceMs: since.sinceMs, tieKey: tie.meeting.tieKey, first }
}

function firstAt(turns: Heap<Turn>, atMs: number): Turn | undefined {
  for (;;) {
    const first = turns.peek()
    if (!first || first.untilMs > atMs) return first
    turns.pop()
  }
}

function byPlace(a: Place, b: Place): number {
  return (
    Number(b.group.isRanked) - Number(a.group.isRanked) ||
    Number(b.group.isBrought) - Number(a.group.isBrought) ||
    compare(a.sinceMs, b.sinceMs) ||
    compare(a.tieKey, b.tieKey)
  )
}
