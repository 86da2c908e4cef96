/**
 * What nobody could say for certain about Google, each as a switch. The values here are what the documentation says or, where it is
 * silent, what asks more of whoever reads. README.md has the list with reasons.
 */
export interface Doubts {
  /** A sync token taken after a listing with `timeMin` or `timeMax` keeps these bounds. */
  tokenKeepsWindow: boolean
  /** Which series a listing with bounds and without `singleEvents` has. */
  mastersInWindow: 'any_occurrence' | 'first_occurrence'
  /**
   * Where the clock leaves out the hour of an occurrence: it takes place later by the length of the gap (so Google is reported to do:
   * github.com/ical-org/ical.net/issues/681, 2025-02), or not at all and is not counted (RFC 5545, 3.3.10).
   */
  gapTimes: 'left_out' | 'moved_later'
  eventTypesWithSyncToken: 'allowed' | 'refused'
  /** A sync token that comes with other parameters than it was made with. */
  otherParametersWithSyncToken: 'refused' | 'ignored'
  /** The further pages of a delta have to name the sync token besides the page token. */
  pagesNeedSyncToken: boolean
  /** Single cancelled occurrences say which series and which start they mean besides their id. */
  cancelledInstancesNameSeries: boolean
  /** The delta after a series was deleted lists its exceptions too. */
  deletedSeriesListsExceptions: boolean
  /** An exception that a change of its series took away is listed as cancelled. */
  resetExceptionsAreListed: boolean
  /** How the second half of a series that was split is called: after the first half, or a new name. */
  splitIds: 'after_first_half' | 'new'
  /** When tokens are called off, deleted events are forgotten with them: no listing has them as cancelled any more. */
  deletedVanishWithTokens: boolean
  /** How far the delta of an endless series reaches with `singleEvents`, in days from now. */
  instancesAheadDays: number
  /** Each use of a refresh token brings another one, and ends it. */
  refreshTokensRotate: boolean
  /** The `sync` message comes before the answer to the watch request. */
  syncBeforeWatchAnswer: boolean
  /** A channel ends after this many notices in a row that were not taken; null: never. */
  channelEndsAfterFailures: number | null
  /** `events.watch` wants an address whose domain was verified. */
  isDomainVerificationEnforced: boolean
  /** The most live channels of the project; null: no limit. */
  channelsPerProject: number | null
}

export const defaultDoubts: Doubts = {
  tokenKeepsWindow: false,
  mastersInWindow: 'any_occurrence',
  gapTimes: 'moved_later',
  eventTypesWithSyncToken: 'allowed',
  otherParametersWithSyncToken: 'refused',
  pagesNeedSyncToken: true,
  cancelledInstancesNameSeries: true,
  deletedSeriesListsExceptions: false,
  resetExceptionsAreListed: true,
  splitIds: 'after_first_half',
  deletedVanishWithTokens: true,
  instancesAheadDays: 730,
  refreshTokensRotate: false,
  syncBeforeWatchAnswer: false,
  channelEndsAfterFailures: null,
  isDomainVerificationEnforced: false,
  channelsPerProject: null,
}
