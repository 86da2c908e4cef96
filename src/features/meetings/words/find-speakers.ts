import { createHash } from 'node:crypto'
import { compare } from '../../../base/compare.ts'
import type { Database, Transaction } from '../../../platform/db/index.ts'
import type { EventChange } from '../../calendars/index.ts'
import type { KnownPeople } from '../../people/index.ts'
import { KEY_TOLERANCE_MS, type Occurrence } from '../identity.ts'
import { addCounts, type Counts, type OccurrenceVariant, occurrenceId, variantId } from '../occurrence.ts'
import {
  type Authority,
  clustersOf,
  findFirstCircle,
  findOrganizer,
  handedTo,
  type Invitation,
  keyInstant,
  type NamedPeople,
} from './authority.ts'
import {
  type CopiesWanted,
  type HeldCopy,
  type MuteCopies,
  readHandedOver,
  readHeldCopies,
  readKnownCalendars,
} from './authority-store.ts'
import { type HeardOccurrence, type HeardVariant, isNamed, namedBy } from './heard-occurrence.ts'
import { countMuteCopies } from './mute-copies.ts'

export interface Speakers {
  /** The occurrences with what those copies say that speak; one of which nobody speaks has no variants. */
  occurrences: Occurrence[]
  /** What is to be remembered. */
  invitations: Invitation[]
  mutes: MuteCopies[]
}

/** Beyond so many copies nobody looks for the first circle. */
const CIRCLE_COPIES = 1_000
const CIRCLE_KEPT = 50

/**
 * Finds whose words invitations are, and leaves out of each occurrence what does not speak: copies of people who are neither the organiser nor
 * invited, and copies that name another room than the organiser's. `changes` are those of this transaction. Writes nothing.
 */
export async function findSpeakers(
  trx: Database | Transaction,
  heard: readonly HeardOccurrence[],
  changes: readonly EventChange[],
  people: KnownPeople,
): Promise<Speakers> {
  const invitations = await findInvitations(trx, heard, people)
  const clusters = clustersOf(heard, KEY_TOLERANCE_MS).map((occurrences) => {
    const invitation = invitations.get(occurrences[0]?.uid ?? '')
    return { occurrences, invitation, own: ownCopies(occurrences, invitation, people) }
  })
  const unproven = clusters.filter(({ own }) => own.length === 0)
  const calendars = await readKnownCalendars(
    trx,
    unproven.flatMap(({ invitation }) => (invitation?.provenAt ? [invitation.organizerEmail] : [])),
  )
  const copies = Map.groupBy(
    await readHeldCopies(
      trx,
      unproven.flatMap(({ occurrences }) => circleCopies(occurrences)),
    ),
    occurrenceId,
  )
  const authorities = new Map<HeardOccurrence, Authority>()
  const ownRooms = new Map<HeardOccurrence, string>()
  for (const { occurrences, invitation, own } of clusters) {
    for (const occurrence of occurrences) {
      const nearest = nearestOwn(occurrence, own)
      if (nearest) {
        authorities.set(occurrence, provenAuthority(nearest.variant, people))
        ownRooms.set(occurrence, nearest.occurrence.roomKey)
      }
    }
    const others = occurrences.filter((occurrence) => !authorities.has(occurrence))
    if (others.length === 0) continue
    const held = others.flatMap((occurrence) => copies.get(occurrenceId(occurrence)) ?? [])
    const circle = circleAuthority(others, held, invitation, people)
    for (const occurrence of others)
      authorities.set(occurrence, {
        ...circle,
        calledOff: isMissing(occurrence, invitation, calendars) ? 'cancelled' : undefined,
      })
  }
  const remembered = new Map(heard.map(({ uid, invitation }) => [uid, invitation]))
  const mutes = await countMuteCopies(trx, { heard, authorities, ownRooms, changes, people })
  return {
    occurrences: heard.map((occurrence) =>
      speakingOccurrence(occurrence, authorities.get(occurrence) as Authority, mutes.of, people),
    ),
    invitations: [...invitations.values()].filter((invitation) => isNews(invitation, remembered.get(invitation.uid))),
    mutes: mutes.toKeep,
  }
}

async function findInvitations(
  trx: Database | Transaction,
  heard: readonly HeardOccurrence[],
  people: KnownPeople,
): Promise<Map<string, Invitation>> {
  const found = new Map<string, Invitation>()
  const disputed: { invitation: Invitation; remembered: Invitation | undefined; variants: OccurrenceVariant[] }[] = []
  for (const [uid, occurrences] of Map.groupBy(heard, ({ uid }) => uid)) {
    const variants = occurrences.flatMap((occurrence) => occurrence.variants.map((v) => withPrimary(v, people)))
    const remembered = occurrences[0]?.invitation
    const invitation = findOrganizer(uid, remembered, variants)
    if (!invitation) continue
    found.set(uid, invitation)
    if (variants.some(({ organizerEmail: email }) => email !== null && email !== invitation.organizerEmail))
      disputed.push({ invitation, remembered, variants })
  }
  // Until the one named first names another in their own calendar.
  const handed = await readHandedOver(
    trx,
    disputed.map(({ invitation }) => invitation),
  )
  for (const { invitation, remembered, variants } of disputed) {
    const to = handed.get(invitation.uid)
    if (to !== undefined) found.set(invitation.uid, handedTo(invitation, people.primaryOf(to), remembered, variants))
  }
  return found
}

function withPrimary<V extends { organizerEmail: string | null }>(variant: V, { primaryOf }: KnownPeople): V {
  return variant.organizerEmail === null ? variant : { ...variant, organizerEmail: primaryOf(variant.organizerEmail) }
}

function isNews(invitation: Invitation, known: Invitation | undefined): boolean {
  return (
    known?.organizerEmail !== invitation.organizerEmail ||
    known.firstKnownAt.getTime() !== invitation.firstKnownAt.getTime() ||
    (known.provenAt === null) !== (invitation.provenAt === null)
  )
}

interface OwnCopy {
  occurrence: HeardOccurrence
  variant: HeardVariant
}

/** What the organiser's own calendar says of a cluster. */
function ownCopies(
  occurrences: readonly HeardOccurrence[],
  invitation: Invitation | undefined,
  people: KnownPeople,
): OwnCopy[] {
  if (!invitation?.provenAt) return []
  return occurrences.flatMap((occurrence) =>
    occurrence.variants
      .map((variant) => withPrimary(variant, people))
      .filter((variant) => variant.isOrganizerCopy && variant.organizerEmail === invitation.organizerEmail)
      .map((variant) => ({ occurrence, variant })),
  )
}

/** The organiser's copy that an occurrence goes by: its own, else the nearest one; of several that which takes place. */
function nearestOwn(occurrence: HeardOccurrence, own: readonly OwnCopy[]): OwnCopy | undefined {
  const at = keyInstant(occurrence.occurrenceKey)
  const apart = (copy: OwnCopy) =>
    at === undefined ? 0 : Math.abs((keyInstant(copy.occurrence.occurrenceKey) ?? at) - at)
  const isCancelled = ({ variant }: OwnCopy) => Number(calledOffBy(variant) !== undefined)
  return own
    .filter((copy) => apart(copy) <= KEY_TOLERANCE_MS)
    .toSorted(
      (a, b) =>
        apart(a) - apart(b) ||
        isCancelled(a) - isCancelled(b) ||
        Number(b.occurrence === occurrence) - Number(a.occurrence === occurrence) ||
        compare(a.variant.variant, b.variant.variant),
    )[0]
}

/** How the organiser's own copy says that the meeting does not take place. */
function calledOffBy({ copies, cancelled, vanished }: HeardVariant): Authority['calledOff'] {
  if (cancelled + vanished < copies) return undefined
  return cancelled > 0 ? 'cancelled' : 'vanished'
}

function provenAuthority(own: HeardVariant, people: KnownPeople): Authority {
  const organizer = own.organizerEmail as string
  const list = namedBy(own, people)
  return {
    ...authorityOf([list], people),
    provenOrganizer: organizer,
    organizer,
    circle: [],
    isAcceptedByOwner: true,
    circleVariants: new Set(),
    calledOff: calledOffBy(own),
    source: sourceOf(['organiser', own.variant], list.groups, people),
  }
}

/** The first circle's authority; with one list that names whoever holds it, all who hold it are the circle. */
function circleAuthority(
  occurrences: readonly HeardOccurrence[],
  copies: readonly HeldCopy[],
  invitation: Invitation | undefined,
  people: KnownPeople,
): Authority {
  const lists = new Map(
    occurrences.flatMap((occurrence) =>
      occurrence.variants.map((variant) => [variantId(variant), namedBy(variant, people)] as const),
    ),
  )
  const names = (list: string, address: string) => {
    const named = lists.get(list)
    return named !== undefined && isNamed(named, address, people)
  }
  const circle = findFirstCircle(
    copies.map((copy) => ({ ownerEmail: copy.ownerEmail, knownAt: copy.knownAt, list: variantId(copy) })),
    names,
  )
  const inCircle = [...(circle?.lists ?? [])].flatMap((list) => lists.get(list) ?? [])
  const owners = { people: circle?.owners ?? new Set<string>(), groups: new Set<string>(), organizer: null }
  const authority = authorityOf([...inCircle, owners], people)
  const rest = [...authority.named].filter((address) => address !== circle?.firstOwner).sort(compare)
  const groups = new Set(inCircle.flatMap((list) => [...list.groups]))
  return {
    ...authority,
    provenOrganizer: heldLastBy(occurrences, invitation, people),
    organizer: inCircle.find(({ organizer }) => organizer !== null)?.organizer ?? invitation?.organizerEmail ?? null,
    circle: circle ? [circle.firstOwner, ...rest].slice(0, CIRCLE_KEPT) : [],
    isAcceptedByOwner: copies.some(
      ({ ownerEmail, counts }) => ownerEmail === circle?.firstOwner && counts.accepted > 0,
    ),
    circleVariants: circle?.lists ?? new Set(),
    calledOff: undefined,
    source: sourceOf(
      ['circle', ...[...(circle?.owners ?? [])].sort(compare), ...[...lists.keys()].sort(compare)],
      groups,
      people,
    ),
  }
}

/** Whose calendar held this very occurrence last, and is not here any more: what its list said is not known, and the first circle's takes its place. */
function heldLastBy(
  occurrences: readonly HeardOccurrence[],
  invitation: Invitation | undefined,
  { primaryOf }: KnownPeople,
): string | null {
  if (!invitation?.provenAt) return null
  const { organizerEmail } = invitation
  const wasTheirs = occurrences.some(({ provenBefore: it }) => it !== null && primaryOf(it) === organizerEmail)
  return wasTheirs ? organizerEmail : null
}

function authorityOf(
  lists: readonly NamedPeople[],
  people: KnownPeople,
): Pick<Authority, 'named' | 'groups' | 'isInvited'> {
  const [only] = lists
  const named = lists.length === 1 && only ? only.people : new Set(lists.flatMap((list) => [...list.people]))
  const groups = new Set(lists.flatMap((list) => [...list.groups]))
  const all: NamedPeople = { people: named, groups, organizer: null }
  return { named, groups, isInvited: (address) => isNamed(all, people.primaryOf(address), people) }
}

function sourceOf(parts: readonly string[], groups: ReadonlySet<string>, people: KnownPeople): string {
  const marks = [...groups].sort(compare).map((group) => [group, people.membersOf(group)?.mark ?? null])
  return createHash('md5')
    .update(JSON.stringify([parts, marks]))
    .digest('base64url')
}

/** Which copies have to be looked at to find the first circle: the first known where all of them name their owners alike. */
function circleCopies(occurrences: readonly HeardOccurrence[]): CopiesWanted[] {
  const variants = occurrences.flatMap((occurrence) => occurrence.variants)
  const [only] = variants
  const isOneList = variants.length === 1 && only !== undefined && (only.namesOwner || only.people.length === 0)
  const limit = isOneList ? 1 : CIRCLE_COPIES
  return variants.map(({ roomKey, uid, occurrenceKey, variant }) => ({
    ...{ roomKey, uid, occurrenceKey, variant },
    owners: null,
    limit,
  }))
}

/** Whether the organiser's own calendar would hold an occurrence, and holds it no more. */
function isMissing(
  { variants }: HeardOccurrence,
  invitation: Invitation | undefined,
  calendars: ReadonlyMap<string, Date>,
): boolean {
  const knownUntil = invitation?.provenAt ? calendars.get(invitation.organizerEmail) : undefined
  return knownUntil !== undefined && variants.every(({ startsAt }) => startsAt < knownUntil)
}

function speakingOccurrence(
  { roomKey, uid, occurrenceKey, variants, owners, meetingId }: HeardOccurrence,
  authority: Authority,
  muteOf: (variant: HeardVariant) => Counts,
  known: KnownPeople,
): Occurrence {
  const speaking = variants.flatMap((variant) => {
    const { people: _, groups: __, muteFor: ___, mute: ____, ...said } = withPrimary(variant, known)
    const counts = addCounts(variant, muteOf(variant), -1)
    if (counts.copies <= 0) return []
    if (authority.calledOff === undefined) return [{ ...said, ...counts }]
    return [{ ...said, ...counts, supporting: 0, accepted: 0, tentative: 0, [authority.calledOff]: counts.copies }]
  })
  return {
    ...{ roomKey, uid, occurrenceKey, meetingId, authority },
    variants: speaking,
    owners: new Set([...owners].filter(authority.isInvited)),
  }
}
