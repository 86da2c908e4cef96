import { type RawBuilder, sql } from 'kysely'

/** A span of starts; whole days are looked for in a span of their own where one is given. */
export interface Between {
  from: Date
  to: Date
  wholeDays?: { from: Date; to: Date }
}

/** True for rows with `starts_at` and `is_all_day` that start in the span. */
export function startsBetween({ from, to, wholeDays = { from, to } }: Between): RawBuilder<boolean> {
  const [earliest, latest] = [from < wholeDays.from ? from : wholeDays.from, to > wholeDays.to ? to : wholeDays.to]
  // The first line is there for the index.
  return sql<boolean>`(starts_at >= ${earliest} and starts_at < ${latest}
    and case when is_all_day then starts_at >= ${wholeDays.from} and starts_at < ${wholeDays.to}
      else starts_at >= ${from} and starts_at < ${to} end)`
}
