import { sql } from 'kysely'
import type { Transaction } from '../../platform/db/index.ts'

/** Whoever was still there when a bot's sitting ended has left as far as it knows. */
export async function closeParticipants(trx: Transaction, botId: string, at: Date): Promise<void> {
  await trx
    .updateTable('participant')
    .set({ leftAt: at })
    .where('botId', '=', botId)
    .where('leftAt', 'is', null)
    .execute()
  await trx
    .updateTable('participantStay')
    .set({ leftAt: at })
    .where('leftAt', 'is', null)
    .where('participantId', 'in', trx.selectFrom('participant').select('id').where('botId', '=', botId))
    .execute()
}

/** Writes down who a bot saw, or a better name, or that they left. Answers the participant's id. */
export async function upsertParticipant(
  trx: Transaction,
  seen: {
    id: string
    meetingId: string
    botId: string
    nativeId: string
    name: string | null
    email?: string | null | undefined
    person?: string | null | undefined
    /** One of ours, as far as is known; left out, it stays as it was. */
    isOwnBot?: boolean
    at: Date
    hasLeft: boolean
  },
): Promise<string> {
  const row = await trx
    .insertInto('participant')
    .values({
      id: seen.id,
      meetingId: seen.meetingId,
      botId: seen.botId,
      nativeId: seen.nativeId,
      name: seen.name,
      email: seen.email ?? null,
      person: seen.person ?? null,
      isOwnBot: seen.isOwnBot ?? false,
      joinedAt: seen.at,
      leftAt: seen.hasLeft ? seen.at : null,
    })
    .onConflict((conflict) =>
      conflict.columns(['botId', 'nativeId']).doUpdateSet((eb) => ({
        name: eb.fn.coalesce('excluded.name', 'participant.name'),
        email: eb.fn.coalesce('excluded.email', 'participant.email'),
        person: eb.fn.coalesce('excluded.person', 'participant.person'),
        ...(seen.isOwnBot === undefined ? {} : { isOwnBot: seen.isOwnBot }),
        leftAt: seen.hasLeft ? seen.at : null,
      })),
    )
    .returning('id')
    .executeTakeFirstOrThrow()
  await noteStay(trx, row.id, seen)
  return row.id
}

/**
 * Writes down who was heard, or their name: somebody, also where they are called as our bots are, who say nothing. Whether and since when they are
 * there stays as it is known. Answers the participant's id.
 */
export async function rememberSpeaker(
  trx: Transaction,
  heard: { id: string; meetingId: string; botId: string; nativeId: string; name: string | null; at: Date },
): Promise<string> {
  const { id, meetingId, botId, nativeId, name, at } = heard
  const known = await trx
    .selectFrom('participant')
    .select(['id', 'name', 'isOwnBot'])
    .where('botId', '=', botId)
    .where('nativeId', '=', nativeId)
    .executeTakeFirst()
  if (!known) return upsertParticipant(trx, { id, meetingId, botId, nativeId, name, at, hasLeft: false })
  if (known.isOwnBot || (name !== null && name !== known.name)) {
    const set = { name: name ?? known.name, isOwnBot: false }
    await trx.updateTable('participant').set(set).where('id', '=', known.id).execute()
  }
  return known.id
}

/** Somebody who comes back was away meanwhile, which the one row of a participant does not say. */
async function noteStay(trx: Transaction, participantId: string, seen: { at: Date; hasLeft: boolean }): Promise<void> {
  if (seen.hasLeft) {
    await trx
      .updateTable('participantStay')
      .set({ leftAt: seen.at })
      .where('participantId', '=', participantId)
      .where('leftAt', 'is', null)
      .execute()
    return
  }
  await sql`
    insert into participant_stay (participant_id, joined_at)
    select ${participantId}::uuid, ${seen.at}::timestamptz
    where not exists (select from participant_stay where participant_id = ${participantId}::uuid and left_at is null)
    on conflict (participant_id, joined_at) do update set left_at = null`.execute(trx)
}
