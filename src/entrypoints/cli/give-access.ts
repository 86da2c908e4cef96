import { AppError } from '../../base/errors.ts'
import { normaliseEmail } from '../../base/text.ts'
import { giveAccess } from '../../features/transcripts/index.ts'
import { COMMAND_LINE, type Command, requirePositional } from './command.ts'
import { openAppForCommand } from './open-installation.ts'
import { requireMeeting } from './require-meeting.ts'

export const giveAccessCommand: Command = {
  name: 'give-access',
  summary: 'Lets a colleague read a meeting for good, invited or not. --take-back ends that, for invited people too.',
  usage: 'MEETING_ID EMAIL [--take-back] [--sandbox] [--json]',
  help: `  The right is the person's, with every address of theirs in the directory. People outside the organisation (ORG_DOMAINS) get it
  with SHARE_WITH_EXTERNAL=on only. \`audit\` shows who gave what.`,
  options: { 'take-back': { type: 'boolean' }, sandbox: { type: 'boolean' }, json: { type: 'boolean' } },
  async run(input, output) {
    const given = requirePositional(input, 0, 'The id of the meeting').toLowerCase()
    const text = requirePositional(input, 1, 'The e-mail address of the reader')
    const email = normaliseEmail(text)
    if (email === undefined) throw new AppError('bad_email', `"${text}" is not an e-mail address.`)
    await using app = await openAppForCommand({
      commandName: 'give-access',
      output,
      sandbox: input.options.sandbox === true,
    })
    const { id: meetingId } = await requireMeeting(app, given)
    const takesBack = input.options['take-back'] === true
    await giveAccess(app, { meetingId, email, takesBack, ...COMMAND_LINE }, app.config)
    if (input.options.json) output.print(JSON.stringify({ meetingId, email, mayRead: !takesBack }))
    else output.print(takesBack ? `${email} reads this meeting no more.` : `${email} reads this meeting from now on.`)
    return 0
  },
}
