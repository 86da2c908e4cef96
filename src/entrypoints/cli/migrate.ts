import { migrateToLatest, openDatabase, schemaVersion } from '../../platform/db/index.ts'
import type { Command } from './command.ts'
import { openDatabaseForCommand } from './open-installation.ts'
import { openQueueTables } from './queue-tables.ts'

export const migrateCommand: Command = {
  name: 'migrate',
  summary: 'Brings the database to the version this program needs.',
  usage: '[--json]',
  options: { json: { type: 'boolean' } },
  async run(input, output) {
    await using database = await openDatabaseForCommand({ commandName: 'migrate', output })
    const db = await openDatabase({ url: database.url, maxConnections: 2 })
    try {
      const applied = await migrateToLatest(db)
      await openQueueTables(database.url)
      if (input.options.json) output.print(JSON.stringify({ version: schemaVersion, applied }))
      else output.print(applied.length === 0 ? `Up to date (${schemaVersion}).` : `Applied ${applied.join(', ')}.`)
      return 0
    } finally {
      await db.destroy()
    }
  },
}
