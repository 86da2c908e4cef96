import { countOf } from '../../base/text.ts'
import { readAttendance } from '../../features/meetings/index.ts'
import { COMMAND_LINE, type Command, requirePositional, UsageError } from './command.ts'
import { openAppForCommand } from './open-installation.ts'

export const attendanceCommand: Command = {
  name: 'attendance',
  summary: 'Says whether bots go to meetings, and switches it.',
  usage: 'on | off | status [--json]',
  help: `  Off (observing) is how every installation begins: everything is planned and shown, nobody is sent.
  Switching off cancels what has not begun.`,
  options: { json: { type: 'boolean' } },
  async run(input, output) {
    const action = requirePositional(input, 0, 'What to do (on, off or status)')
    if (!['on', 'off', 'status'].includes(action)) throw new UsageError(`"${action}" is none of on, off, status.`)
    await using app = await openAppForCommand({ commandName: 'attendance', output })
    const swept =
      action === 'status'
        ? undefined
        : await app.meetings.switchAttendance({ mode: action === 'on' ? 'on' : 'observing', ...COMMAND_LINE })
    const state = await readAttendance(app.db)
    if (input.options.json)
      output.print(JSON.stringify({ ...state, ...(swept ? { planned: swept.planned, changed: swept.written } : {}) }))
    else {
      output.print(
        state.mode === 'on'
          ? 'Attendance is on: bots go to the meetings planned wherever there is a way to join.'
          : 'Observing: everything is planned, nothing is attended.',
      )
      if (swept) output.print(`${countOf(swept.planned, 'coming meeting')} looked at, ${swept.written} changed.`)
    }
    return 0
  },
}
