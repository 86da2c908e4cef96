import { MINUTE_MS } from '../../../base/time.ts'
import type { RoomMeeting } from './room-meeting.ts'
import { sweepRoom } from './sweep-room.ts'

/** A room for less than this is none: nobody is sent for it. */
const LEAST_STRETCH_MS = 2 * MINUTE_MS

/** When a meeting is to have its room by its time and rank alone. */
export interface Stretch {
  fromMs: number
  untilMs: number
}

/**
 * The first stretch from `nowMs` on for which each meeting of a room is to have it, as far as times and ranks tell; none for a meeting whose whole
 * time is another's, or silenced. What people do in the room can change it. Pure.
 */
export function judgeRoom(meetings: readonly RoomMeeting[], nowMs: number): Map<string, Stretch> {
  const stretches = new Map<string, Stretch[]>()
  for (const { fromMs, untilMs, first } of sweepRoom(meetings)) {
    if (untilMs <= nowMs || first.saysNo) continue
    const own = stretches.get(first.id) ?? []
    const last = own.at(-1)
    if (last?.untilMs === fromMs) last.untilMs = untilMs
    else own.push({ fromMs, untilMs })
    stretches.set(first.id, own)
  }
  const chosen = new Map<string, Stretch>()
  for (const meeting of meetings) {
    const least = Math.min(LEAST_STRETCH_MS, meeting.endsMs - meeting.startsMs)
    const stretch = stretches
      .get(meeting.id)
      ?.find(({ fromMs, untilMs }) => untilMs - Math.max(fromMs, nowMs) >= least || fromMs <= meeting.startsMs)
    if (stretch) chosen.set(meeting.id, stretch)
  }
  return chosen
}
