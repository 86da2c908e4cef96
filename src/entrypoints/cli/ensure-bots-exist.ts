import { countOf } from '../../base/text.ts'
import { DAY_MS } from '../../base/time.ts'
import { type Command, wholeNumberOption } from './command.ts'
import { openAppForCommand } from './open-installation.ts'

export const ensureBotsExistCommand: Command = {
  name: 'ensure-bots-exist',
  summary: 'Plans the meetings of the coming days again, so that each that is to be attended has its bot.',
  usage: '[--days N] [--dry-run] [--sandbox] [--json]',
  help: `  The same sweep as every hour and at the start of a worker, over the meetings that begin within N days (1).
  --dry-run says what it would do and changes nothing.`,
  options: {
    days: { type: 'string' },
    'dry-run': { type: 'boolean' },
    sandbox: { type: 'boolean' },
    json: { type: 'boolean' },
  },
  async run(input, output) {
    const days = wholeNumberOption(input, 'days', { least: 1, most: 28 }) ?? 1
    const isDryRun = input.options['dry-run'] === true
    await using app = await openAppForCommand({
      commandName: 'ensure-bots-exist',
      output,
      sandbox: input.options.sandbox === true,
    })
    const startsBefore = new Date(app.clock.now().getTime() + days * DAY_MS)
    const { planned, written, bots } = await app.meetings.sweep({ origin: 'sweep', startsBefore, isDryRun })
    if (input.options.json) output.print(JSON.stringify({ days, dryRun: isDryRun, planned, written, bots }))
    else {
      const { made, moved, calledOff } = bots
      const did = isDryRun ? 'would be ' : ''
      output.print(
        `${countOf(planned, 'meeting')} of the coming ${countOf(days, 'day')} looked at: ${countOf(made, 'bot')} ${did}made, ${moved} ${did}moved, ${calledOff} ${did}called off.`,
      )
    }
    return 0
  },
}
