import path from 'node:path'
import type { Clock } from '../../../base/clock.ts'
import { newId } from '../../../base/ids.ts'
import { type Database, inTransaction, type Transaction } from '../../../platform/db/index.ts'
import type { Logger } from '../../../platform/observe/index.ts'
import { closeParticipants, isFinal, rememberSpeaker } from '../../bots/index.ts'
import { appendAudioStep, endPart, readParts } from '../../recordings/index.ts'
import { lockBot, type MeetingToAttend } from '../seat/held-bot-store.ts'
import type { WorkerFacts } from '../workers/worker-store.ts'
import { readLeftSound, type SoundOfBot } from './kept-sound.ts'
import { StepBuffer } from './step-buffer.ts'

export interface LeftSoundDeps {
  db: Database
  clock: Clock
  log: Pick<Logger, 'error'>
  /** Told of a meeting that no bot of ours attends any more. */
  settled(trx: Transaction, meeting: Pick<MeetingToAttend, 'id' | 'startsAt'>): Promise<void>
}

/**
 * Stores what a worker that is gone had kept on the disk for its bots, as steps of their parts; what is speech in it is found as after any crash.
 * May run twice.
 */
export async function storeLeftSound(deps: LeftSoundDeps, worker: Pick<WorkerFacts, 'id' | 'place'>): Promise<void> {
  if (!worker.place) return
  const left = { folder: path.dirname(worker.place.socket), workerId: worker.id }
  await readLeftSound(left, async (sounds) => {
    for (const [botId, ofBot] of Map.groupBy(sounds, (sound) => sound.botId))
      await inTransaction(deps.db, (trx) => storeOfBot(deps, trx, botId, ofBot)).catch((error) => {
        deps.log.error('Sound that a worker left on the disk could not be stored', { botId, error })
      })
  })
}

async function storeOfBot(
  { clock, settled }: LeftSoundDeps,
  trx: Transaction,
  botId: string,
  sounds: readonly SoundOfBot[],
): Promise<void> {
  const [first] = sounds
  const found = await lockBot(trx, botId)
  if (!first || !found) return
  const { meetingId, startedAt } = first
  // One without a part was never known to have the seat: what it listened to may be another meeting's.
  const part = (await readParts(trx, meetingId)).find((one) => one.botId === botId)
  if (!part) return
  for (const [nativeId, ofVoice] of Map.groupBy(sounds, ({ audio }) => voiceOf(audio))) {
    const heard = { id: newId(), meetingId, botId, name: null, at: startedAt }
    const participantId = nativeId === null ? null : await rememberSpeaker(trx, { ...heard, nativeId })
    const buffer = new StepBuffer()
    const steps = [...ofVoice.flatMap(({ audio }) => buffer.push(audio.startedMs, audio.packets)), ...buffer.flush()]
    for (const { startedMs, packets } of steps) {
      const step = { meetingId, botId, participantId, startedMs: part.startedMs + startedMs, packets, preSkip: 0 }
      await appendAudioStep(trx, step)
    }
  }
  await closeParticipants(trx, botId, clock.now())
  await endPart(trx, { botId })
  await settled(trx, found.meeting)
}

/** A step that was heard while its bot was still ours, and could be written only when it had another worker. */
export interface LateStep {
  /** Null for the mix of all. */
  participantId: string | null
  /** On the time line of the meeting. */
  startedMs: number
  packets: Uint8Array[]
}

/**
 * Stores the steps of a bot that was taken from its worker while that stood still or was cut off. Its part is nobody else's: whoever took it ended
 * that attempt. May run twice.
 */
export async function storeLateSteps(deps: LeftSoundDeps, botId: string, steps: readonly LateStep[]): Promise<void> {
  if (steps.length === 0) return
  await inTransaction(deps.db, async (trx) => {
    const found = await lockBot(trx, botId)
    if (!found || !isFinal(found.bot.state)) return
    const { meetingId } = found.bot
    for (const step of steps) await appendAudioStep(trx, { meetingId, botId, preSkip: 0, ...step })
    await endPart(trx, { botId })
    await deps.settled(trx, found.meeting)
  })
}

/** As a bot's writer names them. */
export function voiceOf({ of, nativeId, voice }: SoundOfBot['audio']): string | null {
  return of === 'mix' ? null : (nativeId ?? `unknown:${voice}`)
}
