import type { AppError } from '../../../base/errors.ts'
import type { SourceEvent, SourceProblem, Window } from '../event.ts'

/** By what a provider tells what is new since it was last read: its own text, stored and handed back as it is. */
export type Cursor = string

/** How a calendar is reached. */
export interface CalendarAccess {
  calendarId: string
  ownerEmail: string
  /** How Google is asked; null for providers with only one way. */
  access: 'service_account' | 'oauth' | null
  /** Decrypted: the address of a feed, a refresh token; null where acting for the owner needs none. */
  credential: string | null
}

/** How urgent a reading is. `push`: something changed; `routine`: a look from time to time; `onboarding`: the first reading. */
export type Urgency = 'push' | 'routine' | 'onboarding'

/**
 * A piece as the provider hands it over: a single event, a series, or a part of one that differs. A feed hands over an invitation with
 * its exceptions in one piece, Google each by itself. Pieces of one UID are expanded together.
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
 * One kind of calendar. Readings throw an `AppError` that says what to do, and never answer "empty" for a failure. Two codes are outcomes
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
  /** Notices of changes; null where the provider sends none, and has to be looked at. */
  readonly push: CalendarPush | null
  /** Why an error means that a calendar cannot be read until somebody acts (a stable word); undefined for what may pass. */
  whyLost(error: unknown): string | undefined
  /** Time between two looks when all is well, in milliseconds; `isWatched`: the provider is expected to say when something changes. */
  pollMs(reader: CalendarAccess, isWatched: boolean): number
}
