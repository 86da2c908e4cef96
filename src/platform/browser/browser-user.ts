import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

const ACCOUNT = 'nobody'

/**
 * Makes this process and the browsers it will start those of an unprivileged user, whom Chromium gives its own sandbox, which root does not
 * get. For a process that does nothing else; there is no way back. Answers why not where it stays as it is: not root, no such user, or one
 * that cannot reach one of these files.
 */
export async function becomeUnprivileged(files: readonly string[]): Promise<string | undefined> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'it is not root'
  const account = await findAccount(ACCOUNT)
  if (!account) return `there is no user ${ACCOUNT}`
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

const HOME_PREFIX = 'rapporteur-browser-'

/**
 * A folder of its own to call home: Chromium writes caches there, and the one of root is out of reach. Takes away those of our user whose
 * process was killed before it could.
 */
export function makeHome(): string {
  for (const name of readdirSync(tmpdir())) {
    const [, pid] = /^rapporteur-browser-(\d+)-/.exec(name) ?? []
    if (pid === undefined || existsSync(`/proc/${pid}`) || !existsSync('/proc/self')) continue
    try {
      rmSync(path.join(tmpdir(), name), { recursive: true, force: true })
    } catch {
      // Another user's.
    }
  }
  return mkdtempSync(path.join(tmpdir(), `${HOME_PREFIX}${process.pid}-`))
}

async function findAccount(name: string): Promise<{ uid: number; gid: number } | undefined> {
  const lines = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n')
  const [, , uid, gid] = lines.find((line) => line.startsWith(`${name}:`))?.split(':') ?? []
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : undefined
}

function canReach(file: string, account: { uid: number; gid: number }): boolean {
  return spawnSync('test', ['-r', file], { ...account, cwd: '/', stdio: 'ignore' }).status === 0
}
