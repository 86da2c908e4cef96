import path from 'node:path'
import { newId } from '../../base/ids.ts'
import { closeParticipants, lockBot, upsertParticipant, type WorkerFacts } from '../../features/bots/index.ts'
import { appendAudioStep, endPart, startPart } from '../../features/recordings/index.ts'
import { inTransaction, type Transaction } from '../../platform/db/index.ts'
import { readLeftSound, type SoundOfBot } from './kept-sound.ts'
import type { SettleDeps } from './settle-bot.ts'
import { StepBuffer } from './step-buffer.ts'

export type LeftSoundDeps = Pick<SettleDeps, 'db' | 'clock' | 'log' | 'settled'>

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
  const part = await startPart(trx, { meetingId, botId, startedAt, now: clock.now() })
  for (const [nativeId, ofVoice] of Map.groupBy(sounds, ({ audio }) => voiceOf(audio))) {
    const seen = { id: newId(), meetingId, botId, name: null, at: startedAt, hasLeft: false }
    const participantId = nativeId === null ? null : await upsertParticipant(trx, { ...seen, nativeId })
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

/** As a bot's writer names them. */
export function voiceOf({ of, nativeId, voice }: SoundOfBot['audio']): string | null {
  return of === 'mix' ? null : (nativeId ?? `unknown:${voice}`)
}
