import { setTimeout } from 'node:timers/promises'
import { z } from 'zod'
import type { Clock } from './base/clock.ts'
import { DAY_MS } from './base/time.ts'
import {
  type SeeToDeps,
  seeToAttendeeBot,
  seeToAttendeeBotJob,
  seeToBotRequest,
  superviseBots,
  superviseBotsJob,
  sweepAttendeeBotsJob,
} from './features/attendance/index.ts'
import { attendMeetingJob, listUnsettled } from './features/bots/index.ts'
import {
  deleteOldConsents,
  forgetGone,
  lookAgainJob,
  noteUnannounced,
  type PeopleResult,
  pollCalendarsJob,
  type RenewResult,
  readLongCalendarJob,
  readNewCalendarJob,
  renewChannelsJob,
  type SyncInput,
  type SyncResult,
  syncCalendarJob,
  syncPeopleJob,
} from './features/calendars/index.ts'
import { noteBroughtAtLast, sweepMeetingsJob } from './features/meetings/index.ts'
import { addressesOf, recognise } from './features/people/index.ts'
import { finishRecording, finishRecordingJob } from './features/recordings/index.ts'
import {
  recoverSpeech,
  recoverSpeechJob,
  type SileroModel,
  type SpeechProvider,
  storeGathered,
  sweepSpeech,
  sweepSpeechJob,
  transcribeUtterance,
  transcribeUtteranceJob,
} from './features/transcripts/index.ts'
import { changedRequest, longRequest, newRequest, type Pipeline, sendDueSyncs, settleMeeting } from './pipeline.ts'
import type { BlobStore } from './platform/blobs/index.ts'
import type { Database } from './platform/db/index.ts'
import type { HttpClient } from './platform/http/index.ts'
import { defineJob, type HandledJob, handleJob, type JobDefinition, sendJobsNow } from './platform/jobs/index.ts'
import type { Logger } from './platform/observe/index.ts'
import { removeExpiredSessions } from './platform/sessions/index.ts'

export interface HandlerDeps extends Pipeline {
  db: Database
  clock: Clock
  log: Logger
  blobs: BlobStore
  speech: SpeechProvider
  http: HttpClient
  /** The Attendee server; undefined where none is configured. */
  attendee: Pick<SeeToDeps, 'url' | 'apiKey' | 'botName' | 'storageHosts' | 'pauses'> | undefined
  /** Tells voices from noise; undefined where the model is missing. */
  openVoices(): Promise<SileroModel | undefined>
  /** Told the outcome of each sync. */
  synced(result: SyncResult, calendarId: string): void
  /** Told what a round of channels did. */
  channelsRenewed(result: RenewResult): void
  /** Told whose calendars were connected and released. */
  peopleSynced(result: PeopleResult): void
}

/** A state of an event does not come later than this after it went. */
const REMEMBER_GONE_MS = 7 * DAY_MS

/** Forgets sessions, sign-in links and access tokens that ran out, and files that were never finished. */
const cleanUpJob = defineJob({ name: 'clean-up', payload: z.object({}), policy: 'stately', cron: '41 * * * *' })

/** A kind of job, and what it does; nothing where it is held by somebody who takes it. */
interface PipelineJob {
  job: JobDefinition
  handledBy?(deps: HandlerDeps): HandledJob
}

function on<Payload extends object>(
  job: JobDefinition<Payload>,
  handle: (deps: HandlerDeps, payload: Payload, context: { signal: AbortSignal }) => Promise<unknown>,
): PipelineJob {
  return {
    job: job as JobDefinition,
    handledBy: (deps) => handleJob(job, async (payload, context) => void (await handle(deps, payload, context))),
  }
}

/**
 * Every kind of job, with what it does. Which event leads to what:
 *
 *   a provider says that something changed ─► sync-calendar; renew-channels keeps up the channels over which it says so
 *
 *   a calendar is due ─► sync-calendar ─► events written ─► meetings planned ─► bots scheduled ─► attend-meeting
 *                                          (one transaction: events, plan, bots and their jobs)
 *
 *   attend-meeting ─► a bot sits in the room ─► speech is stored ─► transcribe-utterance ─► the transcript grows
 *                                           └─► the bot leaves ─► finish-recording ─► one file to listen to
 *
 *   attend-meeting ─► a server's bot is out of the room ─► see-to-attendee-bot ─► its words and its file are stored, when they are there
 *   every minute ─► sweep-attendee-bots ─► what is still to come of those, or still to leave ─► see-to-attendee-bot
 *
 *   every minute ─► sweep-speech ─► what a crash left behind ─► recover-speech ─► utterances ─► transcribe-utterance
 */
const jobs: readonly PipelineJob[] = [
  on(syncCalendarJob, (deps, { calendarId }, { signal }) =>
    syncAndFollow(deps, { calendarId, which: 'known', signal }),
  ),
  on(readNewCalendarJob, (deps, { calendarId }, { signal }) =>
    syncAndFollow(deps, { calendarId, which: 'new', signal }),
  ),
  on(readLongCalendarJob, (deps, { calendarId }, { signal }) =>
    syncAndFollow(deps, { calendarId, which: 'long', signal }),
  ),
  on(lookAgainJob, ({ queue }, { calendarId }) => sendJobsNow(queue, [changedRequest(calendarId)])),
  on(pollCalendarsJob, (deps) => sendDueSyncs(deps)),
  on(renewChannelsJob, renewChannels),
  on(syncPeopleJob, syncPeople),
  on(sweepMeetingsJob, ({ meetings }) => meetings.sweep({ origin: 'sweep' })),
  // Taken and held by whoever attends.
  { job: attendMeetingJob },
  on(superviseBotsJob, supervise),
  on(seeToAttendeeBotJob, seeToBot),
  on(sweepAttendeeBotsJob, sweepAttendeeBots),
  on(finishRecordingJob, (deps, { meetingId }, { signal }) => finishRecording(deps, { meetingId, signal })),
  on(transcribeUtteranceJob, (deps, { utteranceId }, { signal }) => transcribeUtterance(deps, { utteranceId, signal })),
  on(recoverSpeechJob, (deps, { meetingId }, { signal }) => recoverSpeech(deps, { meetingId, signal })),
  on(sweepSpeechJob, (deps) => sweepSpeech(deps)),
  on(cleanUpJob, cleanUp),
]

export const allJobs: readonly JobDefinition[] = jobs.map(({ job }) => job)

/** What each kind of job does here. */
export function createHandlers(deps: HandlerDeps): HandledJob[] {
  return jobs.flatMap(({ handledBy }) => handledBy?.(deps) ?? [])
}

async function renewChannels(deps: HandlerDeps, _: object, { signal }: { signal: AbortSignal }): Promise<void> {
  deps.channelsRenewed(await deps.calendars.renewChannels({ signal }))
}

async function syncPeople(deps: HandlerDeps, _: object, { signal }: { signal: AbortSignal }): Promise<void> {
  const result = await deps.calendars.syncPeopleIfDue({ signal })
  if (!result) return
  deps.peopleSynced(result)
  // Who was connected is read at once.
  if (result.changes.length > 0) await sendDueSyncs(deps)
}

async function supervise(deps: HandlerDeps): Promise<void> {
  const healed = await superviseBots(deps.supervise)
  if (healed > 0) deps.log.warn('Bots that nobody saw to were found', { healed })
}

async function seeToBot(
  deps: HandlerDeps,
  { botId }: { botId: string },
  { signal }: { signal: AbortSignal },
): Promise<void> {
  if (deps.attendee) await seeToAttendeeBot({ ...deps, ...seeToDeps(deps, signal), ...deps.attendee }, botId, signal)
}

async function sweepAttendeeBots(deps: HandlerDeps): Promise<void> {
  if (!deps.attendee) return
  const due = await listUnsettled(deps.db, deps.clock.now(), UNSETTLED_BATCH)
  await sendJobsNow(deps.queue, due.map(seeToBotRequest))
}

async function cleanUp({ db, clock, blobs, sync }: HandlerDeps): Promise<void> {
  await removeExpiredSessions(db, clock)
  for (const { forgetSpent } of Object.values(sync.providers)) await forgetSpent?.()
  await deleteOldConsents(db, new Date(clock.now().getTime() - DAY_MS))
  await forgetGone(db, new Date(clock.now().getTime() - REMEMBER_GONE_MS))
  await blobs.removeLeftDrafts()
}

const UNSETTLED_BATCH = 1_000

/** What is done with what a server's bot brings, once it is there. */
function seeToDeps(deps: HandlerDeps, signal: AbortSignal): Pick<SeeToDeps, 'store' | 'settled' | 'wait'> {
  const directory = { recognise, addressesOf }
  return {
    wait: (ms) => setTimeout(ms, undefined, { signal }).catch(() => {}),
    settled: (trx, meetingId) => settleMeeting(deps, trx, { id: meetingId }),
    async store(bot, gathered, also) {
      const stored = await storeGathered({ ...deps, directory }, bot, gathered, also)
      const people = gathered.people.filter(({ hasBotName }) => hasBotName !== true)
      await noteBroughtAtLast({ ...deps, directory }, { ...bot, people })
      return stored
    },
  }
}

/** Syncs a calendar, and sends what has to follow. */
async function syncAndFollow(deps: HandlerDeps, input: SyncInput): Promise<void> {
  const { calendarId } = input
  const result = await deps.calendars.sync(input)
  deps.synced(result, calendarId)
  if (result.isUnannounced) await noteUnannounced(deps.db, calendarId, deps.clock.now())
  const now = deps.clock.now().getTime()
  const later = (result.lookAgainAfterMs ?? []).map((ms) => new Date(now + ms))
  await sendJobsNow(deps.queue, [
    ...(result.outcome === 'is_new' ? [newRequest(calendarId)] : []),
    ...(result.outcome === 'is_long' ? [longRequest(calendarId)] : []),
    ...(result.isMarkedAgain ? [changedRequest(calendarId)] : []),
    ...later.map((startAfter) => ({
      ...{ job: lookAgainJob, payload: { calendarId }, startAfter },
      // Looks of several notices at nearly the same time are one.
      key: `${calendarId} ${Math.floor(startAfter.getTime() / 5_000)}`,
    })),
  ])
}
