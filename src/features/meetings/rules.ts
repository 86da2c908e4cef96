import type { Reason } from './meeting.ts'
import type { OccurrenceVariant } from './occurrence.ts'

/** What a rule may look at. */
export interface RuleInput {
  /** The copy that speaks for the meeting: the organiser's, else the most supported. */
  said: Pick<OccurrenceVariant, 'isAllDay' | 'kind' | 'visibility'>
  /** Whether any copy that supports the meeting carries the word that asks not to be recorded. */
  isOptedOut: boolean
}

interface Rule {
  reason: Reason
  matches(input: RuleInput): boolean
}

/** The default rules in their order: the first that matches says why a meeting is not attended. */
const defaultRules: readonly Rule[] = [
  { reason: 'opted_out', matches: (input) => input.isOptedOut },
  { reason: 'confidential', matches: (input) => input.said.visibility === 'confidential' },
  { reason: 'private', matches: (input) => input.said.visibility === 'private' },
  { reason: 'out_of_office', matches: (input) => input.said.kind === 'out_of_office' },
  { reason: 'focus_time', matches: (input) => input.said.kind === 'focus_time' },
  { reason: 'working_location', matches: (input) => input.said.kind === 'working_location' },
  { reason: 'birthday', matches: (input) => input.said.kind === 'birthday' },
  { reason: 'all_day', matches: (input) => input.said.isAllDay },
]

/** `wanted`, or the reason of the first rule against attending. */
export function applyRules(input: RuleInput): Reason {
  return defaultRules.find((rule) => rule.matches(input))?.reason ?? 'wanted'
}

const OPT_OUT_WORD = /(^|[^\p{L}\p{N}_])#norecord(?![\p{L}\p{N}_])/iu

/** Whether one of these texts carries `#norecord`, the word by which anyone can keep the bot away. */
export function hasOptOutWord(texts: readonly string[]): boolean {
  return texts.some((text) => OPT_OUT_WORD.test(text))
}
