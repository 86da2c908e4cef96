import { CamelCasePlugin, Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { AppError } from '../../base/errors.ts'
import { translateDatabaseError } from './errors.ts'
import { PlanKeepingClient } from './kept-plans.ts'
import type { Database, Tables } from './tables.ts'

/** Our tables live in a schema of their own, so that a shared database keeps its other tenants apart. */
export const SCHEMA = 'rapporteur'
const OLDEST_SERVER = 15
/** Less than it takes until another worker may claim a bot. */
const IDLE_IN_TRANSACTION_MS = 15_000

interface OpenDatabaseOptions {
  url: string
  /** Connections kept at most. */
  maxConnections?: number
  /** Told about connections that broke while idle; the pool replaces them. */
  onIdleError?: (error: Error) => void
}

/** Opens a pool of connections to our schema. Throws `database_unreachable` or `database_too_old` with what to do. */
export async function openDatabase(options: OpenDatabaseOptions): Promise<Database> {
  const pool = new pg.Pool({
    Client: PlanKeepingClient,
    connectionString: options.url,
    max: options.maxConnections ?? 5,
    // A process that stands still, or is cut off, in the middle of a transaction must not keep others from the rows it has locked.
    options: `-c search_path=${SCHEMA} -c idle_in_transaction_session_timeout=${IDLE_IN_TRANSACTION_MS}`,
    application_name: 'rapporteur',
    connectionTimeoutMillis: 15_000,
    keepAlive: true,
  })
  pool.on('error', (error) => options.onIdleError?.(error))
  const db = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool }),
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
  })
  try {
    await requireServer(db)
  } catch (error) {
    await db.destroy()
    throw translateDatabaseError(error)
  }
  return db
}

async function requireServer(db: Database): Promise<void> {
  const { rows } = await sql<{ version: number }>`select current_setting('server_version_num')::int as version`.execute(
    db,
  )
  const major = Math.floor((rows[0]?.version ?? 0) / 10_000)
  if (major < OLDEST_SERVER) {
    throw new AppError(
      'database_too_old',
      `The database is PostgreSQL ${major}; Rapporteur needs version ${OLDEST_SERVER} or later.`,
    )
  }
}

/** How far this machine's clock and the database's are apart, in milliseconds. */
export async function readClockSkewMs(db: Database): Promise<number> {
  const asked = Date.now()
  const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(db)
  const between = (asked + Date.now()) / 2
  return Math.abs((rows[0]?.now.getTime() ?? between) - between)
}
