import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'

const ACCOUNT = 'nobody'
/** What Linux calls the user that is none, where no account has the name. */
const OVERFLOW_ID = 65_534

/**
 * Makes this process, and what it will start, an unprivileged user's, if it is root. For a process that does nothing else; there is no way
 * back. Answers why not where it stays as it is: not root, or a user that cannot reach one of these files, or may not become another.
 */
export async function becomeUnprivileged(files: readonly string[]): Promise<string | undefined> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'it is not root'
  const account = await findAccount(ACCOUNT)
  const hidden = files.find((file) => !canReach(file, account))
  if (hidden !== undefined) return `the user ${ACCOUNT} cannot reach ${hidden}`
  try {
    process.setgroups?.([])
    process.setgid?.(account.gid)
    process.setuid?.(account.uid)
    return undefined
  } catch {
    // A container may have taken this right away from its root.
    return 'it may not become another user'
  }
}

async function findAccount(name: string): Promise<{ uid: number; gid: number }> {
  const lines = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n')
  const [, , uid, gid] = lines.find((line) => line.startsWith(`${name}:`))?.split(':') ?? []
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : { uid: OVERFLOW_ID, gid: OVERFLOW_ID }
}

function canReach(file: string, account: { uid: number; gid: number }): boolean {
  return spawnSync('test', ['-r', file], { ...account, cwd: '/', stdio: 'ignore', env: {} }).status === 0
}
