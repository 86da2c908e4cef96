import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '../../../base/errors.ts'
import { greetServer } from './connection.ts'
import { type FolderLock, type LockHolder, type LockRequest, tryFolderLock } from './folder-lock.ts'
import { readPassword } from './password.ts'

interface ClaimRequest extends LockRequest {
  folder: string
  lockFile: string
  /** With it a running `start` can be attached to; without, its folder is only waited for. */
  passwordFile?: string | undefined
  waitMs: number
  log: (line: string) => void
}

/** A folder of our own, or the server of the `start` that has it. */
type Claim = { lock: FolderLock; attachTo?: never } | { lock?: never; attachTo: { port: number; password: string } }

/**
 * Gets a folder or attaches to who has it. Commands are short, so everybody waits for them; `start` is long, so a second one is refused
 * at once. Throws `data_dir_in_use`.
 */
export async function claimFolder(request: ClaimRequest): Promise<Claim> {
  const until = performance.now() + request.waitMs
  let hasSaid = false
  for (;;) {
    const { lock, heldBy } = await tryFolderLock(request.lockFile, request)
    if (lock) return { lock }
    if (request.purpose === 'start' && heldBy.purpose === 'start') throw folderInUse(request.folder, heldBy)
    const attachTo = request.purpose === 'command' ? await findAttachable(heldBy, request.passwordFile) : undefined
    if (attachTo) return { attachTo }
    if (performance.now() > until) throw folderInUse(request.folder, heldBy)
    if (!hasSaid) request.log(`Waiting for ${describeHolder(heldBy)} to be done with ${request.folder}.`)
    hasSaid = true
    await sleep(100)
  }
}

async function findAttachable(holder: LockHolder, passwordFile: string | undefined) {
  if (holder.purpose !== 'start' || holder.port === undefined || passwordFile === undefined) return undefined
  const password = await readPassword(passwordFile)
  if (password === undefined) return undefined
  try {
    await greetServer(holder.port, password)
    return { port: holder.port, password }
  } catch {
    // It is just restarting its server, or it is a container of which only the folder is visible here.
    return undefined
  }
}

function describeHolder(holder: LockHolder): string {
  return `\`${holder.command}\` (process ${holder.pid} on ${holder.hostname}, since ${holder.since})`
}

function folderInUse(folder: string, holder: LockHolder): AppError {
  return new AppError(
    'data_dir_in_use',
    `The data folder ${folder} is in use by ${describeHolder(holder)}. Stop that one first (\`kill ${holder.pid}\` there), or set DATA_DIR to another folder.`,
    {
      details: { folder, pid: holder.pid, since: holder.since, command: holder.command, hostname: holder.hostname },
      retry: 'later',
    },
  )
}
