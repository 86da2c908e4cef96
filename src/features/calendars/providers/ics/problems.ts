import { cleanLine } from '../../../../base/text.ts'
import type { SourceProblem } from '../../event.ts'
import type { RuleProblem } from '../../recurrence/expand-rule.ts'
import { readVisibility } from './classify.ts'
import type { ParsedItem } from './parse-item.ts'

/** What had to be guessed or left out when an item was expanded, each kind once, as sentences. */
export function describeProblems(item: ParsedItem, ruleProblems: readonly RuleProblem[]): SourceProblem[] {
  const messages = new Map<string, string>()
  for (const { code, detail } of ruleProblems) messages.set(code, describeRule(code, cleanLine(detail, 120)))
  if (item.context.unknownZones.size > 0) {
    const names = [...item.context.unknownZones].slice(0, 3).map((name) => `"${cleanLine(name, 60)}"`)
    messages.set(
      'time_zone_unknown',
      `The time zone ${names.join(', ')} is not known; ${item.context.fallbackZone} was used, so the times may be wrong.`,
    )
  }
  if (item.faults.has('end_invalid')) {
    messages.set(
      'end_invalid',
      'The end of the event cannot be read or lies before its start; its usual length was used (an hour, or a day).',
    )
  }
  if (item.faults.has('event_unreadable')) {
    messages.set('event_unreadable', 'A part of the event has no readable start and was left out.')
  }
  if (item.faults.has('dates_unreadable')) {
    messages.set(
      'dates_unreadable',
      'Some single dates or exclusions of this series (RDATE, EXDATE) cannot be read and were left out.',
    )
  }
  const about = whatIsAffected(item)
  return [...messages].map(([code, message]) => ({ code, message, ...about }))
}

function describeRule(code: RuleProblem['code'], detail: string): string {
  return `${WRONG_RULES[code]} (${detail}); ${
    code === 'rrule_too_expensive'
      ? 'only the occurrences found until then count.'
      : 'without that rule, only its first date and single dates count.'
  }`
}

const WRONG_RULES: Readonly<Record<RuleProblem['code'], string>> = {
  rrule_invalid: 'The repetition of this event cannot be read',
  rrule_too_expensive: 'The repetition of this event asks for too much',
  rrule_too_frequent: 'This event repeats more often than hourly, which no meeting does',
}

/** A private title is shown to its people only, and problems are read by administrators. */
export function whatIsAffected(item: ParsedItem): { uid: string | null; title: string | null } {
  const component = item.master?.component ?? item.face
  const visibility = component ? readVisibility(component) : 'private'
  const isOpen = visibility === 'default' || visibility === 'public'
  const title = isOpen && component ? cleanLine(component.text('SUMMARY'), 200) : ''
  return { uid: cleanLine(item.uid, 1_000) || null, title: title || null }
}
