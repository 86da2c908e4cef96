import { AppError } from '../../base/errors.ts'
import { countNotGone, readMeetingOfBot } from '../../features/bots/index.ts'
import { explainDecision, type Meeting, readMeeting } from '../../features/meetings/index.ts'
import { COMMAND_LINE, type Command, requirePositional } from './command.ts'
import { openAppForCommand } from './open-installation.ts'

export const sendBotCommand: Command = {
  name: 'send-bot',
  summary: 'Sends a bot to a meeting link now: to the meeting that takes place there, or to one of its own.',
  usage: 'URL [--sandbox] [--json]',
  options: { sandbox: { type: 'boolean' }, json: { type: 'boolean' } },
  async run(input, output) {
    const url = requirePositional(input, 0, 'The link of the meeting')
    await using app = await openAppForCommand({
      commandName: 'send-bot',
      output,
      sandbox: input.options.sandbox === true,
    })
    const { room, warning } = app.readLink(url)
    if (!room) throw new AppError('link_unusable', warning ?? `"${url.slice(0, 100)}" is not a link to a meeting.`)
    const meeting = await app.meetings.askForBot({ room, ...COMMAND_LINE })
    if (input.options.json) output.print(JSON.stringify({ meetingId: meeting.id, decision: meeting.decision }))
    else output.print(`Meeting ${meeting.id}. ${explainDecision(meeting, app.clock.now())}`)
    return meeting.decision === 'attend' ? 0 : 1
  },
}

export const stopBotCommand: Command = {
  name: 'stop-bot',
  summary:
    'Lets a bot leave, and sends none to its meeting any more. --undo takes back what was said about the meeting.',
  usage: 'BOT_ID|MEETING_ID [--undo] [--sandbox]',
  options: { undo: { type: 'boolean' }, sandbox: { type: 'boolean' } },
  async run(input, output) {
    const id = requirePositional(input, 0, 'The id of the bot or of its meeting')
    await using app = await openAppForCommand({
      commandName: 'stop-bot',
      output,
      sandbox: input.options.sandbox === true,
    })
    const meetingId = id.startsWith('bot_') ? await readMeetingOfBot(app.db, id) : id
    if (meetingId === undefined) throw new AppError('bot_not_found', `There is no bot ${id}.`)
    const said = { meetingId, ...COMMAND_LINE }
    if (input.options.undo === true) {
      await app.meetings.followPlan(said)
      const meeting = (await readMeeting(app.db, meetingId)) as Meeting
      output.print(`As planned again. ${explainDecision(meeting, app.clock.now())}`)
      return 0
    }
    await app.meetings.refuseBot(said)
    output.print('Asked to leave. No bot goes to this meeting any more, unless somebody sends one.')
    const left = await countNotGone(app.db, meetingId)
    if (left > 0)
      output.print(
        `The Attendee server has not said yet that ${left === 1 ? 'the bot there is' : `the ${left} bots there are`} out; they are asked to leave until it does. A worker has to be running for that.`,
      )
    return 0
  },
}
