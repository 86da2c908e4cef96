import type { Instant, WithDefault } from '../../platform/db/index.ts'

declare module '../../platform/db/tables.ts' {
  interface Tables {
    worker: WorkerTable
    attendeeTrial: AttendeeTrialTable
  }
}

/** A process that attends meetings. */
interface WorkerTable {
  id: string
  startedAt: Instant
  seenAt: Instant
  capacity: number
  seats: number
  runners: string[]
  isDraining: WithDefault<boolean>
  machine: WithDefault<string | null>
  booted: WithDefault<string | null>
  socket: WithDefault<string | null>
}

/** What an Attendee server last said when it was tried. */
interface AttendeeTrialTable {
  /** A platform, or `recordings`. */
  subject: string
  triedAt: Instant
  /** The code of what went wrong; null where nothing did. */
  code: string | null
  said: string | null
  /** Why the bot of the trial could not be taken back. */
  leftBehind: string | null
}
