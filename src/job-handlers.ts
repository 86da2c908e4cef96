import { setTimeout } from 'node:timers/promises'
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
import { listUnsettled } from './features/bots/index.ts'
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
  renewChannels,
  renewChannelsJob,
  type SyncInput,
  type SyncResult,
  syncCalendar,
  syncCalendarJob,
  syncPeopleIfDue,
  syncPeopleJob,
} from './features/calendars/index.ts'
import { noteBroughtAtLast, sweepMeetings, sweepMeetingsJob } from './features/meetings/index.ts'
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
import {
  changedRequest,
  cleanUpJob,
  longRequest,
  newRequest,
  type Pipeline,
  sendDueSyncs,
  settleMeeting,
} from './pipeline.ts'
import type { BlobStore } from './platform/blobs/index.ts'
import type { Database } from './platform/db/index.ts'
import type { HttpClient } from './platform/http/index.ts'
import { type HandledJob, handleJob, sendJobsNow } from './platform/jobs/index.ts'
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

/** What each kind of job does. */
export function createHandlers(deps: HandlerDeps): HandledJob[] {
  return [
    handleJob(syncCalendarJob, ({ calendarId }, { signal }) =>
      syncAndFollow(deps, { calendarId, which: 'known', signal }),
    ),
    handleJob(readNewCalendarJob, ({ calendarId }, { signal }) =>
      syncAndFollow(deps, { calendarId, which: 'new', signal }),
    ),
    handleJob(readLongCalendarJob, ({ calendarId }, { signal }) =>
      syncAndFollow(deps, { calendarId, which: 'long', signal }),
    ),
    handleJob(lookAgainJob, ({ calendarId }) => sendJobsNow(deps.queue, [changedRequest(calendarId)])),
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
    handleJob(seeToAttendeeBotJob, async ({ botId }, { signal }) => {
      if (deps.attendee)
        await seeToAttendeeBot({ ...deps, ...seeToDeps(deps, signal), ...deps.attendee }, botId, signal)
    }),
    handleJob(sweepAttendeeBotsJob, async () => {
      if (!deps.attendee) return
      const due = await listUnsettled(deps.db, deps.clock.now(), UNSETTLED_BATCH)
      await sendJobsNow(deps.queue, due.map(seeToBotRequest))
    }),
    handleJob(cleanUpJob, async () => {
      await removeExpiredSessions(deps.db, deps.clock)
      for (const { forgetSpent } of Object.values(deps.sync.providers)) await forgetSpent?.()
      await deleteOldConsents(deps.db, new Date(deps.clock.now().getTime() - DAY_MS))
      await forgetGone(deps.db, new Date(deps.clock.now().getTime() - REMEMBER_GONE_MS))
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
  const result = await syncCalendar(deps.sync, input)
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
