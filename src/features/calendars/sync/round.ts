import { AppError } from '../../../base/errors.ts'
import type { Transaction } from '../../../platform/db/index.ts'
import { listStoredIds } from '../item-store.ts'
import type { Page, Removal } from '../providers/provider.ts'
import type { SyncContext } from './context.ts'

/** What a round came to. */
export interface Round {
  /** Items and removals that the provider delivered, whether or not they changed anything. */
  delivered: number
  cursor: string
  name: string | null | undefined
  timeZone: string | null | undefined
  /** How often in a row a cursor was refused before this round. */
  cursorLosses: number
  /** Whether all that is stored is expanded with it, and not only what it touched. */
  expandsAll: boolean
}

/** How a round ends: what is stored with its last transaction, or by itself where there was nothing to write. */
export interface Finish {
  withLast(trx: Transaction, round: Round, hasChanged: boolean): Promise<unknown>
  alone(round: Round): Promise<unknown>
}

/** Notes of a page what the round is to remember. Throws `cursor_missing` for a last page without a cursor. */
export function notePage(round: Omit<Round, 'cursor'>, page: Page): Round {
  round.delivered += page.items.length + page.removed.length
  if (page.name !== undefined) round.name = page.name
  if (page.timeZone !== undefined) round.timeZone = page.timeZone
  if (page.cursor === null) {
    throw new AppError(
      'cursor_missing',
      'The provider did not say where to go on from. Its changes are read again from where they were read before.',
      { retry: 'later' },
    )
  }
  return { ...round, cursor: page.cursor ?? '' }
}

/** The ids of stored items that a whole listing does not have, with what it could not use counted as there. */
export async function* findUnlisted(context: SyncContext, listed: { has(id: string): boolean }) {
  const { deps, source } = context
  for (let afterId = ''; ; ) {
    const stored = await listStoredIds(deps.db, source.id, afterId, 1_000)
    if (stored.length === 0) return
    afterId = stored.at(-1)?.id ?? afterId
    yield stored.filter(({ id }) => !listed.has(id)).map(({ id }): Removal => ({ id, version: '' }))
  }
}
