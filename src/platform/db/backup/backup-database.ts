import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import type { Clock } from '../../../base/clock.ts'
import type { Logger } from '../../observe/index.ts'
import { BackupFile } from './backup-file.ts'
import { tableName } from './catalogue.ts'
import { connect } from './connection.ts'
import { databaseFailure } from './errors.ts'
import { encodeHeader } from './format.ts'
import type { BackupTable } from './header.ts'
import { countRows } from './rows.ts'
import { beginSnapshot, describeSnapshot } from './snapshot.ts'
import { type BackupSummary, summarise } from './summary.ts'

interface BackupDatabaseOptions {
  url: string
  /** A path; a device or pipe such as /dev/stdout is written to as it is. */
  file: string
  clock: Clock
  log?: Pick<Logger, 'info'>
  /** Whether an existing file may be replaced, which happens only once the new one is whole. */
  overwrite?: boolean
}

/**
 * Writes all our tables, as they are at one instant, to one compressed file with a checksum; others go on writing meanwhile. The job queue
 * is not in it: it is made anew from the plan. Nor are secrets, which the summary names. Throws `file_exists`, `file_not_writable`,
 * `disk_full`, `database_not_set_up`, `database_forbidden` and what `openDatabase` throws; then no file has changed.
 */
export async function backupDatabase(options: BackupDatabaseOptions): Promise<BackupSummary> {
  await using file = await BackupFile.create(options.file, options.overwrite ?? false)
  try {
    await using connection = await connect(options.url)
    await beginSnapshot(connection)
    const header = await describeSnapshot(connection, options.clock.now())
    await file.write(encodeHeader(header))
    const rows = copyTables(connection.client, header.tables, options.log)
    await pipeline(rows, createGzip({ chunkSize: 65_536 }), async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) await file.write(chunk)
    })
    await file.finish()
    return summarise(header, file.bytes)
  } catch (error) {
    throw databaseFailure(error)
  }
}

async function* copyTables(
  client: pg.Client,
  tables: readonly BackupTable[],
  log: BackupDatabaseOptions['log'],
): AsyncGenerator<Buffer> {
  for (const table of tables) {
    const columns = table.columns.map((column) => client.escapeIdentifier(column)).join(', ')
    const stream = client.query(copyTo(`copy ${tableName(table.name)} (${columns}) to stdout`))
    let rows = 0
    for await (const chunk of stream) {
      rows += countRows(chunk)
      yield chunk
    }
    // Restoring finds the tables by these numbers, so a file in which they are wrong must never come to be.
    if (rows !== table.rows) throw new Error(`Copied ${rows} rows of ${table.name} instead of ${table.rows}`)
    log?.info('Table copied', { table: table.name, rows })
  }
}
