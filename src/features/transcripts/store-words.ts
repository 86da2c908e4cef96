import { createHash } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import { newId } from '../../base/ids.ts'
import type { Database, Transaction } from '../../platform/db/index.ts'
import { type Bot, isFinal, readBotState, readPassedOn, rememberSpeaker } from '../bots/index.ts'
import { startPart } from '../recordings/index.ts'
import type { GatheredUtterance, ToldWords } from './gathered.ts'
import { beginTranscript } from './transcript-store.ts'
import { putWrittenUtterances, type WrittenUtterance } from './utterance-store.ts'

interface WordsDeps {
  db: Database
  clock: Clock
  /** Runs under the bot's fence. */
  fenced<T>(write: (trx: Transaction) => Promise<T>): Promise<T>
}

/**
 * Stores what was said so far at a bot elsewhere, and has readers told. The transcript begins with the recording, the part with the first words:
 * they are the evidence of sound. Answers since when the part is, once there is one. May run twice.
 */
export async function storeWords(
  { db, clock, fenced }: WordsDeps,
  bot: Pick<Bot, 'id' | 'meetingId'>,
  words: ToldWords,
): Promise<{ startedMs: number; zeroAt: Date } | undefined> {
  // Whether somebody else's bot will come in is not known yet: what may be another meeting's waits for the end.
  const untilAt = (await readPassedOn(db, bot.id, { orMayBe: true }))?.at
  const said = words.utterances.filter(({ spokenAt }) => untilAt === undefined || spokenAt < untilAt)
  const { id: botId, meetingId } = bot
  return fenced(async (trx) => {
    const row = await readBotState(trx, botId)
    // Ended by whoever looks after bots that nobody hears of: what follows it has begun.
    if (!row || isFinal(row.state)) return undefined
    const now = clock.now()
    if (said.length === 0) {
      await beginTranscript(trx, meetingId, now)
      return undefined
    }
    const part = await beginWrittenPart(trx, bot, { recordedFrom: words.recordedFrom, now })
    const speakers = new Map<string, string>()
    for (const { nativeId, name } of words.people) {
      const first = said.find((one) => one.nativeId === nativeId)
      if (!first) continue
      const heard = { id: newId(), meetingId, botId, nativeId, name, at: first.spokenAt }
      speakers.set(nativeId, await rememberSpeaker(trx, heard))
    }
    await putWrittenUtterances(trx, meetingId, placeUtterances(botId, said, { part, speakers }), now)
    return part
  })
}

/** Begins the part of a bot that tells text, and the transcript. */
export async function beginWrittenPart(
  trx: Transaction,
  { id: botId, meetingId }: Pick<Bot, 'id' | 'meetingId'>,
  { recordedFrom, now }: { recordedFrom: Date; now: Date },
): Promise<{ startedMs: number; zeroAt: Date }> {
  const part = await startPart(trx, { meetingId, botId, startedAt: recordedFrom, now })
  await beginTranscript(trx, meetingId, now)
  return part
}

/**
 * Speech on the time line of its recording, under ids made of what it is: told during the meeting and at its end it is the same, however its
 * text and length changed meanwhile.
 */
export function placeUtterances(
  botId: string,
  utterances: readonly GatheredUtterance[],
  { part, speakers }: { part: { startedMs: number; zeroAt: Date }; speakers: ReadonlyMap<string, string> },
): WrittenUtterance[] {
  const seen = new Map<string, number>()
  return utterances.flatMap(({ nativeId, spokenAt, durationMs, text }) => {
    const participantId = speakers.get(nativeId)
    if (participantId === undefined) return []
    const what = JSON.stringify([botId, nativeId, spokenAt])
    const nth = (seen.get(what) ?? 0) + 1
    seen.set(what, nth)
    const startedMs = part.startedMs + Math.max(0, Math.round(spokenAt.getTime() - part.zeroAt.getTime()))
    return [{ id: nameUtterance(what, nth), participantId, startedMs, durationMs: Math.round(durationMs), text }]
  })
}

/** A UUID of version 8; `nth`: of those that one person began at one instant. */
function nameUtterance(what: string, nth: number): string {
  const digest = createHash('sha256').update(`${what} ${nth}`).digest('hex')
  return [
    digest.slice(0, 8),
    digest.slice(8, 12),
    `8${digest.slice(13, 16)}`,
    `8${digest.slice(17, 20)}`,
    digest.slice(20, 32),
  ].join('-')
}
