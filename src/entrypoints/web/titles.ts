import { truncateText } from '../../base/text.ts'

/** The title as anybody may see it: that of a private entry is for its people only. Long ones are cut in lists. */
export function shownTitle(entry: { title: string; isPrivate: boolean }, noun: 'meeting' | 'event', maxLength = 160) {
  if (entry.isPrivate) return `Private ${noun}`
  return truncateText(entry.title, maxLength) || '(no title)'
}
