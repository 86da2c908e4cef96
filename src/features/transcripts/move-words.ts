import type { BlobStore } from '../../platform/blobs/index.ts'
import type { Transaction } from '../../platform/db/index.ts'
import { hasLiveBot, moveBotsToMeeting } from '../bots/index.ts'
import { moveRecording, readRecording } from '../recordings/index.ts'
import { isFinished } from './transcript.ts'
import { moveTranscript, readTranscriptState } from './transcript-store.ts'

/** From when until when a meeting was heard, and whether all of it is written. Undefined where nothing was recorded. */
export async function readHeard(
  trx: Transaction,
  meetingId: string,
): Promise<{ meetingId: string; from: Date; until: Date; isSettled: boolean } | undefined> {
  const recording = await readRecording(trx, meetingId)
  if (!recording) return undefined
  const { startedAt: from, endedAt, state } = recording
  const transcript = await readTranscriptState(trx, meetingId)
  const isMade = state !== 'recording' && state !== 'finishing'
  const isWritten = transcript === undefined || isFinished(transcript)
  const isSettled = isMade && isWritten && endedAt !== null && !(await hasLiveBot(trx, meetingId))
  return { meetingId, from, until: endedAt ?? new Date(8.64e15), isSettled }
}

/**
 * Makes all that was heard of a meeting another one's, which has no recording: bots, people, recording and words. Who reads it is told anew, by the other
 * meeting's list; nobody reads it by the first one's any more. Answers the key of a file to be deleted once the transaction has committed.
 */
export async function moveWords(
  deps: { blobs: BlobStore },
  trx: Transaction,
  { from, to }: { from: string; to: string },
): Promise<string | undefined> {
  await moveBotsToMeeting(trx, from, to)
  const left = await moveRecording(deps, trx, { from, to })
  await moveTranscript(trx, { from, to })
  return left
}
