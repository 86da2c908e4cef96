import type { SourceEvent, SourceProblem, Window } from '../event.ts'

/** By what a provider tells what is new since it was last read: its own text. */
export type Cursor = string

/** One invitation as the provider holds it: a single event, or a series with its exceptions. */
export interface SourceItem {
  uid: string
  /** All that is needed to expand it later. Only the provider reads it. */
  content: string
  contentHash: string
  isRecurring: boolean
  firstStartsAt: Date
  /** Null where it has no end. */
  lastEndsAt: Date | null
}

export interface Listing {
  kind: 'listing'
  name: string | null
  timeZone: string | null
  items: readonly SourceItem[]
  problems: readonly SourceProblem[]
  cursor: Cursor
}

export interface ListInput {
  /** The decrypted credential: for ICS the address. */
  credential: string
  /** Null the first time. */
  cursor: Cursor | null
  signal?: AbortSignal
}

export interface ExpandOptions {
  window: Window
  ownerEmail: string
  /** For floating times and unknown zones. */
  fallbackTimeZone: string
}

export interface CalendarProvider {
  /** Understands what a person gave to connect a calendar: the credential to keep, and a label without what is secret in it. Throws an `AppError`. */
  identify(given: string): { credential: string; label: string }
  /** Lists the whole calendar, or says that nothing changed. Throws an `AppError` that says what to do; never answers "empty" for a failure. */
  list(input: ListInput): Promise<Listing | { kind: 'unchanged' }>
  /** The occurrences of one item within a window. Pure. */
  expand(content: string, options: ExpandOptions): { events: SourceEvent[]; problems: SourceProblem[] }
  /** Time between two looks when all is well, in milliseconds. */
  pollMs(credential: string): number
}
