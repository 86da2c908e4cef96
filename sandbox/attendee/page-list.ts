/** One page of a list, by cursor, with absolute links to its neighbours. Undefined where the cursor is none of ours. */
export function pageOf<T>(items: readonly T[], url: URL, size: number) {
  const cursor = url.searchParams.get('cursor')
  const from = cursor === null ? 0 : readCursor(cursor)
  if (from === undefined) return undefined
  const link = (at: number) => {
    const next = new URL(url)
    next.searchParams.set('cursor', Buffer.from(`p=${at}`).toString('base64url'))
    return next.href
  }
  return {
    next: from + size < items.length ? link(from + size) : null,
    previous: from > 0 ? link(Math.max(0, from - size)) : null,
    results: items.slice(from, from + size),
  }
}

function readCursor(cursor: string): number | undefined {
  const [, at] = /^p=(\d{1,9})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  return at === undefined ? undefined : Number(at)
}
