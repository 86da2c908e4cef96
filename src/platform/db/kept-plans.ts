import { sql } from 'kysely'
import pg from 'pg'
import type { Transaction } from './tables.ts'
import { withoutNul } from './without-nul.ts'

/** Longer ones are of many rows at once, and seldom come again. */
const LONGEST_KEPT = 10_000
/** So often a text comes before it is kept, so that those that come once take no memory of the server. */
const SIGHTINGS = 3
const MOST_SIGHTED = 1_000
/** Each takes memory of every connection. */
const MOST_KEPT = 200

/**
 * A plan for any values instead of one for each; by indexes, one row after the other, since a table that was empty when it was planned may
 * have filled meanwhile. Without the rest servers before 18 believe of some plans that they cost so much that compiling them pays.
 */
const KEEP_PLANS = `select set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true),
  set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true), set_config('jit', 'off', true)`

/**
 * From here to the end of a transaction the server keeps the plans of statements that come again, on each connection. For transactions that look
 * up a few rows by their keys, many times a second: parsing and planning is most of what those cost.
 */
export async function keepPlans(trx: Transaction): Promise<void> {
  if (keeping.has(trx)) return
  keeping.add(trx)
  await sql.raw(KEEP_PLANS).execute(trx)
}

const keeping = new WeakSet<Transaction>()
const sightings = new Map<string, number>()
const names = new Map<string, string>()
let generation = 0

function nameOf(text: string): string | undefined {
  const known = names.get(text)
  if (known !== undefined) return known
  if (text.length > LONGEST_KEPT || names.size >= MOST_KEPT) return undefined
  const seen = (sightings.get(text) ?? 0) + 1
  if (sightings.size >= MOST_SIGHTED) sightings.clear()
  sightings.set(text, seen)
  if (seen < SIGHTINGS) return undefined
  sightings.delete(text)
  const name = `kept_${generation}_${names.size}`
  names.set(text, name)
  return name
}

/** True where a statement was kept and its table has other columns since: it has to be named anew. */
export function isKeptPlanStale(error: unknown): boolean {
  return (error as { routine?: unknown } | null)?.routine === 'RevalidateCachedQuery'
}

/** A connection whose statements have names, under which the server keeps them, in the transactions that want it, and whose values it can store. */
export class PlanKeepingClient extends pg.Client {
  #keeps = false
  #end: Error | undefined

  constructor(...config: ConstructorParameters<typeof pg.Client>) {
    super(...config)
    // Between two statements the server says only here why it ends a connection; afterwards it is only known that it is gone. The pool listens
    // to idle connections alone, and what nobody listens to would end the process.
    this.on('error', (error: Error) => {
      this.#end ??= error
    })
  }

  /** As pg's own, whose many signatures this one stands for. */
  override query(...args: unknown[]): never {
    if (this.#end !== undefined && typeof args.at(-1) !== 'function') return Promise.reject(this.#end) as never
    const [text] = args
    if (Array.isArray(args[1])) args[1] = withoutNul(args[1])
    const values = args[1]
    if (text === KEEP_PLANS) this.#keeps = true
    else if (text === 'commit' || text === 'rollback') this.#keeps = false
    else if (this.#keeps && args.length === 2 && typeof text === 'string') {
      const name = nameOf(text)
      if (name !== undefined) return this.#queryKept({ name, text, values: values as unknown[] }) as never
    }
    return Reflect.apply(super.query, this, args) as never
  }

  async #queryKept(config: pg.QueryConfig): Promise<pg.QueryResult> {
    try {
      return await super.query(config)
    } catch (error) {
      if (isKeptPlanStale(error)) {
        generation += 1
        names.clear()
      }
      throw error
    }
  }
}
