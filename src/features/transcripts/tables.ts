import type { ColumnType, Generated, Instant, WithDefault } from '../../platform/db/index.ts'

declare module '../../platform/db/tables.ts' {
  interface Tables {
    utterance: UtteranceTable
    transcript: TranscriptTable
    meetingReader: MeetingReaderTable
    linkRevocation: LinkRevocationTable
  }
}

interface UtteranceTable {
  id: string
  meetingId: string
  participantId: string
  seq: string | number
  startedMs: number
  durationMs: number
  state: 'heard' | 'done' | 'empty' | 'failed'
  text: WithDefault<string>
  confidence: number | null
  language: string | null
  /** The speech itself, until it has become text for good. */
  opus: Buffer | null
  createdAt: WithDefault<Instant>
  updatedAt: WithDefault<Instant>
}

interface TranscriptTable {
  meetingId: string
  state: 'live' | 'finishing' | 'complete' | 'partial' | 'failed' | 'none'
  lastSeq: ColumnType<string, number | undefined, number>
  finishedAt: Instant | null
  updatedAt: WithDefault<Instant>
  /** When the people invited at the meeting's end were written down. */
  readersAt: WithDefault<Instant | null>
}

interface MeetingReaderTable {
  meetingId: string
  /** An account's id, or an address where no account was known. */
  person: string
  address: string
  why: 'invited' | 'given' | 'removed'
  by: string | null
  at: Instant
}

interface LinkRevocationTable {
  id: Generated<string>
  meetingId: string | null
  email: string | null
  revokedAt: Instant
}
