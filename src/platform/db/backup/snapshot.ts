import { AppError } from '../../../base/errors.ts'
import { readSchemaVersion } from '../migrator.ts'
import { countTableRows, listReferences, listTables, readSequences, type Table, tableName } from './catalogue.ts'
import type { Connection } from './connection.ts'
import type { BackupHeader, BackupTable } from './header.ts'
import { orderTables } from './order-tables.ts'

const ABOUT =
  'A backup of the schema rapporteur, loaded with `npx rapporteur restore FILE`. The job queue is not in it: it is made anew from the plan.'
const ATTEMPTS = 5

/**
 * Begins a transaction that sees the database as it is at one instant. The tables are locked against changes of their form (and of that
 * only) before the instant is fixed, since COPY looks up a table's form as it is when it runs.
 */
export async function beginSnapshot({ client }: Connection): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const tables = await listTables(client)
    if (tables.length === 0) throw notSetUp()
    await client.query('begin isolation level repeatable read, read only')
    await client.query(`lock table ${tables.map(({ name }) => tableName(name)).join(', ')} in access share mode`)
    if (haveSameNames(tables, await listTables(client))) return
    await client.query('rollback')
  }
  throw new AppError('database_busy', 'The database is being migrated. Make the backup when that is done.', {
    retry: 'later',
  })
}

export async function describeSnapshot({ client, db }: Connection, createdAt: Date): Promise<BackupHeader> {
  const schemaVersion = await readSchemaVersion(db)
  if (schemaVersion === undefined) throw notSetUp()
  const ordered = orderTables(await listTables(client), await listReferences(client))
  const tables: BackupTable[] = []
  for (const table of ordered) {
    const rows = await countTableRows(client, table)
    tables.push({ name: table.name, columns: table.columns, rows, sequences: await readSequences(client, table) })
  }
  const secrets = await db.selectFrom('secretFingerprint').select('name').orderBy('name').execute()
  const { rows } = await client.query<{ server_version: string }>('show server_version')
  return {
    about: ABOUT,
    schemaVersion,
    createdAt: createdAt.toISOString(),
    serverVersion: rows[0]?.server_version ?? 'unknown',
    secretNames: secrets.map(({ name }) => name),
    tables,
  }
}

function haveSameNames(some: readonly Table[], others: readonly Table[]): boolean {
  return some.map(({ name }) => name).join() === others.map(({ name }) => name).join()
}

function notSetUp(): AppError {
  return new AppError(
    'database_not_set_up',
    'The database has never been set up, so there is nothing to back up. Is DATABASE_URL, or DATA_DIR, the right one?',
  )
}
