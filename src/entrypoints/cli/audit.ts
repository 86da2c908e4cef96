import { boundsOfDay, isDay } from '../../base/time.ts'
import { AUDIT_ACTIONS, type AuditRow, isAuditAction, listAudit } from '../../features/people/index.ts'
import { dayAndTime } from '../web/formats.ts'
import { type Command, textOption, UsageError, wholeNumberOption } from './command.ts'
import { openAppForCommand } from './open-installation.ts'

const USUAL = 100

export const auditCommand: Command = {
  name: 'audit',
  summary: 'Lists what people changed: who, what, when, from where. Newest first.',
  usage: '[--since DAY] [--limit N] [--sandbox] [--json]',
  help: `  DAY is a date such as 2026-11-30, which begins at midnight in TIME_ZONE. ${USUAL} changes are listed unless --limit says otherwise.`,
  options: {
    since: { type: 'string' },
    limit: { type: 'string' },
    sandbox: { type: 'boolean' },
    json: { type: 'boolean' },
  },
  async run(input, output) {
    const day = textOption(input, 'since')
    const limit = wholeNumberOption(input, 'limit', { least: 1, most: 100_000 }) ?? USUAL
    if (day !== undefined && !isDay(day)) throw new UsageError(`--since ${day} is no day such as 2026-11-30.`)
    await using app = await openAppForCommand({ commandName: 'audit', output, sandbox: input.options.sandbox === true })
    const zone = app.config.server.timeZone
    const since = day === undefined ? {} : { since: boundsOfDay(day, zone).from }
    const entries = await listAudit(app.db, { ...since, limit })
    if (input.options.json) output.print(JSON.stringify(entries))
    else for (const entry of entries) output.print(lineOf(entry, zone))
    if (entries.length === limit) output.note(`There may be more; --limit ${limit * 10} lists them.`)
    return 0
  },
}

function lineOf({ at, by, action, subject, detail, from }: AuditRow, zone: string): string {
  const said = isAuditAction(action) ? AUDIT_ACTIONS[action] : action
  const more = Object.entries(detail).map(([name, value]) => `${name} ${String(value)}`)
  const where = from === null ? '' : `  from ${from}`
  return `${dayAndTime(at, zone)}  ${by} ${said}: ${[subject, ...more].join(', ')}${where}`
}
