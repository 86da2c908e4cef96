import type { LogDestination } from '../../src/platform/observe/log-destination.ts'

/** A destination that keeps every line. */
export interface LogCapture extends LogDestination {
  /** The JSON lines so far, parsed. */
  entries(): Record<string, unknown>[]
  /** All that was written, as it was written. */
  text(): string
}

export function createLogCapture(): LogCapture {
  const lines: string[] = []
  return {
    write: (line) => {
      lines.push(line)
    },
    entries: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    text: () => lines.join(''),
  }
}
