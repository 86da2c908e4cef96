import { expect, test } from 'vitest'
import { rankMeetings } from './rank-meetings.ts'
import { isStrongNo, type RoomMeeting } from './room-meeting.ts'
import { sweepRoom } from './sweep-room.ts'

const MINUTE_MS = 60_000

function createDice(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

function roomMeeting(id: number, dice: (below: number) => number): RoomMeeting {
  const startsMs = dice(60) * MINUTE_MS
  const endsMs = startsMs + (1 + dice(30)) * MINUTE_MS
  const middle = startsMs + dice(30) * MINUTE_MS
  const organizer = dice(2) === 0 ? undefined : `person ${dice(4)}`
  return {
    ...{ id: `id ${id}`, tieKey: `tie ${String(id * 7919).padStart(9, '0')}`, startsMs, endsMs, organizer },
    ...{ isRanked: dice(4) > 0, saysNo: dice(4) === 0, isAcceptedByOthers: dice(2) === 0 },
    standing: [
      { from: startsMs, until: Math.min(middle, endsMs), since: dice(5) },
      { from: middle, until: endsMs, since: dice(5) },
    ].slice(dice(2)),
    ...{ isBrought: organizer === 'person 0', isOwnersRoom: organizer === 'person 0' },
    ...{ invited: new Set<string>(), own: new Set<string>() },
  }
}

test.each(Array.from({ length: 60 }, (_, seed) => seed))(
  'from border to border it is the one that comes first of all that are scheduled (seed %i)',
  (seed) => {
    const dice = createDice(seed + 1)
    const meetings = Array.from({ length: 1 + dice(25) }, (_, id) => roomMeeting(id, dice))
    const swept = new Map([...sweepRoom(meetings)].map(({ fromMs, first }) => [fromMs, first.id]))
    for (const atMs of new Set(meetings.flatMap(({ startsMs, endsMs }) => [startsMs, endsMs]))) {
      const scheduled = meetings.filter(({ startsMs, endsMs }) => startsMs <= atMs && atMs < endsMs)
      const first = rankMeetings(scheduled, atMs).find((meeting) => !meeting.saysNo || isStrongNo(meeting))
      expect(swept.get(atMs)).toBe(first?.id)
    }
  },
)

test('thousands in one room are not compared with each other', () => {
  let looks = 0
  const meetings = Array.from({ length: 5_000 }, (_, n): RoomMeeting => {
    const dice = createDice(n)
    const { tieKey, ...meeting } = roomMeeting(n, dice)
    return {
      ...{ ...meeting, startsMs: n * 1_000, endsMs: 10_000_000 + n * 1_000, organizer: undefined, standing: [] },
      get tieKey() {
        looks += 1
        return tieKey
      },
    }
  })
  expect([...sweepRoom(meetings)].length).toBeGreaterThan(5_000)
  expect(looks).toBeLessThan(5_000 * 200)
})
