import { DAY_MS } from '../../base/time.ts'
import type { Moment } from './moment.ts'
import { parseRule, type Rule } from './parse-rule.ts'

/** An upper bound of the last start a rule gives; infinite where it has none or finding it would mean expanding it. */
export function lastStartOf(text: string, start: Moment): number {
  const { rule } = parseRule(text, start)
  if (rule === null) return start.at
  const until = rule.until === undefined ? Number.POSITIVE_INFINITY : rule.until + DAY_MS
  return Math.min(until, lastByCount(rule, start))
}

/** Each period of these plain rules has at least one occurrence, but for the few that fall into a gap of the clock. */
function lastByCount(rule: Rule, start: Moment): number {
  const hasOtherParts =
    rule.byMonth ?? rule.byMonthDay ?? rule.byYearDay ?? rule.byWeekNo ?? rule.bySetPos ?? rule.byHour
  const daysOfPeriod = rule.freq === 'WEEKLY' ? 7 : rule.freq === 'DAILY' && rule.byDay === undefined ? 1 : undefined
  if (rule.count === undefined || daysOfPeriod === undefined || hasOtherParts !== undefined)
    return Number.POSITIVE_INFINITY
  const periods = Math.ceil(rule.count * 1.1) + 2
  return start.at + periods * rule.interval * daysOfPeriod * DAY_MS
}
