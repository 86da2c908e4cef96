import { readdirSync, readFileSync } from 'node:fs'

/** All processes below one, as they are now. */
export function descendantsOf(pid: number): number[] {
  const children = listChildren()
  const found = [...(children.get(pid) ?? [])]
  for (const one of found) found.push(...(children.get(one) ?? []))
  return found
}

/** What these start looks like them for a moment, until it becomes another program. */
function childrenOf(pid: number): number[] {
  return listChildren().get(pid) ?? []
}

/** Of the processes that one has started itself, those whose command line has these words. */
export function childrenNamed(pid: number, words: string): number[] {
  return childrenOf(pid).filter((child) => commandLineOf(child).includes(words))
}

function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

function listChildren(): Map<number, number[]> {
  const found = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return Map.groupBy(found.map(Number), (pid) => parentOf(pid) ?? 0)
}

/**
 * Sends a signal to a process and answers whether it was there: one that is to be ended may just have ended by itself. Throws where there is no
 * process to name, since 0 would be every process of this test.
 */
export function signalProcess(pid: number | undefined, signal: NodeJS.Signals = 'SIGKILL'): boolean {
  if (!pid || pid < 0) throw new Error(`There is no process ${pid}`)
  try {
    return process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    return false
  }
}

export function isRunning(pid: number): boolean {
  return parentOf(pid) !== undefined
}

function parentOf(pid: number): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state, parent] = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return state === 'Z' || state === 'X' ? undefined : Number(parent)
  } catch {
    return undefined
  }
}
