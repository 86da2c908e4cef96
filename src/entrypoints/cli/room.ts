import { AppError } from '../../base/errors.ts'
import { explainDecision, readRoom, type StoredRoom, sayWasHeld } from '../../features/meetings/index.ts'
import { moveWords, readHeard } from '../../features/transcripts/index.ts'
import type { Transaction } from '../../platform/db/index.ts'
import { COMMAND_LINE, type Command, requirePositional, UsageError } from './command.ts'
import { openAppForCommand } from './open-installation.ts'

export const roomCommand: Command = {
  name: 'room',
  summary: 'Says who brought a room, and closes it to meetings of others.',
  usage: 'show LINK | brought LINK EMAIL | close LINK | open LINK [--sandbox] [--json]',
  help: `  Of several meetings that want a room at one time, those of the colleague who brought it come first. A closed room is for those whom they
  invited there.`,
  options: { sandbox: { type: 'boolean' }, json: { type: 'boolean' } },
  async run(input, output) {
    const action = requirePositional(input, 0, 'What to do (show, brought, close or open)')
    if (!['show', 'brought', 'close', 'open'].includes(action))
      throw new UsageError(`"${action}" is none of show, brought, close, open.`)
    const link = requirePositional(input, 1, 'The link of the room')
    const address = action === 'brought' ? requirePositional(input, 2, 'The e-mail address') : ''
    const isSandbox = input.options.sandbox === true
    await using app = await openAppForCommand({ commandName: 'room', output, sandbox: isSandbox })
    const { room, warning } = app.readLink(link)
    if (!room) throw new AppError('link_unusable', warning ?? `"${link.slice(0, 100)}" is not a link to a meeting.`)
    const roomKey = `${room.platform}:${room.roomId}`
    if (action === 'brought') await app.meetings.sayWhoBrought({ roomKey, address, ...COMMAND_LINE })
    else if (action !== 'show') await app.meetings.closeRoom({ roomKey, isClosed: action === 'close', ...COMMAND_LINE })
    const known = await readRoom(app.db, roomKey)
    if (input.options.json) output.print(JSON.stringify({ ...known, roomKey }))
    else output.print(describe(known))
    return 0
  },
}

export const heldCommand: Command = {
  name: 'held',
  summary: 'Says that a meeting was held, where another one was taken to be.',
  usage: 'MEETING_ID [--sandbox]',
  help: `  What was recorded then for the other one, if it is wholly of that time, becomes this meeting's: its people read it, those of the other
  do no more. \`audit\` shows who said so.`,
  options: { sandbox: { type: 'boolean' } },
  async run(input, output) {
    const meetingId = requirePositional(input, 0, 'The id of the meeting')
    const isSandbox = input.options.sandbox === true
    await using app = await openAppForCommand({ commandName: 'held', output, sandbox: isSandbox })
    const left: string[] = []
    const words = {
      heardOf: readHeard,
      move: async (trx: Transaction, from: string, to: string) => {
        const file = await moveWords(app, trx, { from, to })
        if (file !== undefined) left.push(file)
      },
    }
    const meeting = await sayWasHeld({ ...app.reconcile, db: app.db, words }, { meetingId, ...COMMAND_LINE })
    for (const file of left) await app.blobs.delete(file)
    output.print(`Written down. ${explainDecision(meeting, app.clock.now())}`)
    return 0
  },
}

const HOW = {
  administrator: 'an administrator said so',
  recognised: 'theirs was the first meeting held there with people who were recognised',
  first_known: 'theirs was the first meeting held there',
} as const

function describe(room: StoredRoom | undefined): string {
  if (!room?.broughtBy) return 'Nobody is known to have brought this room.'
  const how = room.broughtHow === null ? '' : ` (${HOW[room.broughtHow]})`
  const closed = room.closedAt === null ? 'It is open to everybody.' : `It is closed to others by ${room.closedBy}.`
  return `${room.broughtBy} brought this room${how}. ${closed}`
}
