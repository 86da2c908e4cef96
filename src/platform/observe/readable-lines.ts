import { styleText } from 'node:util'
import { cleanLine } from '../../base/text.ts'
import type { LogDestination } from './log-destination.ts'

const MAX_FIELD_LENGTH = 300

const COLOURS = { fatal: 'red', error: 'red', warn: 'yellow', info: 'green', debug: 'gray', trace: 'gray' } as const

/** Turns JSON log lines into one line each for a person at a terminal: time, level, message, fields. */
export function createReadableLines(target: LogDestination, options: { colours: boolean }): LogDestination {
  return { write: (line) => target.write(`${readableLine(line, options.colours)}\n`) }
}

function readableLine(line: string, colours: boolean): string {
  const { time, level, message, pid: _, ...fields } = JSON.parse(line) as Record<string, unknown>
  const words = Object.entries(fields).map(([name, value]) => `${name}=${cleanLine(readable(value), MAX_FIELD_LENGTH)}`)
  const clockTime = new Date(String(time)).toTimeString().slice(0, 8)
  return [clockTime, coloured(String(level), colours), cleanLine(String(message)), ...words].join(' ')
}

function coloured(level: string, colours: boolean): string {
  const label = level.toUpperCase().padEnd(5)
  const colour = COLOURS[level as keyof typeof COLOURS]
  // styleText itself leaves colours out where the terminal has none.
  return colours && colour ? styleText(colour, label) : label
}

function readable(value: unknown): string {
  if (typeof value === 'string') return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value)
  if (isSerialisedError(value)) return readableError(value)
  return JSON.stringify(value) ?? ''
}

interface SerialisedError {
  type: string
  message: string
  code?: unknown
  cause?: unknown
  stack?: string
}

function isSerialisedError(value: unknown): value is SerialisedError {
  return typeof value === 'object' && value !== null && 'type' in value && 'message' in value
}

function readableError(error: SerialisedError): string {
  const code = error.code === undefined ? error.type : String(error.code)
  // Our own failures say what to do; a bug is found by where it happened.
  const place = error.type === 'AppError' ? undefined : /^\s+at (.+)$/m.exec(error.stack ?? '')?.[1]
  const cause = isSerialisedError(error.cause) ? ` (because of ${readableError(error.cause)})` : ''
  return `${code}: ${error.message}${place ? ` at ${place}` : ''}${cause}`
}
