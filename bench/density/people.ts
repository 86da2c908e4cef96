import { fork, spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { endChild, hear } from '../patience.ts'
import type { FromPeople, Part, ToPeople } from './messages.ts'

type Left = Extract<FromPeople, { type: 'left' }>

/** Everybody who speaks in a scene, in one process outside of what is measured. */
interface LightPeople extends AsyncDisposable {
  readonly pid: number
  /** Resolves when everybody is heard where the bots are. */
  join(origin: string, parts: readonly Part[]): Promise<void>
  /** Answers the instant that their times count from. */
  begin(): Promise<Date>
  leave(): Promise<Left>
}

/** Starts the process of the people, on the last core only where the machine has `taskset`. */
export function startLightPeople(): LightPeople {
  const child = fork(fileURLToPath(new URL('people-process.ts', import.meta.url)), [], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
  spawnSync('taskset', ['-acp', String(availableParallelism() - 1), String(child.pid)], { stdio: 'ignore' })
  const say = (message: ToPeople) => void child.send(message)
  const heard = <Type extends FromPeople['type']>(type: Type, what: string) =>
    hear<FromPeople>(child, what, (message) => message.type === type) as Promise<Extract<FromPeople, { type: Type }>>
  return {
    pid: child.pid ?? 0,
    async join(origin, parts) {
      say({ type: 'join', origin, parts })
      await heard('connected', 'everybody who speaks is connected with the bot in their room')
    },
    async begin() {
      say({ type: 'begin' })
      return new Date((await heard('began', 'the people begin')).atMs)
    },
    async leave() {
      say({ type: 'leave' })
      return heard('left', 'the people leave')
    },
    [Symbol.asyncDispose]: () => endChild(child, 'the end of the people’s process'),
  }
}
