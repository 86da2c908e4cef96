import type { BotEnd, BotHappening, BotState, SittingLimits } from '../../bots/index.ts'
import type { Platform } from '../../meetings/index.ts'
import type { ToldWords } from '../../transcripts/index.ts'

/** One bot's stay at one meeting, as it is ordered. */
export interface Sitting {
  botId: string
  /** Of the claim under which the sitting is ordered: another one is another order. */
  fence: number
  /** The state in which an earlier worker left the bot, which a runner whose bots survive goes on with; null for a new one. */
  resumesFrom: BotState | null
  platform: Platform
  url: string
  botName: string
  /** Names of other recording bots, and words of them: they are no company. */
  otherBotNames: readonly string[]
  /** Written into the chat once the bot is in; none if empty. */
  chatLine: string
  /** Asks for entry then, or at once where it has passed. */
  joinAt: Date
  /** The meeting's end. The bot may stay longer while people do; the lobby and an empty room it leaves. */
  endsAt: Date
  limits: SittingLimits
  /** Set: at the door it tells where its link has led, and waits there to be told that this is the room that is meant. */
  asksWhereItLeads?: boolean
  /** As `confirmLease` says, from the beginning; undefined where nobody asks for it before. */
  leaseUntilMs?: number
}

/** How well the bot hears. Only `well` makes silence mean that nobody speaks. */
export type Hearing = 'well' | 'page_gone' | 'unconnected' | 'no_packets' | 'no_frames'

/** What a bot tells of its sitting, in order. */
export type SittingEvent =
  /** Something that moves the bot's state, in Attendee's words. */
  | ({ type: 'moved'; at: Date } & BotHappening)
  /** Something else happened, in the words of whoever executes the bot; its state stays. */
  | { type: 'noted'; at: Date; event: string; subType?: string; detail?: Record<string, unknown> }
  | { type: 'participant'; at: Date; change: 'joined' | 'renamed' | 'left'; participant: SeatedParticipant }
  /** The instant of the first sample: zero of every `startedMs`. */
  | { type: 'recording_started'; at: Date }
  | AudioEvent
  | { type: 'hearing'; at: Date; hearing: Hearing }
  /** The bot wrote this into the chat. */
  | { type: 'said'; at: Date; text: string }
  /**
   * What was said so far, by a runner that transcribes by itself: what became text since it told last, or became another text or longer, which
   * its speaker and time name. `people`: their speakers. The first, often without words, says that it records. What its server has at the end
   * says it all.
   */
  | ({ type: 'words'; at: Date } & ToldWords)
  /** At the door: the address to which its link has led, as the platform says. Where it is to ask, the bot waits there for `leadsTo` to be that one. */
  | { type: 'led_to'; at: Date; url: string }
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
  /** Bears the name of another recording bot. */
  isAnotherBot?: boolean
  /** The address with which they are signed in, in lower case; only where the platform vouches for it. */
  email?: string
  /** A room's own camera and microphone, not a person. */
  isDevice?: boolean
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
  /** Opus, mono, of the regular length (`PACKET_MS`) each. */
  packets: readonly Uint8Array[]
  /** The same at `WIDEBAND_RATE_HZ`, for speech to text; null for the mix. */
  pcm: Int16Array | null
}

export interface SeatChange {
  joinAt?: Date
  endsAt?: Date
  url?: string
  /** To this address its link may lead: it is the room that is meant. */
  leadsTo?: string
  /** Until then an empty or silent room is no reason to leave: the next meeting there is about to begin. */
  stayUntil?: Date
  /** Written into the chat once the bot is in, each text once. */
  say?: string
  /** Set: who is there has to be known while it sits there, and not only at its end. */
  tellsPeople?: boolean
}

/** A bot at work, as its worker sees it. */
export interface Seat {
  /** Asks it to leave; may be called again. The reason is the end of `leave_requested`. */
  leave(reason: BotEnd): void
  /** The meeting moved or got another link. Once the bot asked for entry only `endsAt`, `stayUntil`, `say` and `tellsPeople` have an effect. */
  update(change: SeatChange): void
  /**
   * Confirms that the bot is still the worker's until then, on this machine's monotonic clock (`monotonicMs`): once confirmed, it leaves on
   * its own when the time is up. A bot that survives its worker does nothing here.
   */
  confirmLease(untilMs: number): void
  /**
   * The bot is another worker's now, or nobody's: one that survives its worker goes on without a word to the room, and `done` resolves; any
   * other leaves. May be called again.
   */
  abandon(): void
  /** Resolves after `over` or `lost` was told, or the seat was abandoned. */
  readonly done: Promise<void>
}

/** What executes bots. */
export interface Runner extends AsyncDisposable {
  /** Begins a sitting. Its events come in order, none after `over` or `lost`. Throws where the bot could not be launched. */
  sit(sitting: Sitting, onEvent: (event: SittingEvent) => void): Promise<Seat>
}
