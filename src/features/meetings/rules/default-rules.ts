import type { Reason } from '../meeting.ts'
import type { RuleInput } from './rule.ts'

interface DefaultRule {
  reason: Reason
  matches(input: RuleInput): boolean
}

/** The default rules in their order, asked where no rule of the administrator's decides: the first that matches says why not. */
const defaultRules: readonly DefaultRule[] = [
  { reason: 'opted_out', matches: (input) => input.optOutWord !== null },
  { reason: 'confidential', matches: (input) => input.said.visibility === 'confidential' },
  { reason: 'private', matches: (input) => input.said.visibility === 'private' },
  { reason: 'out_of_office', matches: (input) => input.said.kind === 'out_of_office' },
  { reason: 'focus_time', matches: (input) => input.said.kind === 'focus_time' },
  { reason: 'working_location', matches: (input) => input.said.kind === 'working_location' },
  { reason: 'birthday', matches: (input) => input.said.kind === 'birthday' },
  { reason: 'all_day', matches: (input) => input.said.isAllDay },
]

/** `wanted`, or the reason of the first default rule against attending. */
export function applyDefaultRules(input: RuleInput): Reason {
  return defaultRules.find((rule) => rule.matches(input))?.reason ?? 'wanted'
}
