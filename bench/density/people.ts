import { type ChildProcess, fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { FromPeople, Part, ToPeople } from './messages.ts'

type Left = Extract<FromPeople, { type: 'left' }>

/** Everybody who speaks in a scene, in one process outside of what is measured. */
export interface LightPeople extends AsyncDisposable {
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
  return {
    pid: child.pid ?? 0,
    async join(origin, parts) {
      say({ type: 'join', origin, parts })
      await hear(child, 'connected')
    },
    async begin() {
      say({ type: 'begin' })
      return new Date((await hear(child, 'began')).atMs)
    },
    async leave() {
      say({ type: 'leave' })
      return hear(child, 'left')
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.disconnect()
      await gone
    },
  }
}

async function hear<Type extends FromPeople['type']>(
  child: ChildProcess,
  type: Type,
): Promise<Extract<FromPeople, { type: Type }>> {
  const ended = once(child, 'exit').then(() => {
    throw new Error('The process of the people ended')
  })
  for (;;) {
    const [message] = (await Promise.race([once(child, 'message'), ended])) as [FromPeople]
    if (message.type === type) return message as Extract<FromPeople, { type: Type }>
  }
}
