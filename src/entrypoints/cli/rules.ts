import path from 'node:path'
import { isAppError } from '../../base/errors.ts'
import { countOf } from '../../base/text.ts'
import { type DryRun, listRuleVersions, readCurrentRules, readRules } from '../../features/meetings/index.ts'
import { dayAndTime } from '../web/formats.ts'
import {
  COMMAND_LINE,
  type Command,
  type CommandInput,
  type ExitStatus,
  type Output,
  requirePositional,
  UsageError,
  wholeNumberOption,
} from './command.ts'
import { loadSettings, openAppForCommand } from './open-installation.ts'
import { readRulesFile } from './rules-file.ts'

const ACTIONS = ['check', 'dry-run', 'apply', 'show', 'history'] as const
const MAX_VERSIONS = 100

export const rulesCommand: Command = {
  name: 'rules',
  summary: 'Decides which meetings are attended: checks, tries and applies rules, and shows those in force.',
  usage: 'check [FILE] | dry-run [FILE] [--days N] | apply [FILE] | show | history   [--sandbox] [--json]',
  help: `  check     Says what is wrong with a file of rules. Needs no database.
  dry-run   Says what the file would change about the meetings of the coming days (7), and changes nothing.
  apply     Puts the file in force and plans every meeting again that is not over.
  show      Prints the rules in force, as a file. history: who changed them, and when.
  FILE is RULES_FILE, or rules.json in DATA_DIR, where it is not named. What it may hold: docs/rules.md`,
  options: { days: { type: 'string' }, sandbox: { type: 'boolean' }, json: { type: 'boolean' } },
  async run(input, output) {
    const action = requirePositional(input, 0, `What to do (${ACTIONS.join(', ')})`)
    if (action === 'check') return check(input, output)
    if (action === 'dry-run') return dryRun(input, output)
    if (action === 'apply') return apply(input, output)
    if (action === 'show') return show(input, output)
    if (action === 'history') return showHistory(input, output)
    throw new UsageError(`"${action}" is none of ${ACTIONS.join(', ')}.`)
  },
}

function check(input: CommandInput, output: Output): ExitStatus {
  const { config } = loadSettings(output)
  const file = fileOf(input, config.rulesFile.path)
  try {
    const { rules } = readRules(readRulesFile(file), { orgDomains: config.orgDomains })
    if (input.options.json) output.print(JSON.stringify({ file, valid: true, problems: [] }))
    else output.print(`${file} is fine: ${countOf(rules.length, 'rule')}.`)
    return 0
  } catch (error) {
    if (!input.options.json || !isAppError(error, 'rules_invalid')) throw error
    output.print(JSON.stringify({ file, valid: false, problems: error.details.problems }))
    return 1
  }
}

async function dryRun(input: CommandInput, output: Output): Promise<ExitStatus> {
  const days = wholeNumberOption(input, 'days', { least: 1, most: 28 }) ?? 7
  await using app = await openApp(input, output)
  const source = readRulesFile(fileOf(input, app.config.rulesFile.path))
  const result = await app.meetings.dryRunRules({ source, days })
  if (input.options.json) output.print(JSON.stringify({ days, ...result }))
  else for (const line of dryRunLines(result, days, app.config.server.timeZone)) output.print(line)
  return 0
}

function dryRunLines(
  { meetings, more, less, sameForOtherReason, effects }: DryRun,
  days: number,
  zone: string,
): string[] {
  const looked = `${countOf(meetings, 'meeting')} of the coming ${countOf(days, 'day')} looked at`
  const total = more + less + sameForOtherReason
  if (total === 0) return [`${looked}: nothing would change.`]
  const told = effects.flatMap(({ startsAt, title, before, after }) => [
    `${dayAndTime(startsAt, zone)}  ${title}`,
    `  now:   ${before}`,
    `  then:  ${after}`,
  ])
  const untold = total > effects.length ? [`And ${total - effects.length} more.`] : []
  const counts = `${more} more attended, ${less} fewer, ${sameForOtherReason} as before for another reason`
  return [...told, ...untold, `${looked}, times in ${zone}: ${counts}. Nothing was changed.`]
}

async function apply(input: CommandInput, output: Output): Promise<ExitStatus> {
  await using app = await openApp(input, output)
  const file = fileOf(input, app.config.rulesFile.path)
  const source = readRulesFile(file)
  const result = await app.meetings.applyRules({ source, path: file, ...COMMAND_LINE })
  if (input.options.json) output.print(JSON.stringify({ file, ...result }))
  else {
    output.print(
      result.isNew ? `In force as version ${result.version}.` : `Already in force, as version ${result.version}.`,
    )
    output.print(`${countOf(result.planned, 'coming meeting')} looked at, ${result.written} changed.`)
  }
  return 0
}

async function show(input: CommandInput, output: Output): Promise<ExitStatus> {
  await using app = await openApp(input, output)
  const current = await readCurrentRules(app.db)
  if (input.options.json) {
    const { source: _, sourceHash: __, ...shown } = current ?? { source: '', sourceHash: '', version: 0 }
    output.print(JSON.stringify(shown))
  } else output.print(current?.source.trimEnd() ?? '{ "rules": [] }')
  if (current) {
    const when = dayAndTime(current.changedAt, app.config.server.timeZone)
    output.note(`Version ${current.version}, by ${current.changedBy}, ${when}.`)
  } else output.note('No rules were ever applied; the default rules decide.')
  return 0
}

async function showHistory(input: CommandInput, output: Output): Promise<ExitStatus> {
  await using app = await openApp(input, output)
  const versions = await listRuleVersions(app.db, MAX_VERSIONS)
  if (input.options.json) output.print(JSON.stringify(versions))
  else if (versions.length === 0) output.print('No rules were ever applied; the default rules decide.')
  else
    for (const { version, changedAt, changedBy, path: from } of versions) {
      const when = dayAndTime(changedAt, app.config.server.timeZone)
      output.print(`${String(version).padStart(4)}  ${when}  by ${changedBy}${from === null ? '' : `, from ${from}`}`)
    }
  return 0
}

function openApp(input: CommandInput, output: Output) {
  return openAppForCommand({ commandName: 'rules', output, sandbox: input.options.sandbox === true })
}

function fileOf(input: CommandInput, own: string): string {
  const given = input.positionals[1]
  return given === undefined ? own : path.resolve(given)
}
