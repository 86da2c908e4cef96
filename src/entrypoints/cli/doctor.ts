import { describeError } from '../../base/errors.ts'
import { type LoadedConfig, loadConfig } from '../../platform/config/index.ts'
import type { Command, Output } from './command.ts'
import { checkAttendanceNeeds } from './doctor/attendance-checks.ts'
import { type CheckReport, failed, warning } from './doctor/check.ts'
import { checkDatabase } from './doctor/database-checks.ts'
import { checkGoogle } from './doctor/google-checks.ts'
import { checkMachine } from './doctor/machine-checks.ts'
import { openDatabaseForCommand } from './open-installation.ts'

const marks = { ok: 'ok  ', warning: 'warn', failed: 'FAIL' } as const

export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'Looks at everything this installation needs and says what to do about what is missing.',
  usage: '[--json]',
  options: { json: { type: 'boolean' } },
  async run(input, output) {
    const loaded = loadConfig()
    const { config, secrets } = loaded
    const reports = [
      ...loaded.warnings.map((message) => warning('settings', message)),
      ...(await checkMachine(config)),
      ...(await checkAttendanceNeeds(config, secrets)),
      ...(await checkGoogle(loaded)),
      ...(await checkDatabaseIfItOpens(loaded, output)),
    ]
    if (input.options.json) output.print(JSON.stringify(reports))
    else
      for (const { name, outcome, message } of reports) output.print(`${marks[outcome]}  ${name.padEnd(12)} ${message}`)
    return reports.some((report) => report.outcome === 'failed') ? 1 : 0
  },
}

async function checkDatabaseIfItOpens(loaded: LoadedConfig, output: Output): Promise<CheckReport[]> {
  try {
    await using database = await openDatabaseForCommand({ commandName: 'doctor', output, loaded })
    return await checkDatabase(database)
  } catch (error) {
    return [failed('database', describeError(error))]
  }
}
