/** Somebody whose calendar may be wanted. */
export interface WantedPerson {
  /** The provider's own id, which stays when the address changes; null where only the address is known. */
  accountId: string | null
  email: string
  aliases: readonly string[]
  status: 'active' | 'suspended' | 'archived'
}

/** Why the calendar of somebody is not read although it could be. */
export type ReleaseReason = 'suspended' | 'archived' | 'left' | 'not_selected'

/** A calendar that is read on the organisation's word, or was. */
export interface DelegatedCalendar {
  id: string
  ownerEmail: string
  /** Null where it was connected before the directory was known. */
  accountId: string | null
  deduplicationKey: string
  isConnected: boolean
  /** Set while we keep it disconnected. */
  releaseReason: ReleaseReason | null
  /** Somebody took it away by hand; that stands. */
  isRemoved: boolean
}

/** Whose calendars are to be connected. */
export interface Wanted {
  /** What the keys of their calendars end with. */
  keyEnding: string
  people: readonly WantedPerson[]
  /** Addresses that are chosen; everybody where undefined. */
  selected: ReadonlySet<string> | undefined
  /** What it means that somebody is missing; undefined where it means nothing, since not everybody is known. */
  missing: 'left' | 'not_selected' | undefined
  /** Whether calendars that were taken away by hand come back: somebody asked for these people by name. */
  bringsBackRemoved?: boolean
}

export interface PeopleChange {
  kind: 'rename' | 'release' | 'resume' | 'connect'
  email: string
  accountId: string | null
  /** The calendar concerned; null for somebody new. */
  calendarId: string | null
  /** For a rename: the address until now, the same where only what we know about the person changed. */
  formerEmail?: string
  reason?: ReleaseReason
}

const ORDER = ['rename', 'release', 'resume', 'connect']

/** What has to change so that exactly the wanted people's calendars are connected. Renames come first: they free addresses. */
export function planPeople(wanted: Wanted, calendars: readonly DelegatedCalendar[]): PeopleChange[] {
  const find = createFinder(calendars)
  const changes = wanted.people.flatMap((person) =>
    changesFor(person, find.takeFor(person), isSelected(person, wanted.selected), wanted),
  )
  const reason = wanted.missing
  if (reason !== undefined) {
    for (const { id, ownerEmail, accountId, isConnected } of find.rest()) {
      if (isConnected) changes.push({ kind: 'release', email: ownerEmail, accountId, calendarId: id, reason })
    }
  }
  return changes.toSorted((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind))
}

function changesFor(
  { accountId, email, status }: WantedPerson,
  calendar: DelegatedCalendar | undefined,
  isChosen: boolean,
  { bringsBackRemoved = false, keyEnding }: Wanted,
): PeopleChange[] {
  const reason = status !== 'active' ? status : isChosen ? null : 'not_selected'
  const about = { email, accountId: accountId ?? calendar?.accountId ?? null, calendarId: calendar?.id ?? null }
  if (!calendar) return reason === null ? [{ kind: 'connect', ...about }] : []
  if (calendar.isRemoved && (!bringsBackRemoved || reason !== null)) return []
  const isKnownAs = calendar.ownerEmail === email && calendar.accountId === about.accountId
  const isRenamed = !isKnownAs || calendar.deduplicationKey !== keyOf(email, keyEnding)
  const renamed: PeopleChange[] = isRenamed ? [{ kind: 'rename', ...about, formerEmail: calendar.ownerEmail }] : []
  if (reason === calendar.releaseReason && !calendar.isRemoved) return renamed
  return [...renamed, reason === null ? { kind: 'resume', ...about } : { kind: 'release', ...about, reason }]
}

/** Finds the calendar of each person: by id; where the calendar's is not known yet, by an address the person has or had. */
function createFinder(calendars: readonly DelegatedCalendar[]) {
  const left = new Set(calendars)
  const byId = new Map(calendars.flatMap((calendar) => (calendar.accountId ? [[calendar.accountId, calendar]] : [])))
  const byEmail = Map.groupBy(calendars, (calendar) => calendar.ownerEmail)
  return {
    takeFor({ accountId, email, aliases }: WantedPerson): DelegatedCalendar | undefined {
      const isTheirs = (calendar: DelegatedCalendar) =>
        left.has(calendar) && (accountId === null || calendar.accountId === null)
      const own = accountId === null ? undefined : byId.get(accountId)
      const found = own ?? [email, ...aliases].flatMap((address) => byEmail.get(address) ?? []).find(isTheirs)
      if (found) left.delete(found)
      return found
    },
    rest: () => left,
  }
}

function isSelected({ email, aliases }: WantedPerson, selected: ReadonlySet<string> | undefined): boolean {
  return selected === undefined || [email, ...aliases].some((address) => selected.has(address))
}

/** The key by which the predecessor knew such a calendar, and we still do. */
export function keyOf(email: string, ending: string): string {
  return `${email}-${ending}`
}
