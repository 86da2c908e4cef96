import { sql } from 'kysely'
import type { Database } from '../../platform/db/index.ts'

/** Problems of one kind in all calendars together. */
export interface ProblemGroup {
  code: string
  entries: number
  calendars: number
  /** The sentence of one of them. */
  example: string
  /** The calendars, by owner. */
  where: { id: string; owner: string }[]
}

/** What could not be read or only with a guess, grouped by kind, the most frequent first. */
export async function listProblemGroups(db: Database): Promise<ProblemGroup[]> {
  const { rows } = await sql<ProblemGroup>`
    select p.code, count(*)::int as entries, count(distinct p.calendar_id)::int as calendars, min(p.message) as example,
      jsonb_agg(distinct jsonb_build_object('owner', c.owner_email, 'id', c.id)) as "where"
    from calendar_problem p join calendar c on c.id = p.calendar_id
    where c.removed_at is null
    group by p.code order by entries desc, p.code`.execute(db)
  return rows
}

/** A problem as a page may show it. */
export interface ShownProblem {
  code: string
  message: string
  title: string | null
  /** Whether the entry is known to be private, so that its title is for its people only. */
  isPrivate: boolean
  noticedAt: Date
}

export async function listShownProblems(db: Database, calendarId: string, limit: number): Promise<ShownProblem[]> {
  const { rows } = await sql<ShownProblem>`
    select p.code, p.message, p.title, p.noticed_at, exists (
      select from event e where e.calendar_id = p.calendar_id and e.uid = p.uid
        and e.visibility in ('private', 'confidential')) as is_private
    from calendar_problem p where p.calendar_id = ${calendarId} order by p.id limit ${limit}`.execute(db)
  return rows
}
