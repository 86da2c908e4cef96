import type { KyselyPlugin } from 'kysely'
import { type SyncDeps, syncCalendar } from '../../src/features/calendars/index.ts'

/** Syncs until the nth query, at which the process is killed: an open transaction is rolled back. Answers whether it came that far. */
export async function isKilledAt(deps: SyncDeps, calendarId: string, query: number): Promise<boolean> {
  let left = query
  const plugin: KyselyPlugin = {
    transformQuery({ node }) {
      left -= 1
      if (left === 0) throw new Error('killed')
      return node
    },
    transformResult: ({ result }) => Promise.resolve(result),
  }
  return await syncCalendar({ ...deps, db: deps.db.withPlugin(plugin) }, { calendarId }).then(
    () => false,
    (error) => {
      if (error.message !== 'killed') throw error
      return true
    },
  )
}
