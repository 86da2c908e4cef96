import type { App } from '../../app.ts'
import { AppError } from '../../base/errors.ts'
import { countOf } from '../../base/text.ts'
import {
  connectByAddress,
  listCalendars,
  listProblems,
  type ProviderName,
  providerNamed,
  providerNames,
  removeCalendar,
} from '../../features/calendars/index.ts'
import { countComingMeetings } from '../../features/meetings/index.ts'
import {
  COMMAND_LINE,
  type Command,
  type CommandInput,
  type ExitStatus,
  type Output,
  requirePositional,
  textOption,
  UsageError,
} from './command.ts'
import { openAppForCommand } from './open-installation.ts'

export const calendarCommand: Command = {
  name: 'calendar',
  summary: 'Connects, lists and removes calendars.',
  usage: 'add ics URL|FILE --owner EMAIL [--name NAME] | list | remove ID   [--json]',
  help: `  calendar add ics https://example.com/me.ics --owner me@example.com
  calendar add ics ./me.ics --owner me@example.com --name "My calendar"
      Reads the calendar once; only one that can be read is connected.
  calendar list
  calendar remove ID
      Its coming events count no more; what is past stays on record.`,
  options: { owner: { type: 'string' }, name: { type: 'string' }, json: { type: 'boolean' } },
  async run(input, output) {
    const action = requirePositional(input, 0, 'What to do (add, list or remove)')
    if (action !== 'add' && action !== 'list' && action !== 'remove')
      throw new UsageError(`"${action}" is none of add, list, remove.`)
    if (action === 'add') requireAddArguments(input)
    if (action === 'remove') requirePositional(input, 1, 'The id of the calendar')
    await using app = await openAppForCommand({ commandName: `calendar ${action}`, output })
    if (action === 'add') return await addCalendar(app, input, output)
    if (action === 'list') return await printCalendars(app, input, output)
    await removeCalendar(
      { db: app.db, clock: app.clock, reconcile: app.sync.reconcile },
      { calendarId: input.positionals[1] as string, asked: COMMAND_LINE },
    )
    output.print('Removed.')
    return 0
  },
}

function requireAddArguments(input: CommandInput): void {
  requireKind(input)
  requirePositional(input, 2, 'The address or file of the calendar')
  if (textOption(input, 'owner') === undefined) throw new UsageError('Whose calendar is it? Add --owner EMAIL.')
}

/** The providers whose calendars are known by an address. */
const kinds = providerNames.filter((name) => providerNamed(name).words.knownBy === 'address')

function requireKind(input: CommandInput): ProviderName {
  const given = requirePositional(input, 1, `The kind of calendar (${kinds.join(', ')})`)
  const kind = kinds.find((name) => name === given)
  if (kind) return kind
  throw new UsageError(`This version connects calendars of the kind ${kinds.join(', ')}, not "${given}".`)
}

async function addCalendar(app: App, input: CommandInput, output: Output): Promise<ExitStatus> {
  const name = textOption(input, 'name')
  const { id, existed } = await connectByAddress(app, {
    provider: requireKind(input),
    address: input.positionals[2] as string,
    owner: textOption(input, 'owner') as string,
    asked: COMMAND_LINE,
    ...(name === undefined ? {} : { name }),
  })
  const result = await app.calendars.sync({ calendarId: id })
  if (result.problem) {
    // A calendar that could be read before stays connected through a bad day; a new one that cannot be read is most likely a typo.
    if (!existed)
      await removeCalendar(
        { db: app.db, clock: app.clock, reconcile: app.sync.reconcile },
        { calendarId: id, asked: COMMAND_LINE },
      )
    throw new AppError(
      'calendar_unreadable',
      `${existed ? 'It stays connected, but now' : 'Not connected:'} ${result.problem.message}`,
    )
  }
  const problems = await listProblems(app.db, id)
  const meetings = await countComingMeetings(app.db, app.clock.now())
  if (input.options.json) {
    output.print(
      JSON.stringify({ id, existed, changes: result.changes, problems: problems.length, comingMeetings: meetings }),
    )
    return 0
  }
  output.print(
    `${existed ? 'Already connected; read again' : 'Connected'}: ${countOf(result.changes, 'event')} written (id ${id}).`,
  )
  for (const problem of problems.slice(0, 10))
    output.print(`  Not used: ${problem.title ?? 'an entry'}: ${problem.message}`)
  if (problems.length > 10) output.print(`  … and ${problems.length - 10} more, on the calendar's page.`)
  output.print(
    `${countOf(meetings, 'meeting')} planned in the coming four weeks. Nothing is attended until you switch attendance on.`,
  )
  output.print('`npm start` shows them, each with the reason why it would be attended or not.')
  return 0
}

async function printCalendars(app: App, input: CommandInput, output: Output): Promise<ExitStatus> {
  const calendars = await listCalendars(app.db)
  if (input.options.json) {
    output.print(JSON.stringify(calendars))
    return 0
  }
  if (calendars.length === 0) {
    output.print('No calendar is connected. `rapporteur calendar add ics URL|FILE --owner EMAIL` connects one.')
  }
  for (const calendar of calendars) {
    const state =
      calendar.failureMessage ??
      (calendar.lastSuccessAt ? `read ${calendar.lastSuccessAt.toISOString()}` : 'not read yet')
    output.print(
      `${calendar.id}  ${calendar.ownerEmail}  ${calendar.name ?? calendar.addressLabel}  ${calendar.state}: ${state}`,
    )
  }
  return 0
}
