const LOOK_MS = 50
/** So often it is said what is still waited for. */
const SAY_MS = 10_000

/**
 * Asks until the answer is as it should be, and gives that answer; the test's own time limit ends it. While it lasts, who waits and the last answer
 * are printed now and then, so that a test that runs out of time says what it was waiting for.
 */
export async function until<T>(ask: () => Promise<T> | T, holds: (answer: T) => boolean): Promise<T> {
  const asked = new Error('Somebody waits')
  let sayAt = Date.now() + SAY_MS
  for (;;) {
    const answer = await ask()
    if (holds(answer)) return answer
    if (Date.now() >= sayAt) {
      console.warn('Still waiting', whereOf(asked), 'with the answer', answer)
      sayAt += SAY_MS
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}

/** The line of the test that waits. */
function whereOf({ stack = '' }: Error): string {
  return (
    stack
      .split('\n')
      .find((line) => line.includes('.test.ts'))
      ?.trim() ?? ''
  )
}
