import { TRANSCRIPT_SIGNAL } from './transcript-signal.ts'

/** What announces changes: the process's one connection for signals. */
interface Signals {
  subscribe(channel: string, heard: (payload: string | undefined) => void): () => void
}

/** One reader's view of what changes in one meeting. */
interface TranscriptWatch extends Disposable {
  /**
   * Resolves with `changed` when the transcript may have changed since the last call, at once if it already has; with `quiet` after
   * `maxMs` without news; with `closed` when the watch or the feed ends.
   */
  next(maxMs: number): Promise<'changed' | 'quiet' | 'closed'>
}

/** Tells the live readers of this process what changes, all of them over one connection. */
export interface TranscriptFeed extends Disposable {
  watch(meetingId: string): TranscriptWatch
}

interface Watcher {
  meetingId: string
  hasNews: boolean
  wake: (() => void) | undefined
}

export function createTranscriptFeed(signals: Signals): TranscriptFeed {
  const watchers = new Set<Watcher>()
  let unsubscribe: (() => void) | undefined
  let isClosed = false

  const heard = (meetingId: string | undefined) => {
    for (const watcher of watchers) {
      if (meetingId && watcher.meetingId !== meetingId) continue
      watcher.hasNews = true
      watcher.wake?.()
    }
  }

  return {
    watch(meetingId) {
      const watcher: Watcher = { meetingId, hasNews: false, wake: undefined }
      watchers.add(watcher)
      unsubscribe ??= signals.subscribe(TRANSCRIPT_SIGNAL, heard)
      const isOpen = () => !isClosed && watchers.has(watcher)
      return {
        async next(maxMs) {
          if (isOpen() && !watcher.hasNews) await sleep(watcher, maxMs)
          if (!isOpen()) return 'closed'
          const { hasNews } = watcher
          watcher.hasNews = false
          return hasNews ? 'changed' : 'quiet'
        },
        [Symbol.dispose]() {
          watchers.delete(watcher)
          watcher.wake?.()
        },
      }
    },
    [Symbol.dispose]() {
      isClosed = true
      unsubscribe?.()
      for (const watcher of watchers) watcher.wake?.()
    },
  }
}

function sleep(watcher: Watcher, maxMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, maxMs)
    watcher.wake = () => {
      clearTimeout(timer)
      resolve()
    }
  })
}
