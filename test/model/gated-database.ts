import { CamelCasePlugin, Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely'
import pg from 'pg'
import type { PgBoss } from 'pg-boss'
import { SCHEMA } from '../../src/platform/db/database.ts'
import type { Database, Tables } from '../../src/platform/db/tables.ts'
import type { CrashGate } from './crash-gate.ts'

/** Statements on such a connection take the queue's time from the test's clock. */
export const ON_TEST_CLOCK = `-c search_path=${SCHEMA} -c pgboss.test_clock=on`

export interface GatedDatabase {
  db: Database
  /** Breaks the connections in use, so that the server rolls back what is open, as it does for a killed process. */
  breakAll(): void
}

/** One worker's connections, with its gate before and behind every statement. */
export function openGatedDatabase(url: string, gate: CrashGate): GatedDatabase {
  const pool = new pg.Pool({ connectionString: url, max: 4, options: ON_TEST_CLOCK })
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  const inUse = new Set<pg.PoolClient>()
  const gated = {
    async connect() {
      const client = await gate.call(async () => {
        const connected = await pool.connect()
        // Who was killed or cut off meanwhile does not come back to give it up.
        if (gate.state === 'dead' || gate.state === 'cut') connected.release(true)
        else inUse.add(connected)
        return connected
      })
      return {
        query: (text: string, values: unknown[]) => gate.call(() => client.query(text, values)),
        release() {
          // What was cut off in the middle of a transaction must not be used again.
          if (inUse.delete(client)) client.release(gate.state !== 'open')
        },
      } as unknown as PostgresPoolClient
    },
    end: () => pool.end(),
  } as PostgresPool
  const db = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool: gated }),
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
  })
  return {
    db,
    breakAll() {
      for (const client of inUse) client.release(true)
      inUse.clear()
    },
  }
}

/** The queue as one worker reaches it. Nothing is fetched more often than `fetchEveryMs`: an idle look costs what a real one does. */
export function gateBoss(
  boss: PgBoss,
  gate: CrashGate,
  {
    nowMs,
    fetchEveryMs,
    redelivery,
  }: { nowMs: () => number; fetchEveryMs: number; redelivery: { past: unknown[]; again: unknown[] } },
): PgBoss {
  let fetchedMs = Number.NEGATIVE_INFINITY
  const gatedCall =
    (target: object, work: (...args: unknown[]) => unknown) =>
    (...args: unknown[]) =>
      gate.call(async () => work.apply(target, args))
  return new Proxy(boss, {
    get(target, name) {
      const value = Reflect.get(target, name) as unknown
      if (typeof value !== 'function') return value
      if (name === 'getDb') {
        const db = target.getDb()
        return () => ({ executeSql: gatedCall(db, db.executeSql as (...args: unknown[]) => unknown) })
      }
      const call = gatedCall(target, value as (...args: unknown[]) => unknown)
      if (name !== 'fetch') return call
      return async (...args: unknown[]) => {
        if (nowMs() - fetchedMs < fetchEveryMs) return []
        fetchedMs = nowMs()
        const fresh = (await call(...args)) as { id: string }[]
        for (const job of fresh) redelivery.past.push(job)
        return [...redelivery.again.splice(0), ...fresh.toReversed()]
      }
    },
  })
}
