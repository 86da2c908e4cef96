import { cleanLine } from '../../../../base/text.ts'
import type { RuleProblem } from '../../../../formats/recurrence/expand-rule.ts'
import type { SourceProblem } from '../../event.ts'
import { readVisibility } from './classify.ts'
import type { ItemFault, ParsedItem } from './parse-item.ts'

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
  if (item.context.guessedZones.size > 0) {
    const guesses = [...item.context.guessedZones].slice(0, 3)
    const said = guesses.map(([name, zone]) => `${zone} for "${cleanLine(name, 60)}"`)
    messages.set(
      'time_zone_guessed',
      `The time zone had to be guessed by its name: ${said.join(', ')}. If its clock is another one, the times are wrong.`,
    )
  }
  for (const fault of item.faults) messages.set(fault, FAULTS[fault])
  const about = whatIsAffected(item)
  return [...messages].map(([code, message]) => ({ code, message, ...about }))
}

const FAULTS: Record<ItemFault, string> = {
  end_invalid:
    'The end of the event cannot be read or lies before its start; its usual length was used (an hour, or a day).',
  event_unreadable: 'A part of the event has no readable start and was left out.',
  dates_unreadable: 'Some single dates or exclusions of this series (RDATE, EXDATE) cannot be read and were left out.',
  series_without_master:
    'The event says that it repeats and that it is a part of a series, which is not there; it was taken for the series itself.',
  uid_shared:
    'Several events stand under one UID, which should have one each; all were kept, each by the time at which it starts.',
  revision_unclear:
    'The calendar has this event several times for one date and does not say which one is newer; the last one counts.',
  cancelled_by_title:
    'The title says that the event was cancelled, and the calendar shows its time as free; it counts as cancelled.',
}

function describeRule(code: RuleProblem['code'], detail: string): string {
  return `${WRONG_RULES[code].what} (${detail}); ${WRONG_RULES[code].so}.`
}

const WRONG_RULES: Readonly<Record<RuleProblem['code'], { what: string; so: string }>> = {
  rrule_invalid: {
    what: "A part of this event's repetition cannot be read",
    so: 'its dates are those that it has without that part',
  },
  rrule_too_expensive: {
    what: 'The repetition of this event asks for too much',
    so: 'only the occurrences found until then count',
  },
  rrule_too_frequent: {
    what: 'This event repeats more often than hourly, which no meeting does',
    so: 'without that rule, only its first date and single dates count',
  },
}

/** A private title is shown to its people only, and problems are read by administrators. */
export function whatIsAffected(item: ParsedItem): { uid: string | null; title: string | null } {
  const component = item.master?.component ?? item.face
  const visibility = component ? readVisibility(component) : 'private'
  const isOpen = visibility === 'default' || visibility === 'public'
  const title = isOpen && component ? cleanLine(component.text('SUMMARY'), 200) : ''
  return { uid: cleanLine(item.uid, 1_000) || null, title: title || null }
}
