// Whether the reader is moving the page. Listening to what hands do, not to the page's scrolling, tells it from our own.

import { stopScrolling } from './page.ts'

const QUIET_MS = 1_000
const scrollKeys = new Set(['PageUp', 'PageDown', 'Home', 'End', 'ArrowUp', 'ArrowDown', ' '])

let movedAt = Number.NEGATIVE_INFINITY

/** Whether hands were on the page within the last second. */
export function isReaderMoving(): boolean {
  return performance.now() - movedAt < QUIET_MS
}

/** Calls `moved` whenever the reader's own hands have moved the page. */
export function watchGestures(moved: () => void): void {
  const touch = () => {
    if (document.documentElement.scrollHeight <= window.innerHeight) return
    movedAt = performance.now()
    stopScrolling()
  }
  for (const kind of ['wheel', 'touchmove'] as const) window.addEventListener(kind, touch, { passive: true })
  window.addEventListener('keydown', ({ key, target }) => {
    if (scrollKeys.has(key) && !(target instanceof HTMLMediaElement)) touch()
  })
  window.addEventListener('pointerdown', ({ clientX, target }) => {
    if (target === document.documentElement && clientX >= document.documentElement.clientWidth) touch()
  })
  window.addEventListener(
    'scroll',
    () => {
      if (!isReaderMoving()) return
      // A page goes on rolling after the hand has left it.
      movedAt = performance.now()
      moved()
    },
    { passive: true },
  )
}
