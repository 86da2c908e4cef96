import type { Database, Transaction } from '../../../platform/db/index.ts'
import type { EventChange } from '../../calendars/index.ts'
import type { KnownPeople } from '../../people/index.ts'
import { addCounts, type Counts, countNames, noCounts, variantId, variantOfFacts } from '../occurrence.ts'
import type { Authority } from './authority.ts'
import { type MuteCopies, readHeldCopies } from './authority-store.ts'
import { type HeardOccurrence, type HeardVariant, namedBy } from './heard-occurrence.ts'

/** Variants with more copies than this keep what was counted of them. */
const COUNTED_AGAIN = 50
const MAX_MUTE_COPIES = 100_000

interface MuteInput {
  heard: readonly HeardOccurrence[]
  authorities: ReadonlyMap<HeardOccurrence, Authority>
  ownRooms: ReadonlyMap<HeardOccurrence, string>
  changes: readonly EventChange[]
  people: KnownPeople
}

/**
 * How many copies of each variant do not speak: looked up only where the lists do not tell already. `changes` are those of this transaction. Writes
 * nothing; what is to be kept is answered.
 */
export async function countMuteCopies(
  trx: Database | Transaction,
  { heard, authorities, ownRooms, changes, people }: MuteInput,
): Promise<{ of: (variant: HeardVariant) => Counts; toKeep: MuteCopies[] }> {
  const mute = new Map<HeardVariant, Counts>()
  const unsure: { variant: HeardVariant; authority: Authority; extra: string[] | null }[] = []
  for (const occurrence of heard) {
    const authority = authorities.get(occurrence) as Authority
    const isElsewhere = (ownRooms.get(occurrence) ?? occurrence.roomKey) !== occurrence.roomKey
    for (const variant of occurrence.variants) {
      const extra = whoMayNotSpeak(variant, authority, people)
      if (isElsewhere) mute.set(variant, variant)
      else if (extra === null || extra.length > 0) unsure.push({ variant, authority, extra })
    }
  }
  const toKeep: MuteCopies[] = []
  const toCount: typeof unsure = []
  for (const one of unsure) {
    const { variant, authority } = one
    if (variant.mute === null || variant.muteFor !== authority.source || variant.copies <= COUNTED_AGAIN) {
      toCount.push(one)
      continue
    }
    const moved = muteChanges(variant, authority, changes)
    const counted = addCounts(variant.mute, moved)
    mute.set(variant, counted)
    if (countNames.some((name) => moved[name] !== 0))
      toKeep.push({ ...variant, muteFor: authority.source, mute: counted })
  }
  const copies = await readHeldCopies(
    trx,
    toCount.map(({ variant, extra }) => ({ ...variant, owners: extra, limit: MAX_MUTE_COPIES })),
  )
  const byVariant = Map.groupBy(copies, (copy) => variantId(copy))
  for (const { variant, authority } of toCount) {
    const silent = (byVariant.get(variantId(variant)) ?? []).filter((copy) => !authority.isInvited(copy.ownerEmail))
    const counted = silent.reduce((sum, copy) => addCounts(sum, copy.counts), noCounts)
    mute.set(variant, counted)
    if (variant.copies > COUNTED_AGAIN) toKeep.push({ ...variant, muteFor: authority.source, mute: counted })
  }
  return { of: (variant) => mute.get(variant) ?? noCounts, toKeep }
}

/** Whose copies of a variant do not speak, as far as its list tells: nobody's, some people's, or not known (null). */
function whoMayNotSpeak(variant: HeardVariant, authority: Authority, people: KnownPeople): string[] | null {
  if (variant.isOrganizerCopy && variant.organizerEmail !== null) {
    const organizer = people.primaryOf(variant.organizerEmail)
    // The organiser's copy is its owner's, who is whom it names.
    return authority.isInvited(organizer) ? [] : [organizer]
  }
  // One that names nobody but its organiser counts as naming its owner, and does not say who that is.
  const others = variant.people.filter((address) => address !== variant.organizerEmail)
  if (!variant.namesOwner || (others.length === 0 && variant.groups.length === 0)) return null
  const list = namedBy(variant, people)
  return [...list.people].filter((address) => !authority.isInvited(address))
}

function muteChanges(variant: HeardVariant, authority: Authority, changes: readonly EventChange[]): Counts {
  let moved = noCounts
  for (const { before, after } of changes) {
    for (const [facts, sign] of [
      [before, -1],
      [after, 1],
    ] as const) {
      const row = facts && !authority.isInvited(facts.ownerEmail) ? variantOfFacts(facts) : undefined
      if (row && variantId(row) === variantId(variant)) moved = addCounts(moved, row, sign)
    }
  }
  return moved
}
