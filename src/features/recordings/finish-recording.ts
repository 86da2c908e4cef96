import { createHash } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import { AppError } from '../../base/errors.ts'
import type { BlobStore } from '../../platform/blobs/index.ts'
import { type Database, inTransaction } from '../../platform/db/index.ts'
import type { Logger } from '../../platform/observe/index.ts'
import { planFile } from './assemble-file.ts'
import { planTimeline } from './plan-timeline.ts'
import { blobFolderOf, type Recording } from './recording.ts'
import { beginFinishing, type FinishedFile, lockRecording, readRecording, settleRecording } from './recording-store.ts'
import { countOtherMixSteps, dropSteps } from './step-store.ts'
import { type Survey, surveySound } from './survey-sound.ts'

export interface FinishDeps {
  db: Database
  blobs: BlobStore
  clock: Clock
  log: Logger
}

interface FinishInput {
  meetingId: string
  signal?: AbortSignal
}

/** Each further round is one more that somebody else added or finished something in the middle. */
const ROUNDS = 5

/**
 * Makes one file of everything recorded of a meeting: its steps and, where there is one, the file from before. To be run when none of its
 * bots records any more; parts still open are ended. May run twice, at once and on several machines: the file gets its name from what it is
 * made of, it is durable before the row names it, and the steps go in the transaction that names it. Whatever is interrupted is done
 * again from the start. Answers the recording's state; undefined if nothing was ever begun.
 */
export async function finishRecording(deps: FinishDeps, input: FinishInput): Promise<Recording['state'] | undefined> {
  for (let round = 0; round < ROUNDS; round++) {
    const basis = await begin(deps, input.meetingId)
    if (!basis) return undefined
    if (basis.contentType !== null) return keepForeignFile(deps, input.meetingId)
    const isSettled = await finishOnce(deps, input, basis.fileKey).catch(async (error) => {
      // What was being read may have become a file in another hand.
      if ((await readRecording(deps.db, input.meetingId))?.fileKey === basis.fileKey) throw error
      return false
    })
    if (!isSettled) continue
    await removeOtherFiles(deps, input.meetingId)
    return (await readRecording(deps.db, input.meetingId))?.state
  }
  throw new AppError('recording_busy', 'The recording kept changing while its file was made.', { retry: 'later' })
}

/** A file of somebody else's making stays as it is: we cannot put sound into it, nor take it apart. */
async function keepForeignFile(deps: FinishDeps, meetingId: string): Promise<Recording['state'] | undefined> {
  const now = deps.clock.now()
  await inTransaction(deps.db, (trx) => settleRecording(trx, { meetingId, state: 'complete', now }))
  await removeOtherFiles(deps, meetingId)
  return (await readRecording(deps.db, meetingId))?.state
}

async function begin(
  deps: FinishDeps,
  meetingId: string,
): Promise<Pick<Recording, 'fileKey' | 'contentType'> | undefined> {
  return inTransaction(deps.db, async (trx) => {
    const recording = await lockRecording(trx, meetingId)
    if (recording) await beginFinishing(trx, meetingId, deps.clock.now())
    return recording
  })
}

/** One round; false if more has to be done. */
async function finishOnce(deps: FinishDeps, input: FinishInput, basis: string | null): Promise<boolean> {
  const { meetingId, signal } = input
  const survey = await surveySound(deps, { meetingId, fileKey: basis, signal })
  const hasNewSound = survey.pieces.some((piece) => 'stepId' in piece.origin)
  if (!hasNewSound) return settle(deps, { meetingId, basis, survey })
  const planned = planFile(planTimeline(survey.pieces), survey.preSkip)
  const fileKey = nameFile(meetingId, basis, survey.stepIds)
  const sizeBytes = await deps.blobs.put(fileKey, planned.content(deps, signal))
  return settle(deps, { meetingId, basis, survey, file: { fileKey, durationMs: planned.durationMs, sizeBytes } })
}

/** The same sound has the same name, so that a second run replaces the file by itself. */
function nameFile(meetingId: string, basis: string | null, stepIds: readonly string[]): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([basis, stepIds]))
    .digest('hex')
  return `${blobFolderOf(meetingId)}${digest.slice(0, 32)}.m4a`
}

interface Settlement {
  meetingId: string
  basis: string | null
  survey: Survey
  file?: FinishedFile
}

/** Names the file and drops its steps in one transaction; false if the recording is not any more what the file was made of. */
async function settle(deps: FinishDeps, { meetingId, basis, survey, file }: Settlement): Promise<boolean> {
  return inTransaction(deps.db, async (trx) => {
    const recording = await lockRecording(trx, meetingId)
    if (recording?.fileKey !== basis) return false
    // Another run may have cleared it away before the row named it; that takes the same lock.
    if (file && (await deps.blobs.size(file.fileKey)) !== file.sizeBytes) return false
    const state = file || basis !== null ? 'complete' : survey.stepIds.length > 0 ? 'failed' : 'none'
    await settleRecording(trx, { meetingId, state, now: deps.clock.now(), ...(file ? { file } : {}) })
    if (file) await dropSteps(trx, survey.stepIds)
    return (await countOtherMixSteps(trx, meetingId, survey.stepIds)) === 0
  })
}

/** Files that no row names: from before, or of a run that was interrupted. */
async function removeOtherFiles({ db, blobs }: FinishDeps, meetingId: string): Promise<void> {
  await inTransaction(db, async (trx) => {
    const recording = await lockRecording(trx, meetingId)
    for (const key of await blobs.list(blobFolderOf(meetingId))) {
      if (key !== recording?.fileKey) await blobs.delete(key)
    }
  })
}
