/** How a provider is spoken of to people, and which settings they are sent to. */
export interface ProviderWords {
  /** What people call it, such as `ICS`. */
  label: string
  /** What it calls a calendar of its own. */
  calendar: string
  /** What tells its calendars apart for people: an address, or nothing besides whose they are. */
  knownBy: 'address' | 'owner'
  /** Why a calendar cannot be read until somebody acts, and what to do: a sentence for each word of `whyLost`. */
  lost?: Readonly<Record<string, string>>
  /** Of providers that say when something changes. */
  notices?: {
    /** The setting for another address than SITE_URL gives. */
    setting: string
  }
  /** Of providers at which people consent. */
  consent?: {
    /** What an administrator has to set first. */
    settings: string
    /** How a person ends it there, as the first half of a sentence. */
    withdrawal: string
  }
  /** Of providers that let a whole organisation in. */
  directory?: {
    /** What is missing where it is not set up, as a sentence. */
    missing: string
    /** What to set for everybody at once, as the first half of a sentence. */
    setUp: string
    /** The setting by which everybody of it is known. */
    everybody: string
    /** Where what lets us in is kept, for the command line: one sentence or two, in lines of its width. */
    kept: string
    /** By what its calendars are read, as in "through the organisation's …". */
    way: string
  }
}
