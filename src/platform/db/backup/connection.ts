import { CamelCasePlugin, Kysely, PostgresDialect, type PostgresPoolClient } from 'kysely'
import pg from 'pg'
import { openDatabase, SCHEMA } from '../database.ts'
import type { Database, Tables } from '../tables.ts'

/** One connection seen from two sides: COPY needs the driver, migrations need kysely, and both must be in one transaction. */
export interface Connection extends AsyncDisposable {
  client: pg.Client
  db: Database
}

// Values must be written the same way whatever the server or its user is set to, and no time limit may end a long copy. With row
// security off the server refuses to answer instead of leaving rows out.
const SETTINGS = {
  bytea_output: 'hex',
  client_encoding: 'UTF8',
  datestyle: 'ISO, YMD',
  extra_float_digits: '1',
  idle_in_transaction_session_timeout: '0',
  intervalstyle: 'postgres',
  lock_timeout: '0',
  row_security: 'off',
  statement_timeout: '0',
  timezone: 'UTC',
  transaction_timeout: '0',
}

/** Connects to a database of a version we support. Throws what `openDatabase` throws. */
export async function connect(url: string): Promise<Connection> {
  await (await openDatabase({ url, maxConnections: 1 })).destroy()
  const client = new pg.Client({
    connectionString: url,
    options: `-c search_path=${SCHEMA}`,
    application_name: 'rapporteur-backup',
    connectionTimeoutMillis: 15_000,
    keepAlive: true,
  })
  // A lost connection also fails the statement that is under way, and that is where it is handled.
  client.on('error', () => {})
  await client.connect()
  await client.query(
    `select set_config(name, value, false) from json_each_text($1) join pg_settings on lower(name) = key`,
    [JSON.stringify(SETTINGS)],
  )
  return { client, db: overClient(client), [Symbol.asyncDispose]: () => client.end() }
}

function overClient(client: pg.Client): Database {
  const shared = { query: client.query.bind(client), release: () => {} } as unknown as PostgresPoolClient
  return new Kysely<Tables>({
    dialect: new PostgresDialect({ pool: { options: {}, connect: async () => shared, end: async () => {} } }),
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
  })
}
