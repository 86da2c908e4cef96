import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../base/time.ts'

/** How long a bot bears what, in milliseconds. */
export interface SittingLimits {
  /** From asking for entry to the lobby or the room. */
  joiningMs: number
  /** In the lobby; never longer than the meeting. */
  lobbyMs: number
  /** For a host who has not come, where the platform says so: what an Attendee server does unless it is told otherwise (v1.64.1). */
  hostMs: number
  /** Without company, after there was some. */
  aloneMs: number
  /** In a room to which nobody comes; never longer than the meeting. */
  nobodyCameMs: number
  /** Without a sound although everything works, counted once `silenceArmedAfterMs` have passed in the room. */
  silenceMs: number
  silenceArmedAfterMs: number
  /** From asking for entry. */
  uptimeMs: number
  /** A meeting that has less than this left is not joined any more. */
  lateJoinMs: number
  /** With a page that shows nothing we know. */
  unknownMs: number
  /** With people in the room and a broken ear. */
  deafMs: number
  /** Between two looks at the page. */
  pollMs: number
}

export const defaultLimits: SittingLimits = {
  joiningMs: 2 * MINUTE_MS,
  lobbyMs: 15 * MINUTE_MS,
  hostMs: 10 * MINUTE_MS,
  aloneMs: MINUTE_MS,
  nobodyCameMs: 15 * MINUTE_MS,
  silenceMs: 10 * MINUTE_MS,
  silenceArmedAfterMs: 20 * MINUTE_MS,
  uptimeMs: 4 * HOUR_MS,
  lateJoinMs: 2 * MINUTE_MS,
  unknownMs: MINUTE_MS,
  deafMs: MINUTE_MS,
  pollMs: SECOND_MS / 2,
}

/** The limits with those that the installation has set, in milliseconds. Nobody waits for company for less than being alone is borne. */
export function limitsWith(set: {
  lobbyMs: number
  hostMs: number
  aloneMs: number
  silenceMs: number
  stayMs: number
  lateJoinMs: number
}): SittingLimits {
  const { stayMs: uptimeMs, ...others } = set
  const nobodyCameMs = Math.max(defaultLimits.nobodyCameMs, set.aloneMs)
  return { ...defaultLimits, ...others, uptimeMs, nobodyCameMs }
}
