import type { Saying, Sent } from './speaker.ts'

/** Somebody for one room. */
export interface Part {
  room: string
  name: string
  says: readonly Saying[]
}

/** What the bench says to the process of the people. */
export type ToPeople =
  | { type: 'join'; origin: string; parts: readonly Part[] }
  /** Time zero of what they say is now. */
  | { type: 'begin' }
  | { type: 'leave' }

/** What the people say: everybody is connected, when they began, everybody has left. */
export type FromPeople =
  | { type: 'connected' }
  | { type: 'began'; atMs: number }
  | {
      type: 'left'
      sent: Sent /** Milliseconds by which packets were sent later than they should have been, at most. */
      latestMs: number
    }
