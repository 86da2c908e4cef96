import type pg from 'pg'
import { AppError } from '../../../base/errors.ts'
import { lockNames } from '../advisory-lock.ts'
import { SCHEMA } from '../database.ts'
import { migrations } from '../migrations/index.ts'
import { migrateTo, readSchemaVersion, requireCurrentSchema } from '../migrator.ts'
import type { Transaction } from '../tables.ts'
import { listTables, type Table, tableName } from './catalogue.ts'

/**
 * Brings a database that holds no data of ours to one version of the schema, with empty tables that nobody else can reach until the
 * transaction ends. Throws `database_not_empty`, or `schema_mismatch` where a newer program was there first.
 */
export async function prepareTarget(client: pg.Client, trx: Transaction, version: string): Promise<void> {
  await lockNames(trx, ['restore'])
  // A check put off until the commit would keep the tables it is for from being emptied or migrated before.
  await client.query('set constraints all immediate')
  await requireEmpty(client)
  const found = await readSchemaVersion(trx)
  if (found !== undefined && !(found in migrations)) await requireCurrentSchema(trx)
  // There is no way down from a later version, and nothing in it to lose.
  if (found !== undefined && isLater(found, version)) await client.query(`drop schema ${SCHEMA} cascade`)
  await migrateTo(trx, version)
  // What migrations put into their tables is in the backup as well, as it was last.
  await client.query(`truncate ${namesOf(await listTables(client))}`)
}

async function requireEmpty(client: pg.Client): Promise<void> {
  const tables = await listTables(client)
  if (tables.length === 0) return
  await client.query(`lock table ${namesOf(tables)} in access exclusive mode`)
  const filled: string[] = []
  for (const { name } of tables) {
    const { rows } = await client.query<{ filled: boolean }>(`select exists (select from ${tableName(name)}) as filled`)
    if (rows[0]?.filled) filled.push(name)
  }
  if (filled.length === 0) return
  throw new AppError(
    'database_not_empty',
    `The database already holds data (${filled.join(', ')}), and a backup is only loaded into an empty one. Nothing was changed; set DATABASE_URL to a new, empty database, or DATA_DIR to a new folder.`,
    { details: { tables: filled } },
  )
}

function isLater(some: string, other: string): boolean {
  const order = Object.keys(migrations)
  return order.indexOf(some) > order.indexOf(other)
}

function namesOf(tables: readonly Table[]): string {
  return tables.map(({ name }) => tableName(name)).join(', ')
}
