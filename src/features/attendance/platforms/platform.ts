import type { Page } from 'playwright-core'

/** The platforms whose meetings our own browser can join. */
export const browserPlatforms = ['sandbox'] as const
export type BrowserPlatform = (typeof browserPlatforms)[number]

export function isBrowserPlatform(platform: string): platform is BrowserPlatform {
  return (browserPlatforms as readonly string[]).includes(platform)
}

/** Where a bot stands, as far as its page shows. `unknown` stays unknown and is never taken for a refusal. */
export type RoomState =
  | 'unknown'
  | 'door'
  | 'joining'
  | 'lobby'
  | 'in_meeting'
  /** Somebody said no. */
  | 'denied'
  /** The platform gave up waiting for somebody to answer the knock. */
  | 'lobby_timed_out'
  | 'removed'
  | 'ended'
  /** We left. */
  | 'left'
  /** The platform says that it lost us. */
  | 'disconnected'
  | 'not_found'
  /** Guests are not allowed here. */
  | 'login_required'

export interface SeenParticipant {
  /** What the platform calls this person for as long as they stay. */
  nativeId: string
  /** As shown; empty where none is shown. */
  name: string
  isSelf: boolean
  /** The address with which they are signed in; only where the platform vouches for it. */
  email?: string
  /** A room's own camera and microphone, not a person. */
  isDevice?: boolean
}

export interface Observation {
  state: RoomState
  /** What the state was read from; `in_meeting` needs two entries of different kinds. */
  evidence: readonly string[]
  /** Complete while in the meeting, otherwise empty. */
  participants: readonly SeenParticipant[]
}

interface JoinRequest {
  url: string
  /** The bot's name in the meeting. */
  name: string
}

/** What a platform is for a bot. Each method has a deadline at its caller and may throw where the page does not answer; none guesses. */
export interface PlatformAdapter {
  readonly name: BrowserPlatform
  /**
   * Names the participant whom an audio track belongs to, in the page: self-contained, asked again whenever sound is sent, null while it is
   * not known.
   */
  readonly ownerOfTrack: (track: MediaStreamTrack) => string | null
  /** Opens the meeting's page and does everything up to the button. */
  open(page: Page, request: JoinRequest): Promise<void>
  /** The address of the room at whose door the page stands, as the platform itself says; null where it does not say. Changes nothing. */
  roomAddress(page: Page): Promise<string | null>
  /** Presses the button. What comes of it is observed. */
  requestJoin(page: Page): Promise<void>
  /** Looks, and changes nothing. */
  observe(page: Page): Promise<Observation>
  /** Writes into the chat; false where there is none or nothing appeared in it. */
  say(page: Page, text: string): Promise<boolean>
  /** Leaves the meeting or its lobby, so that the others see it at once. */
  leave(page: Page): Promise<void>
}
