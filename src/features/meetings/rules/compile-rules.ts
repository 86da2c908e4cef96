import { Temporal } from 'temporal-polyfill'
import type { RuleContext } from './read-rules.ts'
import type { Conditions, Hours, Range, Rule, RuleDocument, RuleInput } from './rule.ts'

/** The rules in force, ready to be asked. */
export interface RuleSet {
  /** 0 where there never were any. */
  version: number
  optOutWords: readonly string[]
  /** Single addresses that rules name: the planner looks whether these own copies. */
  namedAddresses: readonly string[]
  /** Somebody of these addresses who is never to be recorded. */
  findNeverRecorded(addresses: ReadonlySet<string>): string | undefined
  /** The first rule that matches. */
  decide(input: RuleInput): Pick<Rule, 'name' | 'decision'> | undefined
}

/** True, false, or undefined where it cannot be told. */
type Answer = boolean | undefined
type Test = (input: RuleInput) => Answer

/** Prepares a document for asking. Pure. */
export function compileRules(document: RuleDocument, version: number, context: RuleContext): RuleSet {
  const compile = (conditions: Conditions | undefined) => compileConditions(conditions ?? {}, document, context)
  const rules = document.rules.map((rule) => ({
    rule,
    when: compile(rule.when),
    unless: rule.unless === undefined ? null : compile(rule.unless),
  }))
  const isNeverRecorded = addressTest(document.neverRecord, document)
  return {
    version,
    optOutWords: document.optOutWords,
    namedAddresses: namedAddressesOf(document),
    findNeverRecorded: (addresses) =>
      document.neverRecord.length === 0 ? undefined : [...addresses].sort().find(isNeverRecorded),
    decide(input) {
      const first = rules.find(({ rule, when, unless }) => {
        if (!isWithinReach(rule, input)) return false
        const isMatch = both(allOf(when, input), unless === null ? true : not(allOf(unless, input)))
        // What cannot be told counts against recording.
        return isMatch ?? rule.decision === 'skip'
      })
      return first?.rule
    },
  }
}

/** What people marked themselves, by the word or as private, is attended only by a rule that names this mark. */
function isWithinReach({ decision, when }: Rule, { optOutWord, said }: RuleInput): boolean {
  if (decision === 'skip') return true
  if (optOutWord !== null && when?.optedOut === undefined) return false
  return !isPrivate(said.visibility) || when?.private !== undefined
}

function isPrivate(visibility: string): boolean {
  return visibility === 'private' || visibility === 'confidential'
}

type TestMakers = {
  [Field in keyof Conditions]-?: (
    value: NonNullable<Conditions[Field]>,
    document: RuleDocument,
    context: RuleContext,
  ) => Test
}

const testMakers: TestMakers = {
  organizer: (list, document) => {
    const matches = addressTest(list, document)
    return ({ said }) => said.organizerEmail !== null && matches(said.organizerEmail)
  },
  participant: (list, document) => {
    const matches = addressTest(list, document)
    return ({ addresses }) => [...addresses].some(matches)
  },
  everyParticipant: (list, document) => {
    const matches = addressTest(list, document)
    return ({ people, peopleCount }) => {
      if (![...people].every(matches)) return false
      return people.size > 0 && people.size === peopleCount ? true : undefined
    }
  },
  people: (range) => (input) => isIn(range, input.peopleCount),
  internal: (range, _, context) => sideTest(range, context, true),
  external: (range, _, context) => sideTest(range, context, false),
  accepted: (range) => (input) => isIn(range, input.counts.accepted),
  tentative: (range) => (input) => isIn(range, input.counts.tentative),
  declined: (range) => (input) => isIn(range, input.counts.declined),
  title: (phrases) => {
    const patterns = phrases.map(phrasePattern)
    return ({ said }) => patterns.some((pattern) => pattern.test(said.title))
  },
  tag: (list) => (input) => list.some((tag) => input.tags.has(tag)),
  optedOut: (wanted) => (input) => (input.optOutWord !== null) === wanted,
  private: (wanted) => (input) => isPrivate(input.said.visibility) === wanted,
  kind: (list) => (input) => list.some((kind) => kind === input.said.kind),
  allDay: (wanted) => (input) => input.said.isAllDay === wanted,
  startsWithin: (hours) => (input) => isWithinHours(input.said.startsAt, hours),
  startsOutside: (hours) => (input) => !isWithinHours(input.said.startsAt, hours),
  platform: (list) => (input) => list.some((platform) => platform === input.said.platform),
}

function compileConditions(conditions: Conditions, document: RuleDocument, context: RuleContext): Test[] {
  return Object.entries(conditions).map(([field, value]) => {
    const make = testMakers[field as keyof Conditions] as (...args: unknown[]) => Test
    return make(value, document, context)
  })
}

/** Whether an address is one of a list's, of one of its domains, or of one of its groups. */
function addressTest(list: readonly string[], document: RuleDocument): (address: string) => boolean {
  const entries = list.flatMap((entry) => (entry.startsWith('group:') ? membersOf(entry, document) : [entry]))
  const domains = new Set(entries.filter((entry) => entry.startsWith('@')))
  const single = new Set(entries.filter((entry) => !entry.startsWith('@')))
  return (address) => single.has(address) || domains.has(address.slice(address.lastIndexOf('@')))
}

function membersOf(entry: string, { groups }: RuleDocument): readonly string[] {
  return Object.entries(groups).find(([name]) => name.toLowerCase() === entry.slice('group:'.length))?.[1] ?? []
}

function namedAddressesOf(document: RuleDocument): string[] {
  const lists = document.rules.flatMap(({ when, unless }) =>
    [when, unless].flatMap((conditions) => conditions?.participant ?? []),
  )
  const entries = [...document.neverRecord, ...lists].flatMap((entry) =>
    entry.startsWith('group:') ? membersOf(entry, document) : [entry],
  )
  return [...new Set(entries.filter((entry) => !entry.startsWith('@')))].sort()
}

function sideTest(range: Range, { orgDomains }: RuleContext, isInternal: boolean): Test {
  if (orgDomains.length === 0) return () => undefined
  const domains = new Set(orgDomains)
  return ({ people, peopleCount }) => {
    const named = [...people].filter((email) => domains.has(email.slice(email.lastIndexOf('@') + 1)) === isInternal)
    // Whoever is not named and still counted has a calendar here.
    return isIn(range, named.length + (isInternal ? peopleCount - people.size : 0))
  }
}

function isIn({ atLeast = 0, atMost = Number.POSITIVE_INFINITY }: Range, count: number): boolean {
  return atLeast <= count && count <= atMost
}

/** A phrase as whole words, whatever its capitals: `board` is in "Board, monthly" and not in "Onboarding". */
function phrasePattern(phrase: string): RegExp {
  const words = phrase.split(/\s+/).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`(?<![\\p{L}\\p{N}_])${words.join('\\s+')}(?![\\p{L}\\p{N}_])`, 'iu')
}

const DAY_NAMES = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

/** Whether an instant lies in these hours; those that end before they begin go on past midnight and belong to the day they began. */
function isWithinHours(at: Date, { zone, days, from, to }: Hours): boolean {
  const local = Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(zone)
  const minute = local.hour * 60 + local.minute
  const isOn = (weekday: number) => {
    const name = DAY_NAMES[(weekday + 6) % 7]
    return days === undefined || (name !== undefined && days.includes(name))
  }
  const [first, last] = [minutesOf(from), minutesOf(to)]
  if (first < last) return isOn(local.dayOfWeek) && first <= minute && minute < last
  return (isOn(local.dayOfWeek) && minute >= first) || (isOn(local.dayOfWeek - 1) && minute < last)
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return hours * 60 + minutes
}

function allOf(tests: readonly Test[], input: RuleInput): Answer {
  return tests.reduce<Answer>((sum, test) => (sum === false ? false : both(sum, test(input))), true)
}

function both(a: Answer, b: Answer): Answer {
  if (a === false || b === false) return false
  return a === undefined || b === undefined ? undefined : true
}

function not(answer: Answer): Answer {
  return answer === undefined ? undefined : !answer
}
