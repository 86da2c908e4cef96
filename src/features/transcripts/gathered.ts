/** Somebody who was heard, as the platform calls them. */
interface Speaker {
  nativeId: string
  /** Null while the platform shows none. */
  name: string | null
}

/** What was said so far at a bot elsewhere, and since when it records; its words may be none yet. */
export interface ToldWords {
  recordedFrom: Date
  people: readonly Speaker[]
  utterances: readonly GatheredUtterance[]
}

/** Speech that somebody else made text of. */
export interface GatheredUtterance {
  nativeId: string
  spokenAt: Date
  durationMs: number
  text: string
}

/** Somebody who was in the room; times are null where they are not known. */
export interface GatheredPerson {
  nativeId: string
  name: string | null
  joinedAt: Date | null
  leftAt: Date | null
  /** As of whoever sits in the room. */
  email?: string
  hasBotName?: boolean
}

/** What somebody else's bot recorded and transcribed. The same again, after a crash, changes nothing. */
export interface Gathered {
  /** The first recorded sample; null where nothing was recorded. */
  recordedFrom: Date | null
  recordedUntil: Date
  /** There is evidence of sound: a file, or words. */
  hasSound: boolean
  people: readonly GatheredPerson[]
  utterances: readonly GatheredUtterance[]
  /** Not all speech could be turned into text. */
  isSpeechMissing: boolean
  /** The recording's file, fetched as it is read; may throw, and be asked for again. Null where there is none. */
  media: (() => AsyncIterable<Uint8Array>) | null
}
