import type { Logger } from '../../observe/index.ts'
import { migrateToLatest } from '../migrator.ts'
import { connect } from './connection.ts'
import { databaseFailure } from './errors.ts'
import { loadTables } from './load-tables.ts'
import { openBackup } from './open-backup.ts'
import { prepareTarget } from './prepare-target.ts'
import { type BackupSummary, summarise } from './summary.ts'

interface RestoreDatabaseOptions {
  url: string
  file: string
  log?: Pick<Logger, 'info'>
}

/**
 * Loads a backup into a database that is empty or only migrated, and brings it to this program's version. The file is checked before the
 * database is asked anything, and all changes are one transaction: after a failure the database is as it was. The job queue is not in a
 * backup; it is made anew from the plan. Throws `file_not_readable`, `not_a_backup`, `backup_damaged`, `schema_mismatch`,
 * `database_not_empty`, `database_forbidden` and what `openDatabase` throws.
 */
export async function restoreDatabase(options: RestoreDatabaseOptions): Promise<BackupSummary> {
  await using backup = await openBackup(options.file)
  try {
    await using connection = await connect(options.url)
    const { client, db } = connection
    await db.transaction().execute(async (trx) => {
      await prepareTarget(client, trx, backup.header.schemaVersion)
      await loadTables(client, backup, ({ name, rows }) => options.log?.info('Table loaded', { table: name, rows }))
      await migrateToLatest(trx)
    })
    return summarise(backup.header, backup.bytes)
  } catch (error) {
    throw databaseFailure(error)
  }
}
