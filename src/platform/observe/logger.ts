import { type Logger as PinoLogger, pino } from 'pino'
import { type Clock, systemClock } from '../../base/clock.ts'
import type { LogDestination } from './log-destination.ts'
import { createReadableLines } from './readable-lines.ts'
import { redact } from './redact.ts'
import { redactText } from './redact-text.ts'

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
type LogLevel = (typeof LOG_LEVELS)[number]

/** Data of a log line. An error goes under `error`. Secrets are taken out, but what need not be known is better not put in. */
export type LogFields = Record<string, unknown>

type Write = (message: string, fields?: LogFields) => void

/** Writes lines of constant text with data in fields. error: our bug; warn: perhaps ours; info: also what a user got wrong. */
export interface Logger {
  readonly trace: Write
  readonly debug: Write
  readonly info: Write
  readonly warn: Write
  readonly error: Write
  readonly fatal: Write
  /** A logger whose lines all carry these fields as well. */
  readonly child: (fields: LogFields) => Logger
}

interface LoggerOptions {
  level: LogLevel
  /** Standard output if not given. */
  destination?: LogDestination
  /** Lines for people instead of JSON; by default when standard output is a terminal. */
  pretty?: boolean
  clock?: Clock
}

/** The logger of a process. Writes at once and in order, so that the last lines before a crash are not lost. */
export function createLogger(options: LoggerOptions): Logger {
  const clock = options.clock ?? systemClock
  const isPretty = options.pretty ?? (options.destination === undefined && process.stdout.isTTY === true)
  const plain = options.destination ?? pino.destination({ fd: 1, sync: true })
  const sink = isPretty ? createReadableLines(plain, { colours: options.destination === undefined }) : plain
  return wrap(
    pino(
      {
        level: options.level,
        messageKey: 'message',
        base: { pid: process.pid },
        timestamp: () => `,"time":"${clock.now().toISOString()}"`,
        formatters: { level: (label) => ({ level: label }) },
        // pino's own serialisers would write errors out before we have seen them.
        serializers: {},
      },
      sink,
    ),
  )
}

function wrap(logger: PinoLogger): Logger {
  const writerOf =
    (level: Exclude<LogLevel, 'silent'>): Write =>
    (message, fields) => {
      if (!logger.isLevelEnabled(level)) return
      logger[level](safeFields(level === 'info' ? inBrief(fields) : fields), redactText(message))
    }
  return {
    trace: writerOf('trace'),
    debug: writerOf('debug'),
    info: writerOf('info'),
    warn: writerOf('warn'),
    error: writerOf('error'),
    fatal: writerOf('fatal'),
    child: (fields) => wrap(logger.child(safeFields(fields))),
  }
}

const MAX_SAID = 300

/**
 * What a user got wrong is a sentence without a stack: it is no bug of ours, and whoever can get things wrong at will, from outside and without
 * signing in, must not fill the disk by it.
 */
function inBrief(fields: LogFields = {}): LogFields {
  const entries = Object.entries(fields).map(([name, value]) => [name, value instanceof Error ? said(value) : value])
  return Object.fromEntries(entries)
}

function said(error: Error & { code?: unknown }): LogFields {
  return {
    type: error.name,
    ...(error.code === undefined ? {} : { code: error.code }),
    message: error.message.slice(0, MAX_SAID),
  }
}

const RESERVED = new Set(['level', 'time', 'pid', 'message'])

/** A field named like one of the line's own would make it appear twice in the JSON, so it gets an underscore. */
function safeFields(fields: LogFields = {}): LogFields {
  const entries = Object.entries(redact(fields) as LogFields)
  return Object.fromEntries(entries.map(([name, value]) => [RESERVED.has(name) ? `${name}_` : name, value]))
}
