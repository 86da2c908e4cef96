import { readFile, readlink } from 'node:fs/promises'
import { hostname } from 'node:os'

/** A process told apart from a later one with the same number. The start is in clock ticks since boot; Linux only. */
export interface ProcessIdentity {
  pid: number
  startTicks?: string | undefined
}

/** Where a process number means something: numbers of another boot or another container say nothing here. */
interface ProcessRealm {
  hostname: string
  bootId?: string | undefined
  pidNamespace?: string | undefined
}

export async function identifyProcess(pid: number): Promise<ProcessIdentity> {
  return { pid, startTicks: (await readStat(pid))?.startTicks }
}

/** False when the process is gone, is a zombie, or its number now belongs to another process. */
export async function isProcessAlive({ pid, startTicks }: ProcessIdentity): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: it is there and belongs to somebody else.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  const stat = await readStat(pid)
  if (!stat) return process.platform !== 'linux'
  if (stat.state === 'Z' || stat.state === 'X') return false
  return startTicks === undefined || startTicks === stat.startTicks
}

export async function currentRealm(): Promise<ProcessRealm> {
  const [bootId, pidNamespace] = await Promise.all([
    readFile('/proc/sys/kernel/random/boot_id', 'utf8').then(
      (text) => text.trim(),
      () => undefined,
    ),
    readlink('/proc/self/ns/pid').catch(() => undefined),
  ])
  return { hostname: hostname(), bootId, pidNamespace }
}

async function readStat(pid: number): Promise<{ state: string; startTicks: string } | undefined> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name in brackets and may hold spaces and brackets; what follows the last one is regular.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { state: fields[0] ?? '', startTicks: fields[19] ?? '' }
  } catch {
    return undefined
  }
}
