import { sql } from 'kysely'
import { finalStates } from './bot-state.ts'

/** A bot that is over for so long has nobody left who might still write for it. */
export const REST_MS = 20_000

/** Whether the bot `b` of a statement is over for so long. */
export const isAtRest = (now: Date) =>
  sql<boolean>`(b.state = any(${finalStates}::text[]) and b.updated_at <= ${now}::timestamptz - interval '1 millisecond' * ${REST_MS})`
