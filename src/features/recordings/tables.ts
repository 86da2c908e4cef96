import type { Generated, Instant, WithDefault } from '../../platform/db/index.ts'

declare module '../../platform/db/tables.ts' {
  interface Tables {
    recording: RecordingTable
    part: PartTable
    audioStep: AudioStepTable
  }
}

interface RecordingTable {
  meetingId: string
  state: 'recording' | 'finishing' | 'complete' | 'failed' | 'none'
  startedAt: Instant
  endedAt: Instant | null
  fileKey: string | null
  durationMs: number | null
  sizeBytes: string | null
  /** Null: a file of our own making. */
  contentType: WithDefault<string | null>
  /** Where on the meeting's time line the file begins: one of our own at 0. */
  fileStartedMs: WithDefault<number>
  /** The other meetings whose sound the file holds as well. */
  alsoOf: WithDefault<string[]>
  updatedAt: WithDefault<Instant>
}

interface PartTable {
  botId: string
  meetingId: string
  startedMs: number
  endedMs: number | null
  /** Its recorder was to turn speech into text too, and could not for all of it. */
  isSpeechMissing: WithDefault<boolean>
}

interface AudioStepTable {
  id: Generated<string>
  meetingId: string
  botId: string
  /** Null for the mix of all. */
  participantId: string | null
  startedMs: number
  durationMs: number
  opus: Buffer
  createdAt: WithDefault<Instant>
}
