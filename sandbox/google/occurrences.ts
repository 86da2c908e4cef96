import type { Calendar, Entry } from './calendar.ts'
import type { Doubts } from './doubts.ts'
import type { EventBody, When } from './event.ts'
import { expandSeries, instanceOf } from './series.ts'
import { instantOfWhen, stampOf } from './when.ts'

const expanded = new WeakMap<EventBody, { until: number; starts: readonly When[] }>()

/** The original starts of a series up to an instant, remembered for as long as nobody changes the series. */
export function startsOf(series: EventBody, until: number, calendar: Calendar, doubts: Doubts): readonly When[] {
  const known = expanded.get(series)
  if (known && known.until >= until) {
    return known.starts.filter((start) => instantOfWhen(start, calendar.timeZone) <= until)
  }
  const { gapTimes } = doubts
  const starts = expandSeries(series, { until, calendarZone: calendar.timeZone, gapTimes })
  expanded.set(series, { until, starts })
  return starts
}

/** An occurrence, a single event, or what is left of one, as a calendar lists it. */
export type Row = Pick<Entry, 'body' | 'form'>

/** The occurrences of a series in a calendar up to an instant, each as its exception says or as the series does. */
export function rowsOfSeries(calendar: Calendar, series: EventBody, until: number, doubts: Doubts): Row[] {
  const exceptions = new Map(calendar.exceptionsOf(series.id).map((entry) => [entry.body.id, entry]))
  const regular = startsOf(series, until, calendar, doubts).flatMap((start): Row[] => {
    const id = `${series.id}_${stampOf(start)}`
    return exceptions.has(id) ? [] : [{ body: instanceOf(series, start), form: 'full' }]
  })
  return [...exceptions.values(), ...regular]
}

/** What stands under an id, be it the id of an occurrence that nothing was changed in. */
export function findRow(calendar: Calendar, id: string, doubts: Doubts): Row | undefined {
  const entry = calendar.entries.get(id)
  if (entry) return entry
  const [, seriesId = '', stamp = ''] = /^(.+)_(\d{8}(?:T\d{6}Z)?)$/.exec(id) ?? []
  const series = calendar.entries.get(seriesId)
  if (!series?.body.recurrence || series.form !== 'full' || series.body.status === 'cancelled') return undefined
  const until = Date.parse(
    stamp.replace(/^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)Z)?$/, (_, y, m, d, h = '23', min = '59', s = '59') => {
      return `${y}-${m}-${d}T${h}:${min}:${s}Z`
    }),
  )
  const start = startsOf(series.body, until + 86_400_000, calendar, doubts).find((one) => stampOf(one) === stamp)
  return start && { body: instanceOf(series.body, start), form: 'full' }
}
