import type { App } from '../../app.ts'
import { AppError } from '../../base/errors.ts'
import { normaliseEmail } from '../../base/text.ts'
import {
  type ChannelOverview,
  isProviderName,
  listChannelOverviews,
  providerNamed,
  pushingProviders,
} from '../../features/calendars/index.ts'
import {
  COMMAND_LINE,
  type Command,
  type CommandInput,
  type ExitStatus,
  type Output,
  textOption,
  UsageError,
} from './command.ts'
import { openAppForCommand } from './open-installation.ts'

/** The providers that send notices. */
const labels = pushingProviders.map((name) => providerNamed(name).words.label).join(' or ')

export const manageWatchChannelsCommand: Command = {
  name: 'manage-watch-channels',
  summary: `Opens, renews, lists and stops the channels over which ${labels} says that a calendar changed.`,
  usage: '--setup EMAIL | --setup-all | --renew-expiring | --list | --stop EMAIL | --stop-all   [--dry-run] [--json]',
  help: `  A worker does all of this by itself. What is stopped here stays stopped until --setup; meanwhile the calendar is looked at from
  time to time. --delete EMAIL is --stop EMAIL.`,
  options: {
    setup: { type: 'string' },
    'setup-all': { type: 'boolean' },
    'renew-expiring': { type: 'boolean' },
    list: { type: 'boolean' },
    stop: { type: 'string' },
    delete: { type: 'string' },
    'stop-all': { type: 'boolean' },
    'dry-run': { type: 'boolean' },
    json: { type: 'boolean' },
  },
  async run(input, output) {
    const action = readAction(input)
    await using app = await openAppForCommand({ commandName: 'manage-watch-channels', output })
    const all = await listChannelOverviews(app.db)
    const now = app.clock.now()
    const chosen = chooseCalendars(all, action, { now, addressOf: addressOf(app) })
    const asJson = input.options.json === true
    if (action.kind === 'list') return printList(chosen, asJson, output)
    if (action.email !== undefined && chosen.length === 0) refuseNobody(action.email, action.kind, all)
    const isDryRun = input.options['dry-run'] === true
    const work = action.kind === 'stop' ? stopTask(app) : openTask(app)
    return await workThrough(
      chosen,
      work,
      { isDryRun, asJson, verb: action.kind === 'stop' ? 'stopped' : 'opened' },
      output,
    )
  },
}

type AddressOf = (provider: string) => string | undefined

function addressOf({ channels }: App): AddressOf {
  return (provider) => (isProviderName(provider) ? channels.addressOf(provider) : undefined)
}

type Action = { kind: 'list' | 'open' | 'stop'; email?: string; isRenewal?: boolean }

function readAction(input: CommandInput): Action {
  const given = ['setup', 'setup-all', 'renew-expiring', 'list', 'stop', 'delete', 'stop-all'].filter(
    (name) => input.options[name] !== undefined,
  )
  const [name, ...others] = given
  if (name === undefined || others.length > 0) throw new UsageError('Say one of the things it does.')
  const text = textOption(input, name)
  const email = text === undefined ? undefined : normaliseEmail(text)
  if (text !== undefined && email === undefined) throw new UsageError(`"${text}" is not an e-mail address.`)
  const one = email === undefined ? {} : { email }
  if (name === 'list') return { kind: 'list' }
  if (name === 'renew-expiring') return { kind: 'open', isRenewal: true }
  return { kind: name.startsWith('setup') ? 'open' : 'stop', ...one }
}

function chooseCalendars(
  all: readonly ChannelOverview[],
  { kind, email, isRenewal }: Action,
  { now, addressOf }: { now: Date; addressOf: AddressOf },
): ChannelOverview[] {
  const isExpiring = ({ channel, provider }: ChannelOverview) =>
    channel !== null && (channel.renewAt <= now || channel.address !== addressOf(provider))
  const isGood = (calendar: ChannelOverview) => calendar.channel !== null && !isExpiring(calendar)
  return all.filter((calendar) => {
    if (email !== undefined && calendar.ownerEmail !== email) return false
    if (kind === 'open')
      return calendar.isConnected && (isRenewal ? isExpiring(calendar) : email !== undefined || !isGood(calendar))
    // One that has none yet is kept without.
    return kind === 'list' || calendar.channel !== null || calendar.stoppedAt === null
  })
}

/** Throws unless nothing was to be done: what is stopped already stays so. */
function refuseNobody(email: string, kind: Action['kind'], all: readonly ChannelOverview[]): void {
  const isKnown = all.some(({ ownerEmail }) => ownerEmail === email)
  if (isKnown && kind === 'stop') return
  throw new AppError(
    'calendar_not_found',
    isKnown
      ? `There is nothing to do for ${email}: the calendar is not connected.`
      : `There is no ${labels} calendar of ${email}. \`rapporteur calendar list\` shows the connected ones.`,
  )
}

/** What is done to one calendar; answers a sentence where it failed. */
type ChannelTask = (calendar: ChannelOverview) => Promise<string | undefined>

function openTask(app: App): ChannelTask {
  if (pushingProviders.every((name) => app.channels.addressOf(name) === undefined)) throw addressMissing()
  return async ({ calendarId, provider }) => {
    const address = addressOf(app)(provider)
    if (address === undefined) return addressMissing().message
    const outcome = await app.calendars.openChannel({ calendarId, address, asked: COMMAND_LINE })
    if (outcome.kind === 'opened') return undefined
    return outcome.kind === 'failed' ? outcome.problem.message : 'The calendar is not connected any more.'
  }
}

function addressMissing(): AppError {
  const settings = pushingProviders.flatMap((name) => providerNamed(name).words.notices?.setting ?? [])
  return new AppError(
    'notice_address_missing',
    `${labels} can send notices to a public https address only. Set SITE_URL to one, or ${settings.join(', ')}.`,
  )
}

function stopTask(app: App): ChannelTask {
  return async ({ calendarId }) => {
    const { problem } = await app.calendars.stopChannels({ calendarId, ...COMMAND_LINE })
    return problem?.message
  }
}

async function workThrough(
  chosen: readonly ChannelOverview[],
  work: ChannelTask,
  { isDryRun, asJson, verb }: { isDryRun: boolean; asJson: boolean; verb: string },
  output: Output,
): Promise<ExitStatus> {
  const results: { owner: string; calendarId: string; problem: string | undefined }[] = []
  for (const calendar of chosen) {
    const problem = isDryRun ? undefined : await work(calendar)
    results.push({ owner: calendar.ownerEmail, calendarId: calendar.calendarId, problem })
    if (asJson) continue
    const said = problem === undefined ? `${isDryRun ? 'would be ' : ''}${verb}` : `failed: ${problem}`
    output.print(`${calendar.ownerEmail}  ${said}`)
  }
  const failed = results.filter(({ problem }) => problem !== undefined).length
  if (asJson) output.print(JSON.stringify({ isDryRun, done: results.length - failed, failed, results }))
  else output.print(`${isDryRun ? 'Would be ' : ''}${verb}: ${results.length - failed}, failed: ${failed}.`)
  return failed > 0 ? 1 : 0
}

function printList(calendars: readonly ChannelOverview[], asJson: boolean, output: Output): ExitStatus {
  if (asJson) {
    output.print(JSON.stringify(calendars))
    return 0
  }
  for (const calendar of calendars) output.print(`${calendar.ownerEmail}  ${describe(calendar)}`)
  const open = calendars.filter(({ channel }) => channel !== null).length
  output.print(`${open} of ${calendars.length} with a channel.`)
  return 0
}

function describe({
  channel,
  isConnected,
  stoppedAt,
  failureMessage,
  lastNoticeAt,
  silentSince,
}: ChannelOverview): string {
  const problem = failureMessage === null ? '' : `  ${failureMessage}`
  if (channel) {
    const last = lastNoticeAt ? `last notice ${lastNoticeAt.toISOString()}` : 'no notice yet'
    const silent = silentSince ? `, silent since ${silentSince.toISOString()}` : ''
    return `${channel.id}  until ${channel.expiresAt.toISOString()}, renewed from ${channel.renewAt.toISOString()}, ${last}${silent}${problem}`
  }
  if (!isConnected) return 'not connected'
  return stoppedAt ? 'stopped by hand' : `no channel${problem}`
}
