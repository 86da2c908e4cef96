import { sql } from 'kysely'
import type { Database, Transaction } from '../../../platform/db/index.ts'
import type { ProviderName } from '../providers/registry.ts'
import type { Channel } from './channel.ts'
import type { KnownChannel, PushNotice } from './judge-notice.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** The channels of some ids, whatever their state, by id in lower case. Ids that cannot be ours are nobody's. */
export async function readKnownChannels(db: Database, ids: readonly string[]): Promise<Map<string, KnownChannel>> {
  const ours = [...new Set(ids.filter((id) => UUID.test(id)))]
  if (ours.length === 0) return new Map()
  const { rows } = await sql<KnownChannel>`
    select p.id, p.calendar_id, p.state, p.secret_hash, p.resource_id,
      c.removed_at is null and c.state = 'connected' as is_calendar_connected,
      p.last_delivery_at is not null as has_delivered, push.silent_since is not null as is_silent
    from push_channel p join calendar c on c.id = p.calendar_id
    left join calendar_push push on push.calendar_id = p.calendar_id
    where p.id = any(${ours}::uuid[])`.execute(db)
  return new Map(rows.map((row) => [row.id, row]))
}

/** Notes that something came over these channels, and what the provider calls the watched thing where it had not said so yet. */
export async function stampDeliveries(trx: Transaction, notices: readonly PushNotice[], now: Date): Promise<void> {
  // In the order of their ids, so that two processes never wait for each other.
  const byId = Map.groupBy(notices, ({ channelId }) => channelId.toLowerCase())
  const ids = [...byId.keys()].sort()
  const resourceIds = ids.map((id) => byId.get(id)?.at(-1)?.resourceId ?? null)
  const areNotices = ids.map((id) => byId.get(id)?.some(({ kind }) => kind === 'changed') ?? false)
  await sql`
    with mine as (select id from push_channel where id = any(${ids}::uuid[]) order by id for no key update)
    update push_channel p set last_delivery_at = ${now}, resource_id = coalesce(p.resource_id, said.resource_id),
      last_notice_at = case when said.is_notice then ${now} else p.last_notice_at end
    from unnest(${ids}::uuid[], ${resourceIds}::text[], ${areNotices}::boolean[]) as said (id, resource_id, is_notice), mine
    where p.id = said.id and p.id = mine.id`.execute(trx)
}

type NewChannel = Pick<Channel, 'id' | 'calendarId' | 'address' | 'expiresAt' | 'renewAt'> & { secretHash: string }

export async function insertChannel(db: Database, channel: NewChannel, now: Date): Promise<void> {
  await db
    .insertInto('pushChannel')
    .values({ ...channel, state: 'opening', resourceId: null, lastDeliveryAt: null, createdAt: now, changedAt: now })
    .execute()
}

/** The provider said yes. One that was given up meanwhile, because that took too long, is open all the same. */
export async function confirmChannel(
  trx: Transaction,
  id: string,
  opened: { resourceId: string; expiresAt: Date; renewAt: Date },
  now: Date,
): Promise<void> {
  await trx
    .updateTable('pushChannel')
    .set({ ...opened, state: 'open', changedAt: now })
    .where('id', '=', id)
    .execute()
}

/** Lets all other channels of a calendar end. Tells whether one of them was still good, so that nothing went unsaid. */
export async function handOver(
  trx: Transaction,
  calendarId: string,
  to: string,
  now: Date,
): Promise<{ hadOne: boolean }> {
  const ended = await trx
    .updateTable('pushChannel')
    .set({ state: 'closing', changedAt: now })
    .where('calendarId', '=', calendarId)
    .where('id', '<>', to)
    .where('state', '=', 'open')
    .returning('expiresAt')
    .execute()
  return { hadOne: ended.some(({ expiresAt }) => expiresAt > now) }
}

export async function closeChannel(db: Database, id: string, now: Date): Promise<void> {
  await db.updateTable('pushChannel').set({ state: 'closed', changedAt: now }).where('id', '=', id).execute()
}

/** Lets a channel that could not be stopped be, until it is tried again. */
export async function postponeStop(db: Database, id: string, stopAt: Date): Promise<void> {
  await db.updateTable('pushChannel').set({ stopAt }).where('id', '=', id).execute()
}

/** Notes that notices come for these calendars after all. */
export async function endSilence(trx: Transaction, calendarIds: readonly string[]): Promise<void> {
  await sql`
    with mine as (select calendar_id from calendar_push where calendar_id = any(${calendarIds}::uuid[])
      order by calendar_id for no key update)
    update calendar_push push set silent_since = null from mine where push.calendar_id = mine.calendar_id`.execute(trx)
}

/**
 * Tells the sync until when notices are to be expected: as long as channels last over which something came; not at all where a notice
 * was lost and none has come since.
 */
export async function refreshWatched(trx: Transaction, calendarIds: readonly string[]): Promise<void> {
  await sql`
    with mine as (select id from calendar where id = any(${calendarIds}::uuid[]) order by id for no key update)
    update calendar c set watched_until = (
      select max(p.expires_at) from push_channel p
      where p.calendar_id = c.id and p.state = 'open' and p.last_delivery_at is not null
        and not exists (select from calendar_push push where push.calendar_id = c.id and push.silent_since is not null))
    from mine where c.id = mine.id`.execute(trx)
}

export async function recordPushSuccess(trx: Transaction, calendarId: string): Promise<void> {
  const none = { isRefused: false, failureCount: 0, failureCode: null, failureMessage: null, stoppedAt: null }
  await trx
    .insertInto('calendarPush')
    .values({ calendarId, ...none })
    .onConflict((conflict) => conflict.column('calendarId').doUpdateSet(none))
    .execute()
}

/** Notes that no channel could be opened; `nextTryAt` gets how many failures came before this one. */
export async function recordPushFailure(
  db: Database,
  calendarId: string,
  failure: { code: string; message: string; isRefused: boolean },
  nextTryAt: (failures: number) => Date,
): Promise<void> {
  const known = await db
    .selectFrom('calendarPush')
    .select('failureCount')
    .where('calendarId', '=', calendarId)
    .executeTakeFirst()
  const failureCount = known?.failureCount ?? 0
  const { code, message, isRefused } = failure
  const said = {
    isRefused,
    failureCount: failureCount + 1,
    failureCode: code,
    failureMessage: message,
    nextTryAt: nextTryAt(failureCount),
  }
  await db
    .insertInto('calendarPush')
    .values({ calendarId, ...said })
    .onConflict((conflict) => conflict.column('calendarId').doUpdateSet(said))
    .execute()
}

/** How a calendar is reached, also while it is disconnected. */
export async function readCredential(db: Database, calendarId: string) {
  return db
    .selectFrom('calendar')
    .select(['provider', 'access', 'ownerEmail', 'credential'])
    .where('id', '=', calendarId)
    .executeTakeFirst()
}

/** Connected calendars of a provider without a good channel at this address, those without any first. */
export async function listCalendarsToWatch(
  db: Database,
  { provider, address, now, limit }: { provider: ProviderName; address: string; now: Date; limit: number },
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select c.id from calendar c
    left join calendar_push push on push.calendar_id = c.id
    left join lateral (
      select max(p.renew_at) as renew_at, max(p.expires_at) as expires_at from push_channel p
      where p.calendar_id = c.id and p.state = 'open' and p.address = ${address}) good on true
    where c.provider = ${provider} and c.removed_at is null and c.state = 'connected'
      and (push.next_try_at is null or push.next_try_at <= ${now} or push.failure_count = 0)
      and push.stopped_at is null and (good.renew_at is null or good.renew_at <= ${now})
    order by coalesce(good.expires_at, '-infinity'), c.created_at, c.id limit ${limit}`.execute(db)
  return rows.map((row) => row.id)
}

/**
 * Marks channels that are needed no more: of calendars that are not connected, openings that nobody finished, and all of providers that
 * cannot reach us any more. What has run out is closed at once.
 */
export async function retireChannels(
  db: Database,
  { now, openedBefore, reached }: { now: Date; openedBefore: Date; reached: readonly ProviderName[] },
): Promise<void> {
  await sql`
    update push_channel p set changed_at = ${now},
      state = case when p.expires_at <= ${now} then 'closed' else 'closing' end
    from calendar c
    where c.id = p.calendar_id and p.state <> 'closed' and (
      p.expires_at <= ${now}
      or p.state = 'opening' and p.created_at < ${openedBefore}
      or p.state = 'open' and (c.provider <> all(${reached}::text[]) or c.removed_at is not null or c.state <> 'connected'))`.execute(
    db,
  )
  await sql`
    update calendar c set watched_until = null
    where c.watched_until is not null and not exists (
      select from push_channel p where p.calendar_id = c.id and p.state = 'open')`.execute(db)
}

/** A channel that the provider is to be told to stop. */
export type EndingChannel = Pick<Channel, 'id' | 'calendarId' | 'resourceId'>

/** Channels whose provider is to be told now. */
export async function listEndingChannels(db: Database, now: Date, limit: number): Promise<EndingChannel[]> {
  return db
    .selectFrom('pushChannel')
    .select(['id', 'calendarId', 'resourceId'])
    .where('state', '=', 'closing')
    .where((eb) => eb.or([eb('stopAt', 'is', null), eb('stopAt', '<=', now)]))
    .orderBy('changedAt')
    .orderBy('id')
    .limit(limit)
    .execute()
}

/** Forgets channels that ended before an instant. */
export async function deleteForgotten(db: Database, before: Date): Promise<void> {
  await db.deleteFrom('pushChannel').where('state', '=', 'closed').where('changedAt', '<', before).execute()
}

/** The channels of a calendar over which something may still come. */
export async function listLiveChannels(db: Database, calendarId: string): Promise<EndingChannel[]> {
  return db
    .selectFrom('pushChannel')
    .select(['id', 'calendarId', 'resourceId'])
    .where('calendarId', '=', calendarId)
    .where('state', '<>', 'closed')
    .orderBy('createdAt')
    .execute()
}

/** Notes that somebody wants no channel for a calendar. */
export async function noteStopped(trx: Transaction, calendarId: string, now: Date): Promise<void> {
  await trx
    .insertInto('calendarPush')
    .values({ calendarId, stoppedAt: now })
    .onConflict((conflict) => conflict.column('calendarId').doUpdateSet({ stoppedAt: now }))
    .execute()
  await trx.updateTable('calendar').set({ watchedUntil: null }).where('id', '=', calendarId).execute()
}

/** Notes that a change was found by looking, and not because of a notice. */
export async function noteUnannounced(db: Database, calendarId: string, now: Date): Promise<void> {
  await db
    .insertInto('calendarPush')
    .values({ calendarId, unannouncedAt: now })
    .onConflict((conflict) =>
      conflict.column('calendarId').doUpdateSet((eb) => ({
        unannouncedAt: eb.fn.coalesce('calendarPush.unannouncedAt', eb.val(now)),
      })),
    )
    .execute()
}

/**
 * Judges changes that were found by looking some time ago: where a channel is open and no notice came around then, one was lost. It is
 * counted, and none is to be expected until one comes: meanwhile the calendar is looked at more often, at first at once. The channel,
 * which may be dead, gets a successor; where that is silent too, others only as channels run out. Answers how many were lost.
 */
export async function confirmLosses(db: Database, foundBefore: Date, now: Date): Promise<number> {
  const { rows } = await sql<{ calendarId: string }>`
    with found as (
      select push.calendar_id, push.silent_since is not null as was_silent, exists (
        select from push_channel p where p.calendar_id = push.calendar_id and p.state = 'open'
          and p.created_at < push.unannounced_at and p.expires_at > push.unannounced_at) and not exists (
        select from push_channel p where p.calendar_id = push.calendar_id
          and p.last_notice_at > push.unannounced_at - interval '1 minute') as is_lost
      from calendar_push push where push.unannounced_at <= ${foundBefore} order by push.calendar_id for update
    ), suspected as (
      update push_channel p set renew_at = least(p.renew_at, ${now}::timestamptz) from found
      where p.calendar_id = found.calendar_id and found.is_lost and not found.was_silent and p.state = 'open'
    ), unwatched as (
      update calendar c set watched_until = null, next_sync_at = least(c.next_sync_at, ${now}::timestamptz) from found
      where c.id = found.calendar_id and found.is_lost
    ), counted as (
      update calendar_push push set unannounced_at = null,
        lost_count = lost_count + case when found.is_lost then 1 else 0 end,
        last_lost_at = case when found.is_lost then push.unannounced_at else push.last_lost_at end,
        silent_since = case when found.is_lost then coalesce(push.silent_since, push.unannounced_at) else push.silent_since end
      from found where push.calendar_id = found.calendar_id
      returning push.calendar_id, found.is_lost
    )
    select calendar_id from counted where is_lost`.execute(db)
  return rows.length
}
