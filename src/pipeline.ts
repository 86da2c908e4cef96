import { z } from 'zod'
import type { Clock } from './base/clock.ts'
import { DAY_MS, SECOND_MS } from './base/time.ts'
import {
  attendMeetingJob,
  hasLiveBot,
  type RunnerName,
  type SuperviseDeps,
  scheduleBots,
  superviseBots,
  superviseBotsJob,
  type TimedJob,
} from './features/bots/index.ts'
import {
  createProviders,
  deleteOldConsents,
  type EventChange,
  forgetSpentGrants,
  type GoogleApi,
  listDueCalendars,
  lookAgainJob,
  markChanged,
  noteUnannounced,
  type PeopleDeps,
  type PeopleResult,
  type Providers,
  pollCalendarsJob,
  type RenewDeps,
  type RenewResult,
  type RoomLink,
  readNewCalendarJob,
  renewChannels,
  renewChannelsJob,
  type SyncDeps,
  type SyncInput,
  type SyncResult,
  syncCalendar,
  syncCalendarJob,
  syncPeopleIfDue,
  syncPeopleJob,
} from './features/calendars/index.ts'
import {
  createRulesInForce,
  type ReconcileDeps,
  type RuleContext,
  readEvent,
  readLinkTexts,
  reconcileChanges,
  sweepMeetings,
  sweepMeetingsJob,
} from './features/meetings/index.ts'
import { finishRecording, finishRecordingJob } from './features/recordings/index.ts'
import {
  finishTranscript,
  REST_MS,
  readTranscriptFacts,
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
  findLiveJobs,
  type HandledJob,
  handleJob,
  type JobDefinition,
  type JobRequest,
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
  channels: RenewDeps
  people: PeopleDeps
  /** What rules depend on besides the meetings. */
  ruleContext: RuleContext
  queue: Queue
  supervise: SuperviseDeps
  /** Understands a meeting link; where it is none, perhaps says why. */
  readLink(url: string): { room: RoomLink | null; warning: string | null }
}

export interface PipelineParts {
  db: Database
  queue: Queue
  http: HttpClient
  clock: Clock
  decrypt(ciphertext: string): string
  google: GoogleApi
  /** Where providers are told to send notices of changes; undefined where nobody outside can reach us. */
  noticeAddress: string | undefined
  /** Whose calendars are connected through a service account; undefined where there is none. */
  delegation: { adminEmail: string | undefined; pilotUsers: readonly string[] } | undefined
  timeZone: string
  jitsiHosts: readonly string[]
  /** The organisation's e-mail domains, for rules on who is from outside. */
  orgDomains: readonly string[]
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
  readNewCalendarJob,
  lookAgainJob,
  pollCalendarsJob,
  renewChannelsJob,
  syncPeopleJob,
  sweepMeetingsJob,
  attendMeetingJob,
  superviseBotsJob,
  finishRecordingJob,
  transcribeUtteranceJob,
  recoverSpeechJob,
  sweepSpeechJob,
  cleanUpJob,
]

/**
 * Which event leads to what:
 *
 *   a provider says that something changed ─► sync-calendar; renew-channels keeps up the channels over which it says so
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
  const supervise: SuperviseDeps = {
    ...bots,
    db,
    findLiveJobs: (ids) => findLiveJobs(queue, attendMeetingJob.name, ids),
    settled: (trx, meeting) => settleMeeting(parts, trx, meeting),
  }
  const ruleContext: RuleContext = { orgDomains: parts.orgDomains }
  const reconcile: ReconcileDeps = {
    clock,
    runnerOf,
    alwaysAttends: parts.alwaysAttends,
    rulesInForce: createRulesInForce(ruleContext),
    planned: (trx, meetings, origin) => scheduleBots(bots, trx, meetings, origin),
  }
  const linkOptions = {
    jitsiHosts: parts.jitsiHosts,
    ...(parts.sandboxOrigin === undefined ? {} : { sandboxOrigin: parts.sandboxOrigin }),
  }
  const sync: SyncDeps = {
    db,
    clock,
    providers: parts.providers ?? createProviders({ http: parts.http, google: parts.google }),
    decrypt: parts.decrypt,
    readEvent: (event) => readEvent(event, linkOptions),
    reconcile: (trx: Transaction, changes: readonly EventChange[]) => reconcileChanges(reconcile, trx, changes),
    timeZone: parts.timeZone,
    zoneData: process.versions.tz ?? 'unknown',
  }
  const channels: RenewDeps = {
    db,
    clock,
    providers: sync.providers,
    decrypt: parts.decrypt,
    markChanged: (trx, calendarIds) => wakeChangedCalendars({ queue }, trx, calendarIds),
    address: parts.noticeAddress,
  }
  const people: PeopleDeps = {
    db,
    clock,
    google: parts.google,
    reconcile: sync.reconcile,
    isConfigured: parts.delegation !== undefined,
    adminEmail: parts.delegation?.adminEmail,
    pilotUsers: parts.delegation?.pilotUsers ?? [],
  }
  const readLink = (url: string) => {
    const { room, linkWarning } = readLinkTexts(
      { conferenceUrls: [url], location: '', description: '', title: '' },
      linkOptions,
    )
    return { room, warning: linkWarning }
  }
  return { sync, reconcile, channels, people, ruleContext, queue, supervise, readLink }
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
  /** Told what a round of channels did. */
  channelsRenewed(result: RenewResult): void
  /** Told whose calendars were connected and released. */
  peopleSynced(result: PeopleResult): void
}

/** Sees to a meeting that no bot of ours attends any more: its sound becomes a file, and its transcript ends as what it is. May run twice. */
export async function settleMeeting(
  { queue, clock }: { queue: Queue; clock: Clock },
  trx: Transaction,
  meeting: { id: string },
): Promise<void> {
  const { id: meetingId } = meeting
  if (await hasLiveBot(trx, meetingId)) return
  // Earlier its last bot may still have a writer.
  const restsAt = new Date(clock.now().getTime() + REST_MS + SECOND_MS)
  await sendJobs(queue, trx, [
    { job: finishRecordingJob, payload: { meetingId }, key: meetingId },
    { job: recoverSpeechJob, payload: { meetingId }, key: meetingId, startAfter: restsAt },
  ])
  await finishTranscript(trx, meetingId, await readTranscriptFacts(trx, meetingId), clock.now())
}

/** What each kind of job does. */
export function createHandlers(deps: HandlerDeps): HandledJob[] {
  return [
    handleJob(syncCalendarJob, ({ calendarId }, { signal }) =>
      syncAndFollow(deps, { calendarId, which: 'known', signal }),
    ),
    handleJob(readNewCalendarJob, ({ calendarId }, { signal }) =>
      syncAndFollow(deps, { calendarId, which: 'new', signal }),
    ),
    handleJob(lookAgainJob, ({ calendarId }) => sendJobsNow(deps.queue, [syncRequest(calendarId, PUSHED)])),
    handleJob(pollCalendarsJob, () => sendDueSyncs(deps)),
    handleJob(renewChannelsJob, async (_, { signal }) => {
      deps.channelsRenewed(await renewChannels(deps.channels, { signal }))
    }),
    handleJob(syncPeopleJob, async (_, { signal }) => {
      const result = await syncPeopleIfDue(deps.people, { signal })
      if (!result) return
      deps.peopleSynced(result)
      // Who was connected is read at once.
      if (result.changes.length > 0) await sendDueSyncs(deps)
    }),
    handleJob(sweepMeetingsJob, async () => {
      await sweepMeetings({ ...deps.reconcile, db: deps.db }, { origin: 'sweep' })
    }),
    handleJob(superviseBotsJob, async () => {
      const healed = await superviseBots(deps.supervise)
      if (healed > 0) deps.log.warn('Bots that nobody saw to were found', { healed })
    }),
    handleJob(cleanUpJob, async () => {
      await removeExpiredSessions(deps.db, deps.clock)
      await forgetSpentGrants(deps.db, deps.clock)
      await deleteOldConsents(deps.db, new Date(deps.clock.now().getTime() - DAY_MS))
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

/** Syncs a calendar, and sends what has to follow. */
async function syncAndFollow(deps: HandlerDeps, input: SyncInput): Promise<void> {
  const { calendarId } = input
  const result = await syncCalendar(deps.sync, input)
  deps.synced(result, calendarId)
  if (result.isUnannounced) await noteUnannounced(deps.db, calendarId, deps.clock.now())
  const now = deps.clock.now().getTime()
  const later = (result.lookAgainAfterMs ?? []).map((ms) => new Date(now + ms))
  await sendJobsNow(deps.queue, [
    ...(result.outcome === 'is_new' ? [newRequest(calendarId)] : []),
    ...(result.isMarkedAgain ? [syncRequest(calendarId, PUSHED)] : []),
    ...later.map((startAfter) => ({
      ...{ job: lookAgainJob, payload: { calendarId }, startAfter },
      // Looks of several notices at nearly the same time are one.
      key: `${calendarId} ${Math.floor(startAfter.getTime() / 5_000)}`,
    })),
  ])
}

/** Wakes the sync of calendars that a provider says have changed, with the transaction that stores so. They go before those that are only due. */
export async function wakeChangedCalendars(
  deps: { queue: Queue },
  trx: Transaction,
  calendarIds: readonly string[],
): Promise<void> {
  await markChanged(trx, calendarIds)
  const requests = calendarIds.map((calendarId) => syncRequest(calendarId, PUSHED))
  await sendJobs(deps.queue, trx, requests)
}

const PUSHED = 10
const POLL_BATCH = 5_000

function syncRequest(calendarId: string, priority = 0): JobRequest {
  return { job: syncCalendarJob, payload: { calendarId }, key: calendarId, priority }
}

function newRequest(calendarId: string): JobRequest {
  return { job: readNewCalendarJob, payload: { calendarId }, key: calendarId }
}

/** Sends a sync for each calendar whose time has come; one that is waiting already is not sent twice. */
export async function sendDueSyncs(deps: { db: Database; clock: Clock; queue: Queue }): Promise<void> {
  const due = await listDueCalendars(deps.db, deps.clock.now(), POLL_BATCH)
  await sendJobsNow(
    deps.queue,
    due.map(({ id, isNew }) => (isNew ? newRequest(id) : syncRequest(id))),
  )
}
