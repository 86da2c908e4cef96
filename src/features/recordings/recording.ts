import { DAY_MS } from '../../base/time.ts'

/** All audio of a meeting. Times ending in `Ms` run from `startedAt`, the instant of the first recorded sample. */
export interface Recording {
  meetingId: string
  state: 'recording' | 'finishing' | 'complete' | 'failed' | 'none'
  startedAt: Date
  endedAt: Date | null
  /** The finished file; kept while a later bot records more. */
  fileKey: string | null
  durationMs: number | null
  sizeBytes: number | null
  /** What a file of somebody else's making is; null for our own. */
  contentType: string | null
  /** Where the file begins. */
  fileStartedMs: number
  /** The other meetings whose sound the file holds as well: who hears it may read those too. */
  alsoOf: readonly string[]
}

/** The audio of one bot within a meeting's recording. */
export interface Part {
  botId: string
  meetingId: string
  startedMs: number
  endedMs: number | null
}

/** One step as it is stored: one Ogg Opus stream, at most 10 s long. */
export interface AudioStep {
  /** Rises in the order of writing; a string, since it may be larger than a number can be. */
  id: string
  botId: string
  /** Null for the mix of all. */
  participantId: string | null
  startedMs: number
  durationMs: number
  opus: Uint8Array
}

export const MAX_STEP_MS = 10_000
/** Nothing of a recording begins later than this, so that a wrong clock cannot ask for days of silence. */
export const MAX_RECORDING_MS = DAY_MS

/** Where a meeting's finished files are. */
export function blobFolderOf(meetingId: string): string {
  return `recordings/${meetingId}/`
}
