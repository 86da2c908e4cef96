import { readFile, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { isProcessAlive } from './process-identity.ts'
import { runProgram } from './run-program.ts'

/** What the server wrote into its data folder about itself (`postmaster.pid`, PostgreSQL 10 to 18). */
interface PostmasterFile {
  pid: number
  port: number
  isReady: boolean
}

export async function readPostmasterFile(cluster: string): Promise<PostmasterFile | undefined> {
  const text = await readFile(path.join(cluster, 'postmaster.pid'), 'utf8').catch(() => '')
  const lines = text.split('\n')
  // A negative number is a server in single-user mode.
  const pid = Math.abs(Number(lines[0]))
  const port = Number(lines[3])
  if (!Number.isInteger(pid) || pid < 2) return undefined
  return { pid, port: Number.isInteger(port) ? port : 0, isReady: lines[7]?.trim() === 'ready' }
}

/** Whether a process number belongs to a living PostgreSQL server of this very folder, and not to whoever got the number later. */
export async function isServerOf(pid: number, cluster: string): Promise<boolean> {
  if (!(await isProcessAlive({ pid }))) return false
  try {
    // Its working folder is its data folder; comparing the folders themselves holds when one has been moved or is reached by a link.
    const [cwd, folder] = await Promise.all([stat(`/proc/${pid}/cwd`), stat(cluster)])
    if (cwd.dev !== folder.dev || cwd.ino !== folder.ino) return false
    return (await commandOf(pid)).includes('postgres')
  } catch {
    const command = await commandOf(pid)
    return command.includes('postgres') && command.includes(cluster)
  }
}

/** Removes the file if its process number is somebody else's now: PostgreSQL itself goes by the number alone and would not start. */
export async function dropMisleadingPostmasterFile(cluster: string): Promise<void> {
  const recorded = await readPostmasterFile(cluster)
  if (!recorded || !(await isProcessAlive({ pid: recorded.pid }))) return
  if (!(await isServerOf(recorded.pid, cluster))) await rm(path.join(cluster, 'postmaster.pid'), { force: true })
}

async function commandOf(pid: number): Promise<string> {
  try {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ')
  } catch {
    const result = await runProgram('ps', ['-o', 'command=', '-p', String(pid)])
    return result.ok ? result.output : ''
  }
}
