import type { BotEventType } from '../bot-state.ts'
import type { BrowserPlatform } from '../platforms/platform.ts'
import type { SittingLimits } from './limits.ts'

/** One bot's stay at one meeting, as it is ordered. */
export interface Sitting {
  platform: BrowserPlatform
  url: string
  botName: string
  /** Names of other recording bots: they are no company. */
  otherBotNames: readonly string[]
  /** Written into the chat once the bot is in; none if empty. */
  chatLine: string
  /** Asks for entry then, or at once where it has passed. */
  joinAt: Date
  /** The meeting's end. The bot may stay longer while people do; the lobby and an empty room it leaves. */
  endsAt: Date
  limits: SittingLimits
}

/** How well the bot hears. Only `well` makes silence mean that nobody speaks. */
export type Hearing = 'well' | 'page_gone' | 'unconnected' | 'no_packets' | 'no_frames'

/** What a bot tells of its sitting, in order. */
export type SittingEvent =
  /** Something that moves the bot's state, in Attendee's words. */
  | { type: 'moved'; at: Date; event: BotEventType; subType?: string; detail?: Record<string, unknown> }
  | { type: 'participant'; at: Date; change: 'joined' | 'renamed' | 'left'; participant: SeatedParticipant }
  /** The instant of the first sample: zero of every `startedMs`. */
  | { type: 'recording_started'; at: Date }
  | AudioEvent
  | { type: 'hearing'; at: Date; hearing: Hearing }
  /** The bot wrote this into the chat. */
  | { type: 'said'; at: Date; text: string }
  /** The last of all: the page is closed, and every sound was sent. */
  | { type: 'over'; at: Date }
  /** In place of `over`: the bot host is gone, and with it what it had not sent. */
  | { type: 'lost'; at: Date; reason: LostReason }

/** Why a bot host is gone. */
export type LostReason = 'process_ended' | 'browser_crashed' | 'unresponsive' | 'closed'

export interface SeatedParticipant {
  /** The platform's, and new for somebody who comes again. */
  nativeId: string
  /** Cleaned; null while the platform shows none. Never falls back from a name to none. */
  name: string | null
  /** Bears our bot's name. A person may do that too, and is heard like anybody else. */
  hasBotName: boolean
}

/** Sound without a gap. */
export interface AudioEvent {
  type: 'audio'
  /** `mix`: everybody together, without gaps from the first sample to the last. `voice`: one track, only while it is heard. */
  of: 'mix' | 'voice'
  /** Whose voice: the `nativeId` of a participant; null for the mix and while it is not known. */
  nativeId: string | null
  /** One track of this sitting: tells voices apart whose owner is not known. Null for the mix. */
  voice: string | null
  startedMs: number
  durationMs: number
  /** Opus, mono, 48 kHz, 20 ms each. */
  packets: readonly Uint8Array[]
  /** The same at 16 kHz, for speech to text; null for the mix. */
  pcm: Int16Array | null
}

/** A bot at work, as its worker sees it. */
export interface Seat {
  /** Asks it to leave; may be called again. The reason is the sub-type of `leave_requested`. */
  leave(reason: string): void
  /** The meeting's end moved. */
  update(change: { endsAt: Date }): void
  /** Confirms that the bot is still the worker's: from the first call on it leaves on its own where no further one comes within this time. */
  confirmLease(forMs: number): void
  /** Resolves after `over` or `lost` was told. */
  readonly done: Promise<void>
}

/** What executes bots. */
export interface Runner extends AsyncDisposable {
  /** Begins a sitting. Its events come in order, none after `over` or `lost`. Throws where no browser can be started. */
  sit(sitting: Sitting, onEvent: (event: SittingEvent) => void): Promise<Seat>
}
