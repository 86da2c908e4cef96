import { type CivilDay, civilDayOf, dayNumberOf, daysInMonth, weekdayOf } from './civil-day.ts'
import type { Rule, RuleDay } from './parse-rule.ts'

/** Whether a day is one of the rule's. What the rule leaves open is taken from the day on which the series starts (RFC 5545, 3.3.10). */
export function createDayMatcher(rule: Rule, startDay: number): (day: number) => boolean {
  const { byMonth, byMonthDay, byYearDay, byWeekNo, byDay } = completed(rule, startDay)
  const isCountedInYear = rule.freq === 'YEARLY' && rule.byMonth === undefined
  return (day) => {
    const civil = civilDayOf(day)
    if (byMonth && !byMonth.includes(civil.month)) return false
    if (byMonthDay && !has(byMonthDay, civil.day, daysInMonth(civil.year, civil.month))) return false
    if (byYearDay && !has(byYearDay, dayOfYear(day, civil), dayNumberOf(civil.year, 12, 31) - newYear(civil) + 1))
      return false
    if (byWeekNo && !isInWeeks(byWeekNo, day, rule.weekStart)) return false
    return byDay === undefined || byDay.some((wanted) => isWeekday(wanted, day, civil, isCountedInYear))
  }
}

function completed(rule: Rule, startDay: number): Rule {
  const choosesDays = rule.byMonthDay ?? rule.byYearDay ?? rule.byDay
  if (choosesDays !== undefined) return rule
  const start = civilDayOf(startDay)
  const ownWeekday = { byDay: [{ weekday: weekdayOf(startDay), nth: 0 }] }
  if (rule.freq === 'WEEKLY' || (rule.freq === 'YEARLY' && rule.byWeekNo !== undefined))
    return { ...rule, ...ownWeekday }
  if (rule.freq === 'YEARLY') return { byMonth: [start.month], ...rule, byMonthDay: [start.day] }
  return rule.freq === 'MONTHLY' ? { ...rule, byMonthDay: [start.day] } : rule
}

/** Whether the list has the number, counted from the start or, negative, from the end of so many. */
function has(list: readonly number[], number: number, total: number): boolean {
  return list.includes(number) || list.includes(number - total - 1)
}

function newYear(civil: CivilDay): number {
  return dayNumberOf(civil.year, 1, 1)
}

function dayOfYear(day: number, civil: CivilDay): number {
  return day - newYear(civil) + 1
}

function isInWeeks(weeks: readonly number[], day: number, weekStart: number): boolean {
  const { year, week } = weekOf(day, weekStart)
  // The 28th of December always lies in the last week of its year.
  return has(weeks, week, weekOf(dayNumberOf(year, 12, 28), weekStart).week)
}

/** A week belongs to the year in which most of its days are, which is that of its fourth day. */
function weekOf(day: number, weekStart: number): { year: number; week: number } {
  const fourth = day - ((weekdayOf(day) - weekStart + 7) % 7) + 3
  const civil = civilDayOf(fourth)
  return { year: civil.year, week: Math.ceil(dayOfYear(fourth, civil) / 7) }
}

function isWeekday({ weekday, nth }: RuleDay, day: number, civil: CivilDay, isCountedInYear: boolean): boolean {
  if (weekdayOf(day) !== weekday) return false
  if (nth === 0) return true
  const first = isCountedInYear ? newYear(civil) : dayNumberOf(civil.year, civil.month, 1)
  const last = isCountedInYear ? dayNumberOf(civil.year, 12, 31) : dayNumberOf(civil.year, civil.month + 1, 0)
  return nth > 0 ? Math.floor((day - first) / 7) + 1 === nth : Math.floor((last - day) / 7) + 1 === -nth
}
