import type { CheckReport } from '../../../base/check-report.ts'
import type { Clock } from '../../../base/clock.ts'
import type { AppError } from '../../../base/errors.ts'
import type { Window } from '../../../formats/recurrence/window.ts'
import type { Config, Secrets } from '../../../platform/config/index.ts'
import type { Database } from '../../../platform/db/index.ts'
import type { HttpClient } from '../../../platform/http/index.ts'
import type { PushNotice } from '../channels/judge-notice.ts'
import type { SourceEvent, SourceProblem } from '../event.ts'
import type { ProviderConsent, ProviderSignIn } from './provider-consent.ts'
import type { ProviderDirectory } from './provider-directory.ts'
import type { ProviderWords } from './provider-words.ts'

/**
 * All that a provider brings: a folder below `providers/` and a line in the registry. What it cannot do it leaves out; whoever asks for a
 * part finds it missing. What it is set up with it reads from its own settings.
 */
export interface Provider {
  words: ProviderWords
  /** How it says that something changed; left out where it never does. */
  notices?: NoticeReader
  /** Tries what is set up and says what is missing, for `doctor`; nothing where nothing is set up. Stores nothing. */
  check?(parts: CheckParts): Promise<CheckReport[]>
  /** The provider as it is set up here. Asks nobody. */
  open(parts: ProviderParts): CalendarProvider
}

export interface CheckParts {
  clock: Clock
  config: Config
  secrets: Secrets
  http: HttpClient
}

/** What a provider works with. */
export interface ProviderParts extends CheckParts {
  db: Database
  encrypt(plaintext: string): string
  decrypt(ciphertext: string): string
  log?: { warn(message: string, fields?: Record<string, unknown>): void; info(message: string): void }
  /** How fast it may be called, for benches that compress its clock. */
  rates?: CallRates
}

/** How fast calls may be made: `capacity` at once, and `perSecond` on the long run. */
export interface CallRate {
  capacity: number
  perSecond: number
}

/** How fast calls may be made for all of an installation, and for each of its users. */
export interface CallRates {
  project: CallRate
  user: CallRate
}

/** Where a provider's notices come in, and how they are read. They prove themselves by the secret of their channel, not here. */
export interface NoticeReader {
  /** Our addresses for them; the first is the one of today. */
  paths: readonly string[]
  read(request: NoticeRequest): Promise<NoticeReading>
}

export interface NoticeRequest {
  header(name: string): string | undefined
  query(name: string): string | undefined
  body(): Promise<string>
}

/** `notices`: what is said, often several at once. `answer`: the provider only makes sure that somebody is here, and wants this text back. `unreadable`: a sentence for whoever sent it. */
type NoticeReading =
  | { kind: 'notices'; notices: readonly PushNotice[] }
  | { kind: 'answer'; text: string }
  | { kind: 'unreadable'; message: string }

/** By what a provider tells what is new since it was last read: its own text, stored and handed back as it is. */
export type Cursor = string

/** How a calendar is reached. */
export interface CalendarAccess {
  calendarId: string
  ownerEmail: string
  /** On whose word: the organisation's, acting for the owner, or the owner's own; null for providers with only one way. */
  access: 'service_account' | 'oauth' | null
  /** Decrypted: the address of a feed, a refresh token; null where acting for the owner needs none. */
  credential: string | null
}

/** How urgent a reading is. `push`: something changed; `routine`: a look from time to time; `onboarding`: the first reading. */
export type Urgency = 'push' | 'routine' | 'onboarding'

/**
 * A piece as the provider hands it over: a single event, a series, or a part of one that differs. Some hand over an invitation with its
 * exceptions in one piece, others each by itself. Pieces of one UID are expanded together.
 */
export interface SourceItem {
  /** What the provider calls it, unique in its calendar. */
  id: string
  /** Shared by all pieces and all copies of an invitation; null where a part does not say it and its series is needed to know. */
  uid: string | null
  /** Of a part: the id of its series. */
  seriesId: string | null
  /** Of a part: it only takes an occurrence out of its series. */
  isHole: boolean
  /** All that is needed to expand it later. Only the provider reads it. */
  content: string
  contentHash: string
  isRecurring: boolean
  firstStartsAt: Date
  /** Null where it has no end. */
  lastEndsAt: Date | null
  /** How new this state of it is: a greater text is newer, and what is older than the state that is known changes nothing. Empty where the later delivery is newer. */
  version: string
}

/** A piece that is gone. */
export interface Removal {
  id: string
  /** As `SourceItem.version`. */
  version: string
}

/** A page of a round: what changed, or everything there is. */
export interface Page {
  /** Whether the round lists everything, so that what no page of it has is gone. */
  isWhole: boolean
  items: readonly SourceItem[]
  /** Pieces that are gone; a series goes with its parts. */
  removed: readonly Removal[]
  /** What could not be used: with the id or UID of a piece, or of the calendar as a whole. */
  problems: readonly SourceProblem[]
  /** Left out where this page does not say it; null where the calendar has none. */
  name?: string | null
  timeZone?: string | null
  /** Undefined while more pages follow; on the last page where the next round goes on, or null if the provider left it out. */
  cursor: Cursor | null | undefined
}

/** What every reading takes. */
export interface ReadInput {
  reader: CalendarAccess
  urgency: Urgency
  signal?: AbortSignal
}

export interface ExpandOptions {
  window: Window
  ownerEmail: string
  /** The calendar's zone: for whole days, floating times and unknown zones. */
  fallbackTimeZone: string
}

export interface Expansion {
  events: SourceEvent[]
  problems: SourceProblem[]
  /** Series that we cannot expand for certain, with what we would say: the provider's own expansion should be asked. */
  unsure: readonly { seriesId: string; events: SourceEvent[] }[]
}

/** A channel to be opened: where notices of changes are to be sent, with what to know them by, and for how long they are wanted. */
interface ChannelRequest {
  id: string
  secret: string
  address: string
  expiresAt: Date
}

/** What asking for a channel came to: `refused`, now and tomorrow; `unanswered`, so that it may be open all the same. */
export type WatchFailure = 'refused' | 'unanswered' | 'failed'

/** A provider that says by itself when a calendar changes, if it is asked to. */
export interface CalendarPush {
  /** Where it is told to send; undefined where nobody outside can reach us: then there are no channels. */
  address: string | undefined
  /** Asks for notices of changes in a calendar; answers what the provider calls it and until when it will send. Throws an `AppError`. */
  watch(input: WatchInput & { channel: ChannelRequest }): Promise<{ resourceId: string; expiresAt: Date }>
  /** Asks for no more notices; a channel that is gone already is fine. Throws an `AppError`. */
  stop(input: WatchInput & { channel: { id: string; resourceId: string } }): Promise<void>
  /** What an error of `watch` means. */
  whyUnwatched(error: AppError): WatchFailure
}

/** On whose behalf a channel is opened or stopped. */
type WatchInput = Pick<ReadInput, 'reader' | 'signal'>

/**
 * A provider as this installation has set it up: its calendars, and the parts that it has. Readings throw an `AppError` that says what to do, and never answer "empty" for a failure. Two codes are outcomes
 * for whoever reads: `cursor_refused`, everything has to be listed anew; `page_refused`, the round has to begin again at its cursor.
 */
export interface CalendarProvider {
  /** Understands what a person gave to connect a calendar: the credential to keep, and a label without what is secret in it. Throws an `AppError`. */
  identify(given: string): { credential: string; label: string }
  /** What changed since a cursor, page by page. A provider that only knows all or nothing lists everything, or an empty page. */
  listChanges(input: ReadInput & { cursor: Cursor }): AsyncIterable<Page>
  /** Everything, whatever its time, page by page. */
  listAll(input: ReadInput): AsyncIterable<Page>
  /** What takes place in a window, for a first plan before everything is listed; undefined where listing everything is as fast. */
  listWindow?(input: ReadInput & { window: Window }): AsyncIterable<Pick<Expansion, 'events' | 'problems'>>
  /** The occurrences of the pieces of one UID within a window. Pure. */
  expand(contents: readonly string[], options: ExpandOptions): Expansion
  /** The provider's own expansion of a series within a window, with its exceptions; undefined where there is none to ask. */
  expandThere?(input: ReadInput & ExpandOptions & { seriesId: string }): Promise<SourceEvent[]>
  /** Notices of changes; left out where the provider sends none, and has to be looked at. */
  readonly push?: CalendarPush
  /** Whose calendars there are; left out where the organisation has not let us in as a whole. */
  readonly directory?: ProviderDirectory
  /** How people connect their own calendar; left out where that is not set up. */
  readonly consent?: ProviderConsent
  /** How people sign in to the pages with their account there; left out where that is not set up. */
  readonly signIn?: ProviderSignIn
  /** Forgets access that ran out. May run any time. */
  forgetSpent?(): Promise<void>
  /** Why an error means that a calendar cannot be read until somebody acts (a stable word); undefined for what may pass. */
  whyLost(error: unknown): string | undefined
  /** Time between two looks when all is well, in milliseconds; `isWatched`: the provider is expected to say when something changes. */
  pollMs(reader: CalendarAccess, isWatched: boolean): number
}
