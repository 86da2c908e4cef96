import type { Clock } from '../../base/clock.ts'
import { type Database, inTransaction } from '../../platform/db/index.ts'
import { findLivePayloads, type Queue, sendJobs, sendJobsNow } from '../../platform/jobs/index.ts'
import type { Logger } from '../../platform/observe/index.ts'
import { finishRecordingJob } from '../recordings/index.ts'
import { recoverSpeechJob, transcribeUtteranceJob } from './jobs.ts'
import { settleReadersOfEnded } from './meeting-people.ts'
import { listMeetingsWithStoredVoices, listUnsettledTranscripts, listWaitingUtterances } from './stored-voice-store.ts'
import { finishTranscript, readTranscriptFacts } from './transcript-store.ts'

interface SweepSpeechDeps {
  db: Database
  queue: Queue
  clock: Clock
  log: Pick<Logger, 'warn'>
}

/** Of each kind at one look; the rest comes with the next one. */
const LIMIT = 500

/**
 * Finds speech that a crash has left behind and sees that it goes on: voices that nobody cuts any more, utterances that no job is going to
 * transcribe, transcripts that nobody ended. Writes down who may read meetings that are over. Changes nothing where there is nothing.
 */
export async function sweepSpeech(deps: SweepSpeechDeps): Promise<void> {
  const now = deps.clock.now()
  const meetingIds = await listMeetingsWithStoredVoices(deps.db, now, LIMIT)
  await sendJobsNow(
    deps.queue,
    meetingIds.map((meetingId) => ({ job: recoverSpeechJob, payload: { meetingId }, key: meetingId })),
  )
  await sendLostUtterances(deps, now)
  for (const { meetingId, state } of await listUnsettledTranscripts(deps.db, now, LIMIT)) {
    await inTransaction(deps.db, async (trx) => {
      // Nobody said that the meeting is over, so nobody has had its file made either.
      const finish = [{ job: finishRecordingJob, payload: { meetingId }, key: meetingId }]
      if (state === 'live') await sendJobs(deps.queue, trx, finish)
      const facts = await readTranscriptFacts(trx, meetingId)
      await finishTranscript(trx, meetingId, facts, now)
    })
  }
  await settleReadersOfEnded(deps, LIMIT)
}

async function sendLostUtterances({ db, queue, log }: SweepSpeechDeps, now: Date): Promise<void> {
  const waiting = await listWaitingUtterances(db, now, LIMIT)
  const expected = await findLivePayloads(queue, transcribeUtteranceJob.name, 'utteranceId', waiting)
  const lost = waiting.filter((id) => !expected.has(id))
  if (lost.length === 0) return
  log.warn('Speech was waiting for a job that is gone', { utterances: lost.length })
  await sendJobsNow(
    queue,
    lost.map((utteranceId) => ({ job: transcribeUtteranceJob, payload: { utteranceId } })),
  )
}
