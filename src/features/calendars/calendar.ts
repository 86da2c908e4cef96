/** How long before now and after it occurrences are kept in step with the calendars. */
export const WINDOW_BEFORE_MS = 24 * 3_600_000
export const WINDOW_AFTER_MS = 28 * 24 * 3_600_000

/** One person's calendar at one provider, with its sync state. The credential stays in the store. */
export interface Calendar {
  id: string
  provider: string
  ownerEmail: string
  name: string | null
  /** Where it is read from, without what is secret in the address. */
  addressLabel: string
  state: 'connected' | 'disconnected'
  stateReason: string | null
  /** On whose word it is read: the organisation's or its owner's; null where an address is all that is needed. */
  access: 'service_account' | 'oauth' | null
  /** Why the directory keeps it disconnected, where it does. */
  releaseReason: 'suspended' | 'archived' | 'left' | 'not_selected' | null
  timeZone: string | null
  lastAttemptAt: Date | null
  lastSuccessAt: Date | null
  lastChangeAt: Date | null
  nextSyncAt: Date
  failureCount: number
  failureMessage: string | null
  removedAt: Date | null
}

/** What meetings/ read out of an event: where it takes place, and the words by which people ask for something. */
export interface EventReading {
  room: { platform: string; roomId: string; url: string } | null
  /** A sentence, where something looked like a link and could not be used. */
  linkWarning: string | null
  /** The words with # in its texts, such as `#norecord`; lower case, each once. */
  tags: readonly string[]
}
