import { parseArgs } from 'node:util'
import { describeError, isAppError } from '../../base/errors.ts'
import { translateDatabaseError } from '../../platform/db/index.ts'
import { type Command, type ExitStatus, type Output, UsageError } from './command.ts'
import { commands } from './commands.ts'

const consoleOutput: Output = {
  print: (line) => process.stdout.write(`${line}\n`),
  note: (line) => process.stderr.write(`${line}\n`),
}

/** Runs one command line and answers its exit status. Failures are said in their own sentence; a bug shows its stack. */
export async function runCommandLine(argv: readonly string[], output: Output = consoleOutput): Promise<ExitStatus> {
  const [name, ...rest] = argv
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    printOverview(output)
    return name === undefined ? 2 : 0
  }
  const command = commands.find((candidate) => candidate.name === name)
  if (!command) {
    output.note(`There is no command "${name}". \`rapporteur --help\` lists them.`)
    return 2
  }
  try {
    return await runOne(command, rest, output)
  } catch (error) {
    return sayFailure(command, error, output)
  }
}

async function runOne(command: Command, args: readonly string[], output: Output): Promise<ExitStatus> {
  const parsed = parseCommandArgs(command, args)
  if (parsed.values.help) {
    printHelp(command, output)
    return 0
  }
  const { positionals, values } = parsed
  return (
    (await command.run({ positionals, options: values as Record<string, string | boolean | undefined> }, output)) ?? 0
  )
}

function parseCommandArgs(command: Command, args: readonly string[]) {
  try {
    const options = { ...command.options, help: { type: 'boolean', short: 'h' } } as const
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (error) {
    throw new UsageError(describeError(error))
  }
}

function sayFailure(command: Command, thrown: unknown, output: Output): ExitStatus {
  const error = translateDatabaseError(thrown)
  if (error instanceof UsageError) {
    output.note(`${error.message}\nUsage: rapporteur ${command.name} ${command.usage}`.trimEnd())
    return 2
  }
  if (isAppError(error)) {
    output.note(error.message)
    return error.code === 'config_invalid' ? 2 : 1
  }
  output.note(error instanceof Error ? (error.stack ?? error.message) : String(error))
  output.note('This is a fault in Rapporteur. Please report it with the lines above.')
  return 1
}

function printOverview(output: Output): void {
  output.print('Rapporteur: every meeting attended, transcribed and delivered, on your own machine.\n')
  output.print('Usage: rapporteur COMMAND [OPTIONS]\n')
  const width = Math.max(...commands.map((command) => command.name.length))
  for (const command of commands) output.print(`  ${command.name.padEnd(width)}  ${command.summary}`)
  output.print('\n`rapporteur COMMAND --help` says more. Settings: docs/configuration.md')
}

function printHelp(command: Command, output: Output): void {
  output.print(`Usage: rapporteur ${command.name} ${command.usage}`.trimEnd())
  output.print(`\n${command.summary}`)
  if (command.help) output.print(`\n${command.help}`)
}
