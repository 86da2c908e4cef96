import type { App } from '../../app.ts'
import { AppError } from '../../base/errors.ts'
import { normaliseEmail } from '../../base/text.ts'
import { DAY_MS } from '../../base/time.ts'
import { recordAudit } from '../../features/people/index.ts'
import {
  createTranscriptToken,
  LINK_DAYS,
  mayReadTranscript,
  readMeetingPeople,
  type SharingPolicy,
  transcriptPath,
} from '../../features/transcripts/index.ts'
import { inTransaction } from '../../platform/db/index.ts'
import { COMMAND_LINE, type Command, requirePositional, textOption, UsageError } from './command.ts'
import { openAppForCommand } from './open-installation.ts'
import { requireMeeting } from './require-meeting.ts'
import { localOrigin } from './sign-in-link.ts'

const MAX_DAYS = 3_660

export const createTranscriptTokenCommand: Command = {
  name: 'create-transcript-token',
  summary: 'Prints a link that lets one invited person read the transcript of a meeting.',
  usage: 'MEETING_ID EMAIL [--days N] [--sandbox] [--json]',
  help: `  The link works for ${LINK_DAYS} days unless --days says otherwise, as long as that person stays invited.
  MEETING_ID is the id in the address of the meeting's page.`,
  options: { days: { type: 'string' }, sandbox: { type: 'boolean' }, json: { type: 'boolean' } },
  async run(input, output) {
    const meetingId = requirePositional(input, 0, 'The id of the meeting').toLowerCase()
    const given = requirePositional(input, 1, 'The e-mail address of the reader')
    const days = readDays(textOption(input, 'days'))
    const email = normaliseEmail(given)
    if (email === undefined) throw new AppError('bad_email', `"${given}" is not an e-mail address.`)
    await using app = await openAppForCommand({
      commandName: 'create-transcript-token',
      output,
      sandbox: input.options.sandbox === true,
    })
    await requireInvited(app, meetingId, email)
    const now = app.clock.now()
    await inTransaction(app.db, (trx) =>
      recordAudit(trx, { at: now, ...COMMAND_LINE, action: 'link_made', subject: meetingId, detail: { email, days } }),
    )
    const token = createTranscriptToken(app.links.signing, { meetingId, email, now, days })
    const { siteUrl, host, port } = app.config.server
    const url = `${siteUrl?.origin ?? localOrigin(host, port)}${transcriptPath(meetingId, token)}`
    const expiresAt = new Date(now.getTime() + days * DAY_MS)
    output.print(input.options.json ? JSON.stringify({ url, meetingId, email, expiresAt }) : url)
    return 0
  },
}

function readDays(text: string | undefined): number {
  if (text === undefined) return LINK_DAYS
  const days = Number(text)
  if (/^\d+$/.test(text) && days >= 1 && days <= MAX_DAYS) return days
  throw new UsageError(`--days ${text} is not a number of days between 1 and ${MAX_DAYS}.`)
}

/** Refuses a link that would open nothing. */
async function requireInvited(app: App, meetingId: string, email: string): Promise<void> {
  const meeting = await requireMeeting(app, meetingId)
  const policy: SharingPolicy = app.config
  if (await mayReadTranscript(app, meeting.id, { email, at: app.clock.now() }, policy)) return
  const isInvited = (await readMeetingPeople(app, meeting.id)).some((person) => person.email === email)
  throw new AppError(
    'reader_not_invited',
    isInvited
      ? `${email} was invited but is not of the organisation (ORG_DOMAINS). SHARE_WITH_EXTERNAL=on lets such people read.`
      : `${email} was not invited to this meeting, so a link would open nothing.`,
  )
}
