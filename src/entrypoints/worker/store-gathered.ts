import type { Clock } from '../../base/clock.ts'
import { isAppError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { type Bot, type Gathered, readHandedOnAt, upsertParticipant } from '../../features/bots/index.ts'
import { endPart, markSpeechMissing, nameMedia, type StoredMedia, storeMedia } from '../../features/recordings/index.ts'
import {
  announceTranscript,
  putWrittenUtterances,
  withdrawWrittenUtterances,
} from '../../features/transcripts/index.ts'
import type { BlobStore } from '../../platform/blobs/index.ts'
import type { Database, Transaction } from '../../platform/db/index.ts'
import type { Logger } from '../../platform/observe/index.ts'
import { cutGathered } from './cut-gathered.ts'
import type { Directory } from './read-room.ts'
import { beginWrittenPart, placeUtterances } from './store-words.ts'

export interface GatheredDeps {
  blobs: BlobStore
  clock: Clock
  log: Pick<Logger, 'warn'>
  db: Database
  /** Who people are; unset: nobody is recognised. */
  directory?: Pick<Directory, 'recognise'>
  /** Runs under the bot's fence. */
  fenced<T>(write: (trx: Transaction) => Promise<T>): Promise<T>
}

/**
 * Stores what a bot elsewhere recorded and transcribed: the file first, then all rows in one transaction. What was told of its words while it sat
 * there stays as far as it still holds. May run twice, and a file that cannot be had costs no text.
 */
export async function storeGathered(deps: GatheredDeps, bot: Bot, brought: Gathered): Promise<void> {
  const gathered = cutGathered(brought, await readHandedOnAt(deps.db, bot.id))
  const media = await fetchMedia(deps, bot, gathered)
  const persons = await recogniseAll(deps, gathered)
  await deps.fenced((trx) => writeGathered(deps, trx, { bot, gathered, media, persons }))
}

/** Who somebody is, by what the platform calls them. */
async function recogniseAll({ db, directory }: GatheredDeps, { people }: Gathered): Promise<Map<string, string>> {
  const found = (await directory?.recognise(db, people)) ?? []
  return new Map(people.flatMap(({ nativeId }, index) => (found[index] ? [[nativeId, found[index].person]] : [])))
}

async function fetchMedia(deps: GatheredDeps, bot: Bot, { media }: Gathered): Promise<StoredMedia | undefined> {
  if (media === null) return undefined
  try {
    return await storeMedia(deps, { meetingId: bot.meetingId, botId: bot.id, content: media() })
  } catch (error) {
    if (!isAppError(error)) throw error
    deps.log.warn('A recording could not be stored', { botId: bot.id, error })
    return undefined
  }
}

async function writeGathered(
  deps: GatheredDeps,
  trx: Transaction,
  input: { bot: Bot; gathered: Gathered; media: StoredMedia | undefined; persons: ReadonlyMap<string, string> },
): Promise<void> {
  const { bot, gathered, media, persons } = input
  const { id: botId, meetingId } = bot
  const now = deps.clock.now()
  const people = await writePeople(trx, bot, { gathered, persons, now })
  if (gathered.recordedFrom === null || !(gathered.hasSound || media)) {
    // Of a part that began with words told before.
    if (gathered.isSpeechMissing) await markSpeechMissing(trx, botId)
    return
  }
  const { recordedFrom, recordedUntil } = gathered
  const part = await beginWrittenPart(trx, bot, { recordedFrom, now })
  const onLine = (at: Date) => part.startedMs + Math.max(0, at.getTime() - part.zeroAt.getTime())
  const endedMs = onLine(recordedUntil)
  await endPart(trx, { botId, endedMs })
  if (gathered.isSpeechMissing) await markSpeechMissing(trx, botId)
  if (media) await nameMedia(deps, trx, { meetingId, media, startedMs: onLine(recordedFrom), endedMs, now })
  const utterances = placeUtterances(botId, gathered.utterances, { part, speakers: people })
  await putWrittenUtterances(trx, meetingId, utterances, now)
  // Where its words could not be had, what was told of them before is all there is.
  if (utterances.length > 0 || !gathered.isSpeechMissing)
    await withdrawWrittenUtterances(trx, meetingId, { botId, except: utterances.map(({ id }) => id) }, now)
}

/** Everybody who was there, by what the platform calls them. */
async function writePeople(
  trx: Transaction,
  bot: Bot,
  { gathered, persons, now }: { gathered: Gathered; persons: ReadonlyMap<string, string>; now: Date },
): Promise<Map<string, string>> {
  const { id: botId, meetingId } = bot
  const ids = new Map<string, string>()
  for (const { nativeId, name, email, joinedAt, leftAt } of gathered.people) {
    const seen = {
      id: newId(),
      meetingId,
      botId,
      nativeId,
      name,
      email,
      person: persons.get(nativeId),
      at: joinedAt ?? gathered.recordedFrom ?? now,
    }
    ids.set(nativeId, await upsertParticipant(trx, { ...seen, hasLeft: false }))
    if (leftAt) await upsertParticipant(trx, { ...seen, at: leftAt, hasLeft: true })
  }
  if (ids.size > 0) await announceTranscript(trx, meetingId)
  return ids
}
