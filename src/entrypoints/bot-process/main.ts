import { runBotHost } from '../../features/attendance/index.ts'

/** A browser that hangs must not keep this process alive after its worker. */
const LAST_RESORT_MS = 10_000

// The worker decides when its bots leave; a Ctrl-C reaches the whole group of processes and is the worker's to answer.
process.on('SIGINT', () => {})

await runBotHost({
  send(message) {
    // The channel may close under a bot that is still leaving.
    if (process.connected) process.send?.(message, undefined, undefined, () => {})
  },
  onMessage: (listener) => void process.on('message', listener),
  onClosed(listener) {
    const end = () => {
      setTimeout(() => process.exit(1), LAST_RESORT_MS).unref()
      listener()
    }
    process.on('disconnect', end)
    process.on('SIGTERM', end)
  },
})
process.exit(0)
