import type { App } from '../../app.ts'
import { AppError } from '../../base/errors.ts'
import { countOf } from '../../base/text.ts'
import {
  knowsPeople,
  listCalendars,
  listOrganisations,
  type PeopleChange,
  type PeopleResult,
  providerNamed,
  providerNames,
} from '../../features/calendars/index.ts'
import { recordAudit } from '../../features/people/index.ts'
import { inTransaction } from '../../platform/db/index.ts'
import { COMMAND_LINE, type Command, type ExitStatus, type Output } from './command.ts'
import { openAppForCommand } from './open-installation.ts'
import { syncAll } from './sync-calendar.ts'

/** The providers that can let a whole organisation in, as they are spoken of. */
const spoken = providerNames.flatMap((name) => {
  const { label, directory } = providerNamed(name).words
  return directory ? [{ label, ...directory }] : []
})
const joined = (pick: (one: (typeof spoken)[number]) => string) => [...new Set(spoken.map(pick))].join(' or ')

export const setupPilotCalendarsCommand: Command = {
  name: 'setup-pilot-calendars',
  summary: `Connects the ${joined(({ label }) => label)} calendars of PILOT_USERS, or of the whole domain, through the ${joined(({ way }) => way)}.`,
  usage: '[--sync] [--dry-run] [--json]',
  help: `  With ${joined(({ everybody }) => everybody)} everybody of the domain is connected, or those of them that PILOT_USERS names; without, PILOT_USERS.
  Whoever left, was suspended or is not named any more is released. Nothing is attended until attendance is on.
${spoken.map(({ kept }) => `  ${kept}\n`).join('')}      --sync      reads the connected calendars at once
      --dry-run   only says what would change`,
  options: { sync: { type: 'boolean' }, 'dry-run': { type: 'boolean' }, json: { type: 'boolean' } },
  async run(input, output) {
    await using app = await openAppForCommand({ commandName: 'setup-pilot-calendars', output })
    requireDelegation(app)
    const isDryRun = input.options['dry-run'] === true
    const result = isDryRun ? await app.calendars.syncPeople({ isDryRun, bringsBackRemoved: true }) : await setUp(app)
    const asJson = input.options.json === true
    printChanges(result, { isDryRun, asJson }, output)
    const status: ExitStatus = result.failures.length > 0 ? 1 : 0
    if (isDryRun || input.options.sync !== true) return status
    const delegated = (await listCalendars(app.db)).filter(
      ({ access, state }) => access === 'service_account' && state === 'connected',
    )
    return (await syncAll(app, delegated, asJson, output)) === 1 ? 1 : status
  },
}

/** Written down first: each person's calendar is a transaction of its own. */
async function setUp(app: App): Promise<PeopleResult> {
  const entry = { at: app.clock.now(), ...COMMAND_LINE, subject: 'calendars' }
  await inTransaction(app.db, (trx) => recordAudit(trx, { ...entry, action: 'calendars_set_up' }))
  return await app.calendars.syncPeopleNow({ bringsBackRemoved: true })
}

function requireDelegation({ people }: App): void {
  const organisations = listOrganisations(people)
  if (organisations.length === 0) {
    throw new AppError('service_account_missing', spoken.map(({ missing }) => missing).join(' '))
  }
  if (!organisations.some(knowsPeople)) {
    const settings = organisations.flatMap(({ provider }) => providerNamed(provider).words.directory?.everybody ?? [])
    throw new AppError(
      'pilot_users_missing',
      `Nobody says whose calendars to connect: set PILOT_USERS, or ${settings.join(' or ')} for the whole domain.`,
    )
  }
}

const done: Record<PeopleChange['kind'], string> = {
  connect: 'connected',
  resume: 'connected again',
  rename: 'renamed',
  release: 'released',
}

function printChanges(
  { changes, unchanged, failures }: PeopleResult,
  { isDryRun, asJson }: { isDryRun: boolean; asJson: boolean },
  output: Output,
): void {
  const count = (kind: PeopleChange['kind']) => changes.filter((change) => change.kind === kind).length
  if (asJson) {
    const failed = failures.map(({ email, problem }) => ({ email, code: problem.code, message: problem.message }))
    output.print(JSON.stringify({ isDryRun, changes, unchanged, failures: failed }))
    return
  }
  for (const { kind, email, formerEmail, reason } of changes) {
    const more =
      kind === 'rename' && formerEmail !== email
        ? `, until now ${formerEmail}`
        : reason
          ? ` (${reason.replace('_', ' ')})`
          : ''
    output.print(`${email}  ${isDryRun ? 'would be ' : ''}${done[kind]}${more}`)
  }
  for (const { email, problem } of failures) output.print(`${email}  failed: ${problem.message}`)
  const parts = (['connect', 'resume', 'rename', 'release'] as const)
    .filter((kind) => count(kind) > 0)
    .map((kind) => `${count(kind).toLocaleString('en-US')} ${done[kind]}`)
  const summary = [
    ...parts,
    `${countOf(unchanged, 'calendar')} as before`,
    ...(failures.length > 0 ? [`${failures.length} failed`] : []),
  ]
  output.print(`${isDryRun ? 'Would be: ' : ''}${summary.join(', ')}.`)
}
