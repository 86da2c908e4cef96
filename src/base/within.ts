/**
 * Waits for work, at most for `ms`: then throws what `late` makes, which says what was waited for. The work itself goes on, and nobody asks any
 * more how it ends.
 */
export async function within<T>(ms: number, work: Promise<T>, late: () => Error): Promise<T> {
  const over = Promise.withResolvers<never>()
  const timer = setTimeout(() => over.reject(late()), ms)
  try {
    return await Promise.race([work, over.promise])
  } finally {
    clearTimeout(timer)
  }
}
