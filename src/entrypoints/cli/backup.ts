import { systemClock } from '../../base/clock.ts'
import { abandonBots } from '../../features/bots/index.ts'
import { backupDatabase, restoreDatabase } from '../../platform/db/backup/index.ts'
import { openDatabase } from '../../platform/db/index.ts'
import { type Command, requirePositional } from './command.ts'
import { openDatabaseForCommand } from './open-installation.ts'

export const backupCommand: Command = {
  name: 'backup',
  summary: 'Writes the whole database into one file, while everything runs.',
  usage: 'FILE [--overwrite] [--json]',
  help: `  The secrets are not in it: keep secrets.json of DATA_DIR, or your own keys, beside it.
  Jobs are not in it either: they are made anew from the plan.`,
  options: { overwrite: { type: 'boolean' }, json: { type: 'boolean' } },
  async run(input, output) {
    const file = requirePositional(input, 0, 'The file to write')
    await using database = await openDatabaseForCommand({ commandName: 'backup', output })
    const summary = await backupDatabase({
      url: database.url,
      file,
      clock: systemClock,
      overwrite: input.options.overwrite === true,
    })
    // With a device for a file, standard output may be the backup itself.
    const say = file.startsWith('/dev/') ? output.note : output.print
    if (input.options.json) say(JSON.stringify(summary))
    else {
      const rows = summary.tables.reduce((sum, table) => sum + table.rows, 0)
      say(
        `Wrote ${file}: ${rows.toLocaleString('en-US')} rows of ${summary.tables.length} tables, ${summary.bytes.toLocaleString('en-US')} bytes.`,
      )
      if (summary.secretNames.length > 0)
        say(`Keep these secrets with it, they are not in the file: ${summary.secretNames.join(', ')}.`)
    }
    return 0
  },
}

export const restoreCommand: Command = {
  name: 'restore',
  summary: 'Loads a backup into an empty database.',
  usage: 'FILE [--json]',
  help: '  Works between the embedded database and one of your own, and from older versions of this program.',
  options: { json: { type: 'boolean' } },
  async run(input, output) {
    const file = requirePositional(input, 0, 'The backup to load')
    await using database = await openDatabaseForCommand({ commandName: 'restore', output })
    const summary = await restoreDatabase({ url: database.url, file })
    const db = await openDatabase({ url: database.url, maxConnections: 1 })
    await abandonBots({ db, clock: systemClock }).finally(() => db.destroy())
    if (input.options.json) output.print(JSON.stringify(summary))
    else {
      const rows = summary.tables.reduce((sum, table) => sum + table.rows, 0)
      output.print(`Restored ${rows.toLocaleString('en-US')} rows, as of ${summary.createdAt.toISOString()}.`)
      output.print(`It works only with the secrets it was made with: ${summary.secretNames.join(', ')}.`)
    }
    return 0
  },
}
