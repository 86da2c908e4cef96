import { pipeline } from 'node:stream/promises'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { databaseErrorCode } from '../errors.ts'
import { listTables, tableName } from './catalogue.ts'
import { damaged, newerBackup } from './errors.ts'
import type { BackupTable } from './header.ts'
import type { OpenBackup } from './open-backup.ts'
import { RowReader } from './rows.ts'

/** Loads every row of a backup into tables that are empty, and sets the sequences to where they stood. */
export async function loadTables(
  client: pg.Client,
  backup: OpenBackup,
  onTable: (table: BackupTable) => void,
): Promise<void> {
  const { header, file } = backup
  await requireSameShape(client, backup)
  const reader = new RowReader(backup.readRows())
  try {
    for (const table of header.tables) {
      const loaded = await loadTable(client, table, reader)
      if (loaded !== table.rows) throw damaged(file, `${table.name} has ${loaded} rows instead of ${table.rows}`)
      await setSequences(client, table)
      onTable(table)
    }
    if (!(await reader.isAtEnd())) throw damaged(file, 'it has more rows than it says')
  } catch (error) {
    // The code only: the server's message quotes what is stored.
    const code = databaseErrorCode(error)
    throw meansBadContents(code) ? damaged(file, `its rows cannot be loaded, ${code}`, error) : error
  }
}

async function loadTable(client: pg.Client, table: BackupTable, reader: RowReader): Promise<number> {
  const name = tableName(table.name)
  const columns = table.columns.map((column) => client.escapeIdentifier(column)).join(', ')
  // What a trigger would do to these rows was done when they were first written, and its results are in the backup too.
  await client.query(`alter table ${name} disable trigger user`)
  const stream = client.query(copyFrom(`copy ${name} (${columns}) from stdin`))
  await pipeline(reader.take(table.rows), stream)
  await client.query(`alter table ${name} enable trigger user`)
  return stream.rowCount
}

async function setSequences(client: pg.Client, table: BackupTable): Promise<void> {
  for (const { column, lastValue, isCalled } of table.sequences)
    await client.query('select setval(pg_get_serial_sequence($1, $2)::regclass, $3::bigint, $4)', [
      tableName(table.name),
      column,
      lastValue,
      isCalled,
    ])
}

/** A database to which tables or columns were added by hand makes backups that only such a database can take. */
async function requireSameShape(client: pg.Client, { header, file }: OpenBackup): Promise<void> {
  const found = new Map((await listTables(client)).map((table) => [table.name, new Set(table.columns)]))
  for (const { name, columns } of header.tables) {
    const missing = columns.find((column) => !found.get(name)?.has(column))
    if (missing !== undefined)
      throw newerBackup(file, `it has ${name}.${missing}, which ${header.schemaVersion} does not make`)
  }
}

/** Values or rows the server does not take (classes 22 and 23), or compressed data that cannot be read. */
function meansBadContents(code: string | undefined): boolean {
  return code !== undefined && /^(22|23|Z_)/.test(code)
}
