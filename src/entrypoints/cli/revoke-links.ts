import type { App } from '../../app.ts'
import { AppError } from '../../base/errors.ts'
import { normaliseEmail } from '../../base/text.ts'
import { revokeLinks } from '../../features/transcripts/index.ts'
import { COMMAND_LINE, type Command, type CommandInput, textOption, UsageError } from './command.ts'
import { openAppForCommand } from './open-installation.ts'
import { requireMeeting } from './require-meeting.ts'

export const revokeLinksCommand: Command = {
  name: 'revoke-links',
  summary: 'Takes back the links to transcripts that were made until now: of a meeting, of a person, or all.',
  usage: '[MEETING_ID] [--email EMAIL] | --all   [--sandbox] [--json]',
  help: `  With both, the links of that person to that meeting. Links are a person's, under each of their addresses in the directory.
  Whoever is of a meeting still reads by signing in, and by a new link; \`give-access --take-back\` ends that.`,
  options: {
    email: { type: 'string' },
    all: { type: 'boolean' },
    sandbox: { type: 'boolean' },
    json: { type: 'boolean' },
  },
  async run(input, output) {
    const given = readLinks(input)
    await using app = await openAppForCommand({
      commandName: 'revoke-links',
      output,
      sandbox: input.options.sandbox === true,
    })
    const { email } = given
    const meetingId = await readMeetingId(app, given.meetingId)
    const revokedAt = await revokeLinks(app, {
      ...COMMAND_LINE,
      ...(meetingId === undefined ? {} : { meetingId }),
      ...(email === undefined ? {} : { email }),
    })
    if (input.options.json)
      output.print(JSON.stringify({ meetingId: meetingId ?? null, email: email ?? null, revokedAt }))
    else output.print(`The links of ${email ?? 'everybody'} to ${meetingId ?? 'all meetings'} open nothing any more.`)
    return 0
  },
}

function readLinks(input: CommandInput): { meetingId: string | undefined; email: string | undefined } {
  const meetingId = input.positionals[0]?.toLowerCase() || undefined
  const text = textOption(input, 'email')
  const isNarrow = meetingId !== undefined || text !== undefined
  if (isNarrow === (input.options.all === true))
    throw new UsageError('Say which links: those of a meeting, those of a person with --email, or --all.')
  const email = text === undefined ? undefined : normaliseEmail(text)
  if (text !== undefined && email === undefined) throw new AppError('bad_email', `"${text}" is not an e-mail address.`)
  return { meetingId, email }
}

async function readMeetingId(app: App, given: string | undefined): Promise<string | undefined> {
  return given === undefined ? undefined : (await requireMeeting(app, given)).id
}
