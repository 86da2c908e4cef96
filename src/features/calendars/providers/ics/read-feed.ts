import { createBreather } from '../../../../base/breather.ts'
import type { SourceProblem } from '../../event.ts'
import type { SourceItem } from '../provider.ts'
import { checkIsCalendar } from './check-calendar.ts'
import { createFeedCollector } from './collect-events.ts'
import { readLines } from './content-lines.ts'
import { readItem } from './read-item.ts'
import { createSplitter } from './split-feed.ts'

interface IcsFeed {
  name: string | null
  /** The calendar's own zone, if it names one that is known. */
  timeZone: string | null
  items: SourceItem[]
  problems: SourceProblem[]
}

const MAX_PROBLEMS = 200

/**
 * Reads an iCalendar text. Each event stands alone: one that cannot be read becomes a problem and the others are read. Throws an `AppError`
 * (`ics_not_calendar`, `ics_truncated`) for what is no whole calendar, which is not the same as an empty one. `now` decides which
 * behaviour of unnamed time zones is compared.
 */
export async function readIcsFeed(text: string, { now = new Date() }: { now?: Date } = {}): Promise<IcsFeed> {
  checkIsCalendar(text)
  const breathe = createBreather()
  const collector = createFeedCollector(now)
  const splitter = createSplitter(collector.visitor)
  await readLines(text, (line) => splitter.take(line))
  splitter.finish()

  const { name, timeZone, draftsByUid, problems } = collector.result()
  const items: SourceItem[] = []
  for (const [uid, drafts] of draftsByUid) {
    // Each is looked for once, and then known.
    for (const { tzids, resolveZone } of drafts) {
      for (const tzid of tzids) {
        resolveZone(tzid)
        await breathe()
      }
    }
    const read = readItem(uid, drafts, timeZone ?? 'UTC')
    draftsByUid.delete(uid)
    if (read.item) items.push(read.item)
    problems.push(...read.problems)
    await breathe()
  }
  return { name, timeZone, items, problems: capProblems(problems) }
}

function capProblems(problems: SourceProblem[]): SourceProblem[] {
  if (problems.length <= MAX_PROBLEMS) return problems
  const message = `${problems.length - MAX_PROBLEMS} more problems of this calendar are not listed.`
  return [...problems.slice(0, MAX_PROBLEMS), { code: 'more_problems', message, uid: null, title: null }]
}
