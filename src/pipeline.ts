import { bind } from './base/bind.ts'
import type { Clock } from './base/clock.ts'
import { SECOND_MS } from './base/time.ts'
import type { HurryDeps, SuperviseDeps } from './features/attendance/index.ts'
import {
  attendMeetingJob,
  defaultLimits,
  hasLiveBot,
  listSeatedMeetings,
  REST_MS,
  type RunnerName,
  type SittingLimits,
  scheduleBots,
  type TimedJob,
  wasEntered,
} from './features/bots/index.ts'
import {
  type EventChange,
  listDueCalendars,
  markChanged,
  openChannel,
  type PeopleDeps,
  type Providers,
  type RenewDeps,
  type RoomLink,
  readLongCalendarJob,
  readNewCalendarJob,
  renewChannels,
  type SyncDeps,
  stopChannels,
  syncCalendar,
  syncCalendarJob,
  syncPeople,
  syncPeopleIfDue,
  syncPeopleNow,
} from './features/calendars/index.ts'
import {
  applyChangedFile,
  applyRules,
  askForBot,
  closeRoom,
  createRulesInForce,
  dryRunRules,
  followPlan,
  type ReconcileDeps,
  type RoomBots,
  type RuleContext,
  readEvent,
  readLinkTexts,
  reconcileChanges,
  refuseBot,
  sayWhoBrought,
  sweepMeetings,
  sweepMeetingsJob,
  switchAttendance,
  wantBot,
} from './features/meetings/index.ts'
import { createKnownPeople } from './features/people/index.ts'
import { finishRecordingJob } from './features/recordings/index.ts'
import { finishTranscript, readTranscriptFacts, recoverSpeechJob } from './features/transcripts/index.ts'
import type { Database, Transaction } from './platform/db/index.ts'
import {
  cancelTimedJobs,
  findLiveJobs,
  type JobRequest,
  moveTimedJob,
  type Queue,
  sendJobs,
  sendJobsNow,
  sendTimedJobs,
  type TimedJobRequest,
} from './platform/jobs/index.ts'

/** What the product's steps work with. app.ts builds it; tests build parts of it. */
export interface Pipeline {
  sync: SyncDeps
  reconcile: ReconcileDeps & RoomBots
  /** What the directory says of people and groups, out of memory. */
  knownPeople: ReturnType<typeof createKnownPeople>
  channels: RenewDeps
  people: PeopleDeps
  /** What is done to meetings, and the rules that decide on them. */
  meetings: ReturnType<typeof bindMeetings>
  calendars: ReturnType<typeof bindCalendars>
  /** What rules depend on besides the meetings. */
  ruleContext: RuleContext
  queue: Queue
  supervise: SuperviseDeps & HurryDeps
  /** Understands a meeting link; where it is none, perhaps says why. */
  readLink(url: string): { room: RoomLink | null; warning: string | null }
}

interface PipelineParts {
  db: Database
  queue: Queue
  clock: Clock
  decrypt(ciphertext: string): string
  /** Where calendars are read from. */
  providers: Providers
  /** Whose calendars are connected where an organisation lets us in; empty: everybody's. */
  pilotUsers: readonly string[]
  timeZone: string
  jitsiHosts: readonly string[]
  /** The organisation's e-mail domains, for rules on who is from outside. */
  orgDomains: readonly string[]
  /** Origin of the sandbox's rooms, where it runs. */
  sandboxOrigin?: string
  alwaysAttends: boolean
  /** The runner that serves a platform; undefined where there is none. */
  runnerOf(platform: string): RunnerName | undefined
  /** How long bots bear what; the defaults where unset. */
  limits?: SittingLimits
}

/** Binds the features to this installation and to each other: what follows from what inside one transaction stands here. */
export function createPipeline(parts: PipelineParts): Pipeline {
  const { db, queue, clock, runnerOf } = parts
  const bots = {
    clock,
    limits: parts.limits ?? defaultLimits,
    runnerOf,
    sendTimed: (trx: Transaction, jobs: readonly TimedJob[]) => sendTimedJobs(queue, trx, jobs.map(toTimedRequest)),
    moveTimed: (trx: Transaction, job: TimedJob) => moveTimedJob(queue, trx, toTimedRequest(job)),
    cancelTimed: (trx: Transaction, ids: readonly string[]) => cancelTimedJobs(queue, trx, attendMeetingJob.name, ids),
  }
  const supervise: SuperviseDeps & HurryDeps = {
    ...bots,
    db,
    findLiveJobs: (ids) => findLiveJobs(queue, attendMeetingJob.name, ids),
    settled: (trx, meeting) => settleMeeting(parts, trx, meeting),
  }
  const ruleContext: RuleContext = { orgDomains: parts.orgDomains }
  const knownPeople = createKnownPeople()
  const reconcile: Pipeline['reconcile'] = {
    clock,
    runnerOf,
    lateJoinMs: bots.limits.lateJoinMs,
    alwaysAttends: parts.alwaysAttends,
    rulesInForce: createRulesInForce(ruleContext),
    knownPeople,
    planned: (trx, meetings, origin) => scheduleBots(bots, trx, meetings, origin),
    listSeatedMeetings,
    wasEntered,
  }
  const linkOptions = {
    jitsiHosts: parts.jitsiHosts,
    ...(parts.sandboxOrigin === undefined ? {} : { sandboxOrigin: parts.sandboxOrigin }),
  }
  const sync: SyncDeps = {
    db,
    clock,
    providers: parts.providers,
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
    addressOf: (provider) => parts.providers[provider].push?.address,
  }
  const people: PeopleDeps = {
    db,
    clock,
    providers: sync.providers,
    reconcile: sync.reconcile,
    peopleChanged: (trx) => sendJobs(queue, trx, [{ job: sweepMeetingsJob, payload: {}, key: 'sweep' }]),
    pilotUsers: parts.pilotUsers,
  }
  const readLink = (url: string) => {
    const { room, linkWarning } = readLinkTexts(
      { conferenceUrls: [url], location: '', description: '', title: '' },
      linkOptions,
    )
    return { room, warning: linkWarning }
  }
  const meetings = bindMeetings({ ...reconcile, db, ruleContext })
  const calendars = bindCalendars({ sync, channels, people, queue })
  return {
    knownPeople,
    sync,
    reconcile,
    meetings,
    calendars,
    channels,
    people,
    ruleContext,
    queue,
    supervise,
    readLink,
  }
}

function bindMeetings(deps: Pipeline['reconcile'] & { db: Database; ruleContext: RuleContext }) {
  return bind(deps, {
    wantBot,
    refuseBot,
    askForBot,
    followPlan,
    switchAttendance,
    sayWhoBrought,
    closeRoom,
    sweep: sweepMeetings,
    applyRules,
    applyChangedFile,
    dryRunRules,
  })
}

function bindCalendars(deps: { sync: SyncDeps; channels: RenewDeps; people: PeopleDeps; queue: Queue }) {
  return {
    ...bind(deps.sync, { sync: syncCalendar }),
    ...bind(deps, { wakeChanged: wakeChangedCalendars }),
    ...bind(deps.channels, { renewChannels, openChannel, stopChannels }),
    ...bind(deps.people, { syncPeople, syncPeopleIfDue, syncPeopleNow }),
  }
}

function toTimedRequest({ id, request }: TimedJob): TimedJobRequest {
  return { ...request, id }
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

/** The syncs of calendars that have changed go before those that are only due. */
const CHANGED_FIRST = 10
const POLL_BATCH = 5_000

/** Wakes the sync of calendars that a provider says have changed, with the transaction that stores so. */
export async function wakeChangedCalendars(
  deps: { queue: Queue },
  trx: Transaction,
  calendarIds: readonly string[],
): Promise<void> {
  await markChanged(trx, calendarIds)
  const requests = calendarIds.map(changedRequest)
  await sendJobs(deps.queue, trx, requests)
}

function syncRequest(calendarId: string): JobRequest {
  return { job: syncCalendarJob, payload: { calendarId }, key: calendarId }
}

/** The sync of a calendar that has changed. */
export function changedRequest(calendarId: string): JobRequest {
  return { ...syncRequest(calendarId), priority: CHANGED_FIRST }
}

/** The first reading of a calendar, which goes apart from the syncs of those that are known. */
export function newRequest(calendarId: string): JobRequest {
  return { job: readNewCalendarJob, payload: { calendarId }, key: calendarId }
}

/** The reading of a calendar in which much has to be written. */
export function longRequest(calendarId: string): JobRequest {
  return { job: readLongCalendarJob, payload: { calendarId }, key: calendarId }
}

/** Sends a sync for each calendar whose time has come; one that is waiting already is not sent twice. */
export async function sendDueSyncs(deps: { db: Database; clock: Clock; queue: Queue }): Promise<void> {
  const due = await listDueCalendars(deps.db, deps.clock.now(), POLL_BATCH)
  await sendJobsNow(
    deps.queue,
    due.map(({ id, isNew }) => (isNew ? newRequest(id) : syncRequest(id))),
  )
}
