import { z } from 'zod'
import type { Clock } from './base/clock.ts'
import { attendMeetingJob, type RunnerName, scheduleBots, type TimedJob } from './features/bots/index.ts'
import {
  createProviders,
  type EventChange,
  forgetSpentGrants,
  listDueCalendars,
  makeDue,
  type Providers,
  pollCalendarsJob,
  type RoomLink,
  type SyncDeps,
  type SyncResult,
  syncCalendar,
  syncCalendarJob,
} from './features/calendars/index.ts'
import {
  type ReconcileDeps,
  readEvent,
  readLinkTexts,
  reconcileChanges,
  sweepMeetings,
  sweepMeetingsJob,
} from './features/meetings/index.ts'
import { finishRecording, finishRecordingJob } from './features/recordings/index.ts'
import {
  recoverSpeech,
  recoverSpeechJob,
  type SileroModel,
  type SpeechProvider,
  sweepSpeech,
  sweepSpeechJob,
  transcribeUtterance,
  transcribeUtteranceJob,
} from './features/transcripts/index.ts'
import type { BlobStore } from './platform/blobs/index.ts'
import type { Database, Transaction } from './platform/db/index.ts'
import type { HttpClient } from './platform/http/index.ts'
import {
  cancelTimedJobs,
  defineJob,
  type HandledJob,
  handleJob,
  type JobDefinition,
  moveTimedJob,
  type Queue,
  sendJobs,
  sendJobsNow,
  sendTimedJobs,
  type TimedJobRequest,
} from './platform/jobs/index.ts'
import type { Logger } from './platform/observe/index.ts'
import { removeExpiredSessions } from './platform/sessions/index.ts'

/** What the product's steps work with. app.ts builds it; tests build parts of it. */
export interface Pipeline {
  sync: SyncDeps
  reconcile: ReconcileDeps
  queue: Queue
  /** Understands a meeting link; where it is none, perhaps says why. */
  readLink(url: string): { room: RoomLink | null; warning: string | null }
}

export interface PipelineParts {
  db: Database
  queue: Queue
  http: HttpClient
  clock: Clock
  decrypt(ciphertext: string): string
  timeZone: string
  jitsiHosts: readonly string[]
  /** Origin of the sandbox's rooms, where it runs. */
  sandboxOrigin?: string
  alwaysAttends: boolean
  /** The runner that serves a platform; undefined where there is none. */
  runnerOf(platform: string): RunnerName | undefined
  providers?: Providers
}

/** Forgets sessions, sign-in links and access tokens that ran out, and files that were never finished. */
const cleanUpJob = defineJob({ name: 'clean-up', payload: z.object({}), policy: 'stately', cron: '41 * * * *' })

/** Every kind of job. */
export const allJobs: readonly JobDefinition[] = [
  syncCalendarJob,
  pollCalendarsJob,
  sweepMeetingsJob,
  attendMeetingJob,
  finishRecordingJob,
  transcribeUtteranceJob,
  recoverSpeechJob,
  sweepSpeechJob,
  cleanUpJob,
]

/**
 * Which event leads to what:
 *
 *   a calendar is due ─► sync-calendar ─► events written ─► meetings planned ─► bots scheduled ─► attend-meeting
 *                                          (one transaction: events, plan, bots and their jobs)
 *
 *   attend-meeting ─► a bot sits in the room ─► speech is stored ─► transcribe-utterance ─► the transcript grows
 *                                           └─► the bot leaves ─► finish-recording ─► one file to listen to
 *
 *   every minute ─► sweep-speech ─► what a crash left behind ─► recover-speech ─► utterances ─► transcribe-utterance
 */
export function createPipeline(parts: PipelineParts): Pipeline {
  const { db, queue, clock, runnerOf } = parts
  const bots = {
    clock,
    runnerOf,
    sendTimed: (trx: Transaction, jobs: readonly TimedJob[]) => sendTimedJobs(queue, trx, jobs.map(toTimedRequest)),
    moveTimed: (trx: Transaction, job: TimedJob) => moveTimedJob(queue, trx, toTimedRequest(job)),
    cancelTimed: (trx: Transaction, ids: readonly string[]) => cancelTimedJobs(queue, trx, attendMeetingJob.name, ids),
  }
  const reconcile: ReconcileDeps = {
    clock,
    runnerOf,
    alwaysAttends: parts.alwaysAttends,
    planned: (trx, meetings) => scheduleBots(bots, trx, meetings),
  }
  const linkOptions = {
    jitsiHosts: parts.jitsiHosts,
    ...(parts.sandboxOrigin === undefined ? {} : { sandboxOrigin: parts.sandboxOrigin }),
  }
  const sync: SyncDeps = {
    db,
    clock,
    providers: parts.providers ?? createProviders({ http: parts.http }),
    decrypt: parts.decrypt,
    readEvent: (event) => readEvent(event, linkOptions),
    reconcile: (trx: Transaction, changes: readonly EventChange[]) => reconcileChanges(reconcile, trx, changes),
    timeZone: parts.timeZone,
    zoneData: process.versions.tz ?? 'unknown',
  }
  const readLink = (url: string) => {
    const { room, linkWarning } = readLinkTexts(
      { conferenceUrls: [url], location: '', description: '', title: '' },
      linkOptions,
    )
    return { room, warning: linkWarning }
  }
  return { sync, reconcile, queue, readLink }
}

function toTimedRequest({ id, request }: TimedJob): TimedJobRequest {
  return { ...request, id }
}

export interface HandlerDeps extends Pipeline {
  db: Database
  clock: Clock
  log: Logger
  blobs: BlobStore
  speech: SpeechProvider
  /** Tells voices from noise; undefined where the model is missing. */
  openVoices(): Promise<SileroModel | undefined>
  /** Told the outcome of each sync. */
  synced(result: SyncResult, calendarId: string): void
}

/** What each kind of job does. */
export function createHandlers(deps: HandlerDeps): HandledJob[] {
  return [
    handleJob(syncCalendarJob, async ({ calendarId }, { signal }) => {
      deps.synced(await syncCalendar(deps.sync, { calendarId, signal }), calendarId)
    }),
    handleJob(pollCalendarsJob, () => sendDueSyncs(deps)),
    handleJob(sweepMeetingsJob, async () => {
      await sweepMeetings({ ...deps.reconcile, db: deps.db })
    }),
    handleJob(cleanUpJob, async () => {
      await removeExpiredSessions(deps.db, deps.clock)
      await forgetSpentGrants(deps.db, deps.clock)
      await deps.blobs.removeLeftDrafts()
    }),
    handleJob(finishRecordingJob, async ({ meetingId }, { signal }) => {
      await finishRecording(deps, { meetingId, signal })
    }),
    handleJob(transcribeUtteranceJob, ({ utteranceId }, { signal }) =>
      transcribeUtterance(deps, { utteranceId, signal }),
    ),
    handleJob(recoverSpeechJob, ({ meetingId }, { signal }) => recoverSpeech(deps, { meetingId, signal })),
    handleJob(sweepSpeechJob, () => sweepSpeech(deps)),
  ]
}

/** Wakes the sync of calendars that a provider says have changed, with the transaction that stores so. They go before those that are only due. */
export async function wakeChangedCalendars(
  deps: { clock: Clock; queue: Queue },
  trx: Transaction,
  calendarIds: readonly string[],
): Promise<void> {
  await makeDue(trx, calendarIds, deps.clock.now())
  const toRequest = (calendarId: string) => ({
    job: syncCalendarJob,
    payload: { calendarId },
    key: calendarId,
    priority: PUSHED,
  })
  await sendJobs(deps.queue, trx, calendarIds.map(toRequest))
}

const PUSHED = 10
const POLL_BATCH = 5_000

/** Sends a sync for each calendar whose time has come; one that is waiting already is not sent twice. */
export async function sendDueSyncs(deps: { db: Database; clock: Clock; queue: Queue }): Promise<void> {
  const due = await listDueCalendars(deps.db, deps.clock.now(), POLL_BATCH)
  const requests = due.map((calendarId) => ({ job: syncCalendarJob, payload: { calendarId }, key: calendarId }))
  await sendJobsNow(deps.queue, requests)
}
