import type { App } from '../../app.ts'
import { countOf } from '../../base/text.ts'
import { listCalendars, type SyncResult } from '../../features/calendars/index.ts'
import { recordAudit } from '../../features/people/index.ts'
import { inTransaction } from '../../platform/db/index.ts'
import { COMMAND_LINE, type Command, type ExitStatus, type Output, requirePositional } from './command.ts'
import { openAppForCommand } from './open-installation.ts'

export const syncCalendarCommand: Command = {
  name: 'sync-calendar',
  summary: 'Reads one calendar, or all, now and brings the plan in step.',
  usage: 'ID | --all [--json]',
  options: { all: { type: 'boolean' }, json: { type: 'boolean' } },
  async run(input, output) {
    const id = input.options.all ? undefined : requirePositional(input, 0, 'The id of a calendar (or --all)')
    await using app = await openAppForCommand({ commandName: 'sync-calendar', output })
    const calendars = (await listCalendars(app.db)).filter((calendar) => id === undefined || calendar.id === id)
    if (calendars.length === 0) {
      output.note(
        id === undefined
          ? 'No calendar is connected.'
          : `There is no calendar ${id}. \`rapporteur calendar list\` shows them.`,
      )
      return id === undefined ? 0 : 1
    }
    const entry = { at: app.clock.now(), ...COMMAND_LINE, subject: id ?? 'all calendars' }
    await inTransaction(app.db, (trx) => recordAudit(trx, { ...entry, action: 'calendar_synced' }))
    return await syncAll(app, calendars, input.options.json === true, output)
  },
}

/** Syncs calendars one after the other and says how each went. */
export async function syncAll(
  app: App,
  calendars: readonly { id: string; ownerEmail: string; addressLabel: string }[],
  asJson: boolean,
  output: Output,
): Promise<ExitStatus> {
  const results: ({ id: string; owner: string } & ReturnType<typeof plainResult>)[] = []
  for (const calendar of calendars) {
    const result = await app.calendars.sync({ calendarId: calendar.id })
    results.push({ id: calendar.id, owner: calendar.ownerEmail, ...plainResult(result) })
    if (!asJson) output.print(`${calendar.ownerEmail}  ${calendar.addressLabel}  ${describeSync(result)}`)
  }
  if (asJson) output.print(JSON.stringify(results))
  return results.some((result) => result.outcome === 'failed') ? 1 : 0
}

function plainResult({ outcome, changes, problem }: SyncResult) {
  return { outcome, changes, ...(problem ? { code: problem.code, message: problem.message } : {}) }
}

/** What a sync did, in a few words. */
function describeSync(result: SyncResult): string {
  if (result.problem) return `failed: ${result.problem.message}`
  if (result.outcome === 'removed') return 'was removed meanwhile'
  return result.changes === 0 ? 'nothing new' : `${countOf(result.changes, 'event')} written`
}
