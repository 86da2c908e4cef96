import type { ChildProcess } from 'node:child_process'
import { on, once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { MINUTE_MS } from '../src/base/time.ts'
import { within } from '../src/base/within.ts'

/** Every wait of a bench ends: with an error that says what was waited for. */
const PATIENCE_MS = 2 * MINUTE_MS

function inVain(what: string, ms: number): () => Error {
  return () => new Error(`Waited ${Math.round(ms / 1_000)} s in vain: ${what}`)
}

/** Waits for something that is on its way. */
export function untilDone<T>(what: string, work: Promise<T>, ms = PATIENCE_MS): Promise<T> {
  return within(ms, work, inVain(what, ms))
}

/** Looks until it holds. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, ms = PATIENCE_MS): Promise<void> {
  const deadlineMs = performance.now() + ms
  while (!(await holds())) {
    if (performance.now() > deadlineMs) throw inVain(what, ms)()
    await wait(50)
  }
}

/** Looks until it is over, however long that takes, as long as what is told of it changes. */
export async function whileItMoves(
  look: () => Promise<{ isOver: boolean; told: string }>,
  ms = PATIENCE_MS,
): Promise<void> {
  let movedAtMs = performance.now()
  for (let before = ''; ; ) {
    const { isOver, told } = await look()
    if (isOver) return
    if (told !== before) movedAtMs = performance.now()
    if (performance.now() - movedAtMs > ms)
      throw new Error(`Nothing has moved for ${Math.round(ms / 1_000)} s: ${told}`)
    before = told
    await wait(250)
  }
}

/** Waits for a message of a child process; throws where it ends instead. */
export async function hear<Message>(
  child: ChildProcess,
  what: string,
  isWanted: (message: Message) => boolean = () => true,
): Promise<Message> {
  const over = new AbortController()
  const { signal } = over
  const ended = once(child, 'exit', { signal }).then(([status]) => {
    throw new Error(`A process ended with ${status} before it said: ${what}`)
  })
  const said = (async () => {
    for await (const [message] of on(child, 'message', { signal })) if (isWanted(message)) return message as Message
    throw new Error('unreachable: messages end with an error')
  })()
  try {
    return await untilDone(what, Promise.race([said, ended]))
  } finally {
    over.abort()
    for (const one of [said, ended]) one.catch(() => {})
  }
}

/** Lets a child process end, and kills one that does not. */
export async function endChild(child: ChildProcess, what: string): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  if (child.connected) child.disconnect()
  else child.kill('SIGTERM')
  try {
    await untilDone(what, gone)
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
}
