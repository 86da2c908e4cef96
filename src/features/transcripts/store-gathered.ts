import type { Clock } from '../../base/clock.ts'
import { newId } from '../../base/ids.ts'
import type { BlobStore } from '../../platform/blobs/index.ts'
import { type Database, inTransaction, lockNames, type Transaction } from '../../platform/db/index.ts'
import type { Logger } from '../../platform/observe/index.ts'
import { type Bot, closeParticipants, readPassedOn, upsertParticipant } from '../bots/index.ts'
import type { WhoIsWho } from '../meetings/index.ts'
import { endPart, markSpeechMissing, nameMedia, type StoredMedia } from '../recordings/index.ts'
import { cutGathered } from './cut-gathered.ts'
import { fetchMedia } from './fetch-media.ts'
import type { Gathered } from './gathered.ts'
import { beginWrittenPart, placeUtterances } from './store-words.ts'
import { announceTranscript } from './transcript-store.ts'
import { putWrittenUtterances, withdrawWrittenUtterances } from './utterance-store.ts'

interface GatheredDeps {
  blobs: BlobStore
  clock: Clock
  log: Pick<Logger, 'warn'>
  db: Database
  /** Who people are; unset: nobody is recognised. */
  directory?: Pick<WhoIsWho, 'recognise'>
}

type GatheredBy = Pick<Bot, 'id' | 'meetingId'>

/**
 * Stores what a bot elsewhere recorded and transcribed: the file first, then all rows in one transaction, in which `also` is done last. May run
 * twice, and a file that cannot be had costs no text: its error's code is answered. What was told of its words while it sat there stays as far as
 * it still holds.
 */
export async function storeGathered(
  deps: GatheredDeps,
  bot: GatheredBy,
  brought: Gathered,
  also: (trx: Transaction) => Promise<void> = async () => {},
): Promise<{ mediaFailure: string | undefined }> {
  const passedOn = await readPassedOn(deps.db, bot.id, { until: brought.recordedUntil })
  const { media, failure: mediaFailure } = await fetchMedia(deps, bot, brought, passedOn)
  const gathered = cutGathered(brought, passedOn?.at)
  const persons = await recogniseAll(deps, gathered)
  await inTransaction(deps.db, async (trx) => {
    // Whoever else stores the same takes turns with us.
    await lockNames(trx, [`gathered ${bot.id}`])
    await writeGathered(deps, trx, { bot, gathered, media, persons })
    await also(trx)
  })
  return { mediaFailure }
}

/** Who somebody is, by what the platform calls them. */
async function recogniseAll({ db, directory }: GatheredDeps, { people }: Gathered): Promise<Map<string, string>> {
  const found = (await directory?.recognise(db, people)) ?? []
  return new Map(people.flatMap(({ nativeId }, index) => (found[index] ? [[nativeId, found[index].person]] : [])))
}

async function writeGathered(
  deps: GatheredDeps,
  trx: Transaction,
  input: { bot: GatheredBy; gathered: Gathered; media: StoredMedia | undefined; persons: ReadonlyMap<string, string> },
): Promise<void> {
  const { bot, gathered, media, persons } = input
  const { id: botId, meetingId } = bot
  const now = deps.clock.now()
  const people = await writePeople(trx, bot, { gathered, persons, now })
  await closeParticipants(trx, botId, gathered.recordedUntil)
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
  bot: GatheredBy,
  { gathered, persons, now }: { gathered: Gathered; persons: ReadonlyMap<string, string>; now: Date },
): Promise<Map<string, string>> {
  const { id: botId, meetingId } = bot
  const ids = new Map<string, string>()
  const heard = new Set(gathered.utterances.map(({ nativeId }) => nativeId))
  for (const { nativeId, name, email, hasBotName = false, joinedAt, leftAt } of gathered.people) {
    const seen = {
      id: newId(),
      meetingId,
      botId,
      nativeId,
      name,
      email,
      person: persons.get(nativeId),
      isOwnBot: hasBotName && !heard.has(nativeId),
      at: joinedAt ?? gathered.recordedFrom ?? now,
    }
    ids.set(nativeId, await upsertParticipant(trx, { ...seen, hasLeft: false }))
    if (leftAt) await upsertParticipant(trx, { ...seen, at: leftAt, hasLeft: true })
  }
  if (ids.size > 0) await announceTranscript(trx, meetingId)
  return ids
}
