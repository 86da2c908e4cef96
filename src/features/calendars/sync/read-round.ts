import { AppError, isAppError } from '../../../base/errors.ts'
import { countCursorLoss } from '../calendar-store.ts'
import type { Page } from '../providers/provider.ts'
import { applyAtOnce } from './apply-at-once.ts'
import { applyInStages } from './apply-in-stages.ts'
import { readInput, type SyncContext } from './context.ts'
import type { Finish, Round } from './round.ts'

const MAX_RESTARTS = 2

/**
 * Reads what is new and writes it; everything, where there is no cursor or it was refused. The cursor goes with the last transaction, so
 * that a round that ends half-way is read again from its beginning and comes to the same.
 */
export async function readRound(context: SyncContext, finish: Finish): Promise<Round> {
  let { cursor, cursorLosses } = context.source
  for (let restarts = 0; ; ) {
    try {
      const pages =
        cursor === null
          ? context.provider.listAll(readInput(context))
          : context.provider.listChanges({ ...readInput(context), cursor })
      // A cursor that is taken again ends the count of those refused.
      return await applyPages(context, pages, cursor, cursor === null ? cursorLosses : 0, finish)
    } catch (error) {
      if (isAppError(error, 'cursor_refused') && cursor !== null) {
        cursor = null
        cursorLosses = await countCursorLoss(context.deps.db, context.source.id)
        refuseTooMany(context, cursorLosses)
      } else if (!isAppError(error, 'page_refused') || ++restarts > MAX_RESTARTS) throw error
    }
  }
}

const MAX_LOSSES = 3

/** Some calendars refuse every cursor after minutes: they are read whole, but only when their turn comes, less and less often. */
function refuseTooMany({ source, deps }: SyncContext, losses: number): void {
  if (losses <= MAX_LOSSES || source.nextSyncAt <= deps.clock.now()) return
  throw new AppError(
    'cursor_refused_often',
    'The calendar has to be read whole each time, and is read less often for that.',
    {
      retry: 'later',
      retryAfterMs: source.nextSyncAt.getTime() - deps.clock.now().getTime(),
      details: { concerns: 'turn' },
    },
  )
}

async function applyPages(
  context: SyncContext,
  pages: AsyncIterable<Page>,
  cursor: string | null,
  cursorLosses: number,
  finish: Finish,
): Promise<Round> {
  const iterator = pages[Symbol.asyncIterator]()
  try {
    const first = await iterator.next()
    if (first.done) throw new Error('A provider ended a round without a page.')
    const hasMore = first.value.cursor === undefined
    const isAtOdds = context.expandedUntil === null || context.writer.isHalfWay
    const expandsAll = cursor === null || isAtOdds || (hasMore && first.value.isWhole)
    const round = { delivered: 0, cursorLosses, name: undefined, timeZone: undefined, expandsAll }
    return hasMore || expandsAll
      ? await applyInStages(context, first.value, iterator, round, finish)
      : await applyAtOnce(context, first.value, round, finish)
  } finally {
    await iterator.return?.()
  }
}
