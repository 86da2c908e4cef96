import { enterRoom } from '../../sandbox/attendee/enter-room.ts'
import type { Sandbox } from '../../sandbox/start-sandbox.ts'
import { CONTRACT_BOT_NAME, type RunnersRoom } from '../../src/features/attendance/runners/runner.contract.ts'

let rooms = 0
const nothing = () => {}
const deaf = {
  ...{ lobby: nothing, welcome: nothing, joined: nothing, renamed: nothing },
  ...{ left: nothing, chat: nothing, gone: nothing, missing: nothing },
}

/** A new room of the sandbox, for the contract of runners. */
export function newRunnersRoom(sandbox: Sandbox): RunnersRoom {
  const name = `contract-${rooms++}`
  const room = sandbox.rooms.room(name)
  const isBot = ({ joinedAs }: { joinedAs: string }) => joinedAs === CONTRACT_BOT_NAME
  const waiting = () => room.waiting().find(isBot)?.id ?? ''
  return {
    url: `${sandbox.origin}/rooms/${name}`,
    enter: (guest) => enterRoom({ url: `${sandbox.origin}/rooms/${name}`, name: guest, ears: deaf }),
    openLobby: () => {
      room.lobby = true
    },
    admit: () => room.admit(waiting()),
    deny: () => room.deny(waiting()),
    remove: () => room.remove(room.participants().find(isBot)?.id ?? ''),
    end: () => room.end(),
    botsInside: () => room.participants().filter(isBot).length,
    botsWaiting: () => room.waiting().filter(isBot).length,
    hasKnocked: () => room.visits.some(isBot),
    knockedAt: () => room.visits.find(isBot)?.knockedAt,
    until: (holds) => room.until(holds),
  }
}
