import type { Occurrence } from './identity.ts'
import type { OwnVerdict, Reason, ReasonDetail } from './meeting.ts'
import { type Counts, type OccurrenceVariant, sumCounts } from './occurrence.ts'
import type { RuleSet } from './rules/compile-rules.ts'
import { applyDefaultRules } from './rules/default-rules.ts'
import type { RuleInput } from './rules/rule.ts'

/** Whether the organisation lets bots go to meetings. */
export type AttendanceMode = 'observing' | 'on'

export interface PlanContext {
  now: Date
  attendance: AttendanceMode
  rules: RuleSet
  /** The runner that serves a platform; undefined where there is none. */
  runnerOf(platform: string): string | undefined
  /** How much of a meeting has to be left for a bot to go there late. */
  lateJoinMs: number
}

export type DecisionResult = OwnVerdict

/** What a person wants for a meeting wins over the plan, as far as it can be done. */
export function applyWish(
  verdict: DecisionResult,
  wish: 'attend' | 'none' | null,
  meeting: { platform: string; endsAt: Date },
  context: PlanContext,
): DecisionResult {
  if (wish === null || meeting.endsAt <= context.now) return verdict
  const reasonDetail = countsOf(verdict)
  if (wish === 'none')
    return verdict.decision === 'skip' ? verdict : { decision: 'skip', reason: 'stopped_by_person', reasonDetail }
  const canJoin = context.runnerOf(meeting.platform) !== undefined
  return { decision: canJoin ? 'attend' : 'no_runner', reason: 'sent_by_person', reasonDetail }
}

/** The counts alone, without what belongs to another reason. */
export function countsOf({ reasonDetail }: Pick<DecisionResult, 'reasonDetail'>): ReasonDetail {
  return { supporting: reasonDetail.supporting, copies: reasonDetail.copies }
}

/** Decides on one meeting from what its copies say, with the reason. `said` is the copy that speaks for it. */
export function decideAttendance(
  said: OccurrenceVariant,
  group: readonly Occurrence[],
  context: PlanContext,
): DecisionResult {
  const variants = group.flatMap((occurrence) => occurrence.variants)
  const counts = sumCounts(variants)
  const reasonDetail: ReasonDetail = { supporting: counts.supporting, copies: counts.copies }
  const skip = (reason: Reason, detail = {}): DecisionResult => ({
    decision: 'skip',
    reason,
    reasonDetail: { ...reasonDetail, ...detail },
  })
  if (counts.supporting === 0) return skip(reasonWithoutSupport(counts))
  if (said.endsAt <= context.now) return skip('already_over')
  const input = ruleInput(said, group, counts, context.rules)
  const person = context.rules.findNeverRecorded(input.addresses)
  if (person !== undefined) return skip('person_opted_out', { person })
  const rule = context.rules.decide(input)
  if (rule?.decision === 'skip') return skip('rule', { rule: rule.name })
  const reason = rule ? 'rule' : applyDefaultRules(input)
  if (reason === 'opted_out') return skip(reason, { word: input.optOutWord })
  if (reason !== 'wanted' && reason !== 'rule') return skip(reason)
  const detail = rule ? { ...reasonDetail, rule: rule.name } : reasonDetail
  if (context.runnerOf(said.platform) === undefined) return { decision: 'no_runner', reason, reasonDetail: detail }
  return { decision: context.attendance === 'on' ? 'attend' : 'observe', reason, reasonDetail: detail }
}

function reasonWithoutSupport(counts: Counts): Reason {
  if (counts.copies === 0) return 'gone'
  if (counts.cancelled > 0) return 'cancelled'
  if (counts.vanished > 0) return 'gone'
  return counts.declined > 0 ? 'all_declined' : 'no_connected_calendar'
}

function ruleInput(
  said: OccurrenceVariant,
  group: readonly Occurrence[],
  counts: Counts,
  { optOutWords }: RuleSet,
): RuleInput {
  const supported = group.flatMap(({ variants }) => variants.filter((variant) => variant.supporting > 0))
  const tags = new Set(supported.flatMap((variant) => variant.tags))
  const people = peopleOf(group)
  const others = group.flatMap(({ authority, owners }) => [...authority.groups, ...owners])
  return {
    said,
    people,
    peopleCount: countPeople(people, counts),
    addresses: new Set([...people, ...others]),
    tags,
    optOutWord: optOutWords.find((word) => tags.has(word)) ?? null,
    counts,
  }
}

/** Organisers and invited people, as far as they are named by those who may. */
export function peopleOf(group: readonly Occurrence[]): ReadonlySet<string> {
  return new Set(group.flatMap(({ authority }) => [...authority.named]))
}

/** How many people take part: those who are named, and where guests are not named at least those who have it in their calendars. */
export function countPeople(people: ReadonlySet<string>, counts: Pick<Counts, 'supporting'>): number {
  return Math.max(people.size, counts.supporting)
}

/** Reasons by which a meeting's own people, a rule or a person said no to recording it. */
const noes: ReadonlySet<Reason> = new Set([
  'opted_out',
  'confidential',
  'private',
  'person_opted_out',
  'rule',
  'stopped_by_person',
])
/** Reasons by which something is no meeting, so that it takes no rank in its room. */
const noMeeting: ReadonlySet<Reason> = new Set([
  'all_day',
  'out_of_office',
  'focus_time',
  'working_location',
  'birthday',
])

/** Whether a verdict is a no to recording, and whether it leaves the meeting its rank in the room. */
export function weighVerdict({ decision, reason }: OwnVerdict): { saysNo: boolean; isMeeting: boolean } {
  return { saysNo: decision === 'skip' && noes.has(reason), isMeeting: !noMeeting.has(reason) }
}
