import { type CheckReport, failed, warning } from '../../base/check-report.ts'
import { describeError } from '../../base/errors.ts'
import type { ServerTrial } from '../../features/attendance/index.ts'
import { type LoadedConfig, loadConfig } from '../../platform/config/index.ts'
import type { Command, Output } from './command.ts'
import { checkAttendanceNeeds } from './doctor/attendance-checks.ts'
import { tryAttendee } from './doctor/attendee-checks.ts'
import { checkDatabase } from './doctor/database-checks.ts'
import { checkMachine } from './doctor/machine-checks.ts'
import { checkProviders } from './doctor/provider-checks.ts'
import { openDatabaseForCommand } from './open-installation.ts'

const marks = { ok: 'ok  ', warning: 'warn', failed: 'FAIL' } as const

export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'Looks at everything this installation needs and says what to do about what is missing.',
  usage: '[--attendee] [--json]',
  help: '  --attendee  also has the Attendee server make a bot far ahead for each platform it attends, and takes it back',
  options: { attendee: { type: 'boolean' }, json: { type: 'boolean' } },
  async run(input, output) {
    const loaded = loadConfig()
    const { config, secrets } = loaded
    const tried = input.options.attendee ? await tryAttendee(config, secrets) : undefined
    const reports = [
      ...loaded.warnings.map((message) => warning('settings', message)),
      ...(await checkMachine(config)),
      ...(await checkAttendanceNeeds(config, secrets)),
      ...(tried?.reports ?? []),
      ...(await checkProviders(loaded)),
      ...(await checkDatabaseIfItOpens(loaded, output, tried?.trial)),
    ]
    if (input.options.json) output.print(JSON.stringify(reports))
    else
      for (const { name, outcome, message } of reports) output.print(`${marks[outcome]}  ${name.padEnd(12)} ${message}`)
    return reports.some((report) => report.outcome === 'failed') ? 1 : 0
  },
}

async function checkDatabaseIfItOpens(
  loaded: LoadedConfig,
  output: Output,
  trial: ServerTrial | undefined,
): Promise<CheckReport[]> {
  try {
    await using database = await openDatabaseForCommand({ commandName: 'doctor', output, loaded })
    return await checkDatabase(database, trial)
  } catch (error) {
    return [failed('database', describeError(error))]
  }
}
