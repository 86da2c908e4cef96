import { isDay, isTimeZone } from '../../base/time.ts'
import type { WebContext } from './route.ts'
import type { WebDeps } from './web-deps.ts'
import { badDate, badTimeZone, notFound } from './web-errors.ts'

/** The zone in which a reader wants times: `tz=`, else ours. Throws `bad_time_zone`. */
export function readZone(c: WebContext, deps: Pick<WebDeps, 'server'>): string {
  const zone = c.req.query('tz')?.trim()
  if (!zone) return deps.server.timeZone
  if (!isTimeZone(zone) || !isShowable(zone)) throw badTimeZone(zone)
  return zone
}

/** What isTimeZone knows and what times can be printed in are two libraries' matters. */
function isShowable(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone: zone })
    return true
  } catch {
    return false
  }
}

/** The day that `date=` asks for; `today` where it is not given. Throws `bad_date`. */
export function readDay(c: WebContext, today: string): string {
  const day = c.req.query('date')?.trim()
  if (!day) return today
  if (!isDay(day) || day < '2000-01-01' || day > '2100-12-31') throw badDate(day)
  return day
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** The id in the address. What is none is not found, like what is nobody's. */
export function readId(c: WebContext): string {
  const id = c.req.param('id') ?? ''
  if (!UUID.test(id)) throw notFound()
  return id.toLowerCase()
}

/** An address of ours with a query; parameters without a value are left out. */
export function linkTo(path: string, query: Record<string, string | undefined> = {}): string {
  const set = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return set.length === 0 ? path : `${path}?${new URLSearchParams(set)}`
}
