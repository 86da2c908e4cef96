import { sql } from 'kysely'
import type { Database } from '../../../platform/db/index.ts'
import { pushingProviders } from '../providers/registry.ts'
import type { Channel } from './channel.ts'

/** How notices of changes stand for one calendar that can have them. */
export interface ChannelOverview {
  provider: string
  calendarId: string
  ownerEmail: string
  isConnected: boolean
  /** The one that is open, with the longest life. */
  channel: Pick<Channel, 'id' | 'address' | 'expiresAt' | 'renewAt' | 'lastDeliveryAt' | 'createdAt'> | null
  /** The newest notice over any of its channels. */
  lastNoticeAt: Date | null
  isRefused: boolean
  failureMessage: string | null
  nextTryAt: Date | null
  /** Since when somebody has kept it without a channel. */
  stoppedAt: Date | null
  lostCount: number
  lastLostAt: Date | null
  /** Since when no notice has come though the calendar changed; null where they come, or none was missed. */
  silentSince: Date | null
}

type Row = Omit<ChannelOverview, 'channel'> & {
  channelId: string | null
  address: string
  expiresAt: Date
  renewAt: Date
  lastDeliveryAt: Date | null
  createdAt: Date
}

/** Of calendars that were not removed and whose provider sends notices, by owner; of one of them where it is named. */
export async function listChannelOverviews(db: Database, calendarId?: string): Promise<ChannelOverview[]> {
  const { rows } = await sql<Row>`
    select c.id as calendar_id, c.provider, c.owner_email, c.state = 'connected' as is_connected,
      open.id as channel_id, open.address, open.expires_at, open.renew_at, open.last_delivery_at, open.created_at,
      (select max(p.last_notice_at) from push_channel p where p.calendar_id = c.id) as last_notice_at,
      coalesce(push.is_refused, false) as is_refused, push.failure_message, push.next_try_at, push.stopped_at,
      coalesce(push.lost_count, 0) as lost_count, push.last_lost_at, push.silent_since
    from calendar c
    left join calendar_push push on push.calendar_id = c.id
    left join lateral (
      select * from push_channel p where p.calendar_id = c.id and p.state = 'open'
      order by p.expires_at desc limit 1) open on true
    where c.provider = any(${pushingProviders}::text[]) and c.removed_at is null
      and (${calendarId ?? null}::uuid is null or c.id = ${calendarId ?? null}::uuid)
    order by c.owner_email, c.id`.execute(db)
  return rows.map(({ channelId, address, expiresAt, renewAt, lastDeliveryAt, createdAt, ...row }) => ({
    ...row,
    channel: channelId === null ? null : { id: channelId, address, expiresAt, renewAt, lastDeliveryAt, createdAt },
  }))
}

/** A connected calendar with an open channel over which no notice comes. */
export interface SilentCalendar {
  id: string
  provider: string
  ownerEmail: string
  silentSince: Date
}

export async function listSilentCalendars(db: Database, now: Date, limit: number): Promise<SilentCalendar[]> {
  const { rows } = await sql<SilentCalendar>`
    select c.id, c.provider, c.owner_email, push.silent_since from calendar_push push join calendar c on c.id = push.calendar_id
    where push.silent_since is not null and c.removed_at is null and c.state = 'connected' and exists (
      select from push_channel p where p.calendar_id = c.id and p.state = 'open' and p.expires_at > ${now})
    order by c.owner_email, c.id limit ${limit}`.execute(db)
  return rows
}
