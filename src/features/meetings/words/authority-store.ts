import { sql } from 'kysely'
import { type Database, oneByOne, type Transaction } from '../../../platform/db/index.ts'
import { type Counts, countNames, type OccurrenceRef } from '../occurrence.ts'
import type { Invitation } from './authority.ts'

/** One copy, as far as it matters who holds it. */
export interface HeldCopy extends OccurrenceRef {
  variant: string
  ownerEmail: string
  knownAt: Date
  counts: Counts
}

/** Which copies are asked for: of one variant all, or those of some owners; the first known first, at most so many. */
export interface CopiesWanted extends OccurrenceRef {
  variant: string
  owners: readonly string[] | null
  limit: number
}

/** Reads who holds some copies, and what each of them counts for. */
export async function readHeldCopies(
  trx: Database | Transaction,
  wanted: readonly CopiesWanted[],
): Promise<HeldCopy[]> {
  if (wanted.length === 0) return []
  const rows = JSON.stringify(
    wanted.map(({ roomKey, uid, occurrenceKey, variant, owners, limit }) => ({
      room_key: roomKey,
      uid,
      occurrence_key: occurrenceKey,
      variant,
      owners,
      at_most: limit,
    })),
  )
  const { rows: copies } = await sql<Omit<HeldCopy, 'counts'> & Counts>`
    select w.room_key, w.uid, w.occurrence_key, w.variant, e.*
    from jsonb_to_recordset(${rows}::jsonb) as w (room_key text, uid text, occurrence_key text, variant text, owners text[], at_most int),
      ${oneByOne(sql`
        select c.owner_email, e.known_at, 1 as copies, s.supports::int as supporting, (e.own_response = 'declined')::int as declined,
          (e.is_cancelled and not e.has_vanished)::int as cancelled, e.has_vanished::int as vanished, (s.supports and (e.own_response = 'accepted' or e.is_organizer_copy))::int as accepted,
          (s.supports and e.own_response = 'tentative' and not e.is_organizer_copy)::int as tentative
        from event e join calendar c on c.id = e.calendar_id
          cross join lateral (select not e.is_cancelled and not e.has_vanished and e.own_response <> 'declined'
            and (c.state = 'connected' or e.ends_at <= c.disconnected_at) as supports) s
        where e.room_key = w.room_key and e.uid = w.uid and e.occurrence_key = w.occurrence_key and e.variant = w.variant
          and (w.owners is null or c.owner_email = any(w.owners))
        order by e.known_at, c.owner_email limit w.at_most`)} e`.execute(trx)
  return copies.map(({ roomKey, uid, occurrenceKey, variant, ownerEmail, knownAt, ...counts }) => ({
    ...{ roomKey, uid, occurrenceKey, variant, ownerEmail, knownAt },
    counts: Object.fromEntries(countNames.map((name) => [name, counts[name]])) as Counts,
  }))
}

/**
 * Of some organisers whom their own calendar names another for a UID: that one. By UID. Mail under a known UID arrives there by itself, so only
 * what they accepted counts.
 */
export async function readHandedOver(
  trx: Database | Transaction,
  invitations: readonly Pick<Invitation, 'uid' | 'organizerEmail'>[],
): Promise<Map<string, string>> {
  if (invitations.length === 0) return new Map()
  const { rows } = await sql<{ uid: string; organizerEmail: string }>`
    select distinct on (i.uid) i.uid, e.organizer_email
    from unnest(${invitations.map(({ uid }) => uid)}::text[], ${invitations.map(({ organizerEmail }) => organizerEmail)}::text[])
        as i (uid, organizer)
      join calendar c on c.owner_email = i.organizer and c.removed_at is null
      join event e on e.calendar_id = c.id and e.uid = i.uid
    where e.organizer_email is not null and e.organizer_email <> i.organizer and e.own_response = 'accepted'
      and not e.is_cancelled and not e.has_vanished
    order by i.uid, e.known_at desc`.execute(trx)
  return new Map(rows.map(({ uid, organizerEmail }) => [uid, organizerEmail]))
}

/** Up to when each of some people's calendars is known; nobody is in it whose calendar is not here. */
export async function readKnownCalendars(
  trx: Database | Transaction,
  owners: readonly string[],
): Promise<Map<string, Date>> {
  if (owners.length === 0) return new Map()
  const { rows } = await sql<{ ownerEmail: string; knownUntil: Date }>`
    select owner_email, max(coalesce(expanded_until, 'infinity'::timestamptz)) as known_until from calendar
    where owner_email = any(${owners}::text[]) and removed_at is null and last_success_at is not null group by 1`.execute(
    trx,
  )
  return new Map(rows.map(({ ownerEmail, knownUntil }) => [ownerEmail, knownUntil]))
}

/** Remembers whose invitations some UIDs are. The UIDs must be locked. */
export async function writeInvitations(trx: Transaction, invitations: readonly Invitation[]): Promise<void> {
  if (invitations.length === 0) return
  await trx
    .insertInto('invitation')
    .values([...invitations])
    .onConflict((conflict) =>
      conflict.column('uid').doUpdateSet((eb) => ({
        organizerEmail: eb.ref('excluded.organizerEmail'),
        provenAt: eb.ref('excluded.provenAt'),
        firstKnownAt: eb.ref('excluded.firstKnownAt'),
      })),
    )
    .execute()
}

/** How many copies of a variant do not speak, and for which authority that was counted. */
export interface MuteCopies extends OccurrenceRef {
  variant: string
  muteFor: string
  mute: Counts
}

/** Keeps what was counted, so that the next change to a variant with thousands of copies need not count them all. */
export async function writeMuteCopies(trx: Transaction, mutes: readonly MuteCopies[]): Promise<void> {
  if (mutes.length === 0) return
  await sql`
    update occurrence_variant v set mute_for = m.mute_for, mute = m.mute::jsonb
    from unnest(${mutes.map((m) => m.roomKey)}::text[], ${mutes.map((m) => m.uid)}::text[], ${mutes.map((m) => m.occurrenceKey)}::text[],
      ${mutes.map((m) => m.variant)}::text[], ${mutes.map((m) => m.muteFor)}::text[], ${mutes.map((m) => JSON.stringify(m.mute))}::text[])
      as m (room_key, uid, occurrence_key, variant, mute_for, mute)
    where v.room_key = m.room_key and v.uid = m.uid and v.occurrence_key = m.occurrence_key and v.variant = m.variant`.execute(
    trx,
  )
}
