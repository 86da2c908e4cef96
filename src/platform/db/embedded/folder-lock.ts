import { link, readFile, rename, rm, stat, unlink, utimes } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { newId } from '../../../base/ids.ts'
import { createPrivateFile } from './private-file.ts'
import { currentRealm, identifyProcess, isProcessAlive } from './process-identity.ts'

const HEARTBEAT_MS = 3_000
/** How long a holder we cannot see (another container or machine) must be silent before it counts as dead. */
const SILENCE_MS = 10_000

const holderSchema = z.object({
  id: z.string(),
  pid: z.number().int().positive(),
  startTicks: z.string().optional(),
  hostname: z.string(),
  bootId: z.string().optional(),
  pidNamespace: z.string().optional(),
  purpose: z.enum(['start', 'command']),
  command: z.string(),
  since: z.string(),
  /** The port of its server, as soon as that one answers. */
  port: z.number().int().optional(),
})

/** Who has a data folder, as its lock file says. */
export type LockHolder = z.infer<typeof holderSchema>

export interface LockRequest {
  purpose: LockHolder['purpose']
  command: string
  since: Date
  silenceMs?: number
}

/** A data folder held by this process until released. A file that a dead process left behind is taken over by the next one. */
export class FolderLock implements AsyncDisposable {
  readonly #file: string
  #holder: LockHolder
  readonly #heartbeat: NodeJS.Timeout

  constructor(file: string, holder: LockHolder) {
    this.#file = file
    this.#holder = holder
    // Processes of other containers cannot see ours; to them the file's changing time says that we live.
    this.#heartbeat = setInterval(() => {
      const now = new Date()
      utimes(file, now, now).catch(() => {})
    }, HEARTBEAT_MS)
    this.#heartbeat.unref()
  }

  /** Lets others know where the server answers, which is what makes it attachable. */
  async announcePort(port: number): Promise<void> {
    this.#holder = { ...this.#holder, port }
    await replaceFile(this.#file, this.#holder)
  }

  async release(): Promise<void> {
    clearInterval(this.#heartbeat)
    const present = await readHolder(this.#file)
    if (present?.id === this.#holder.id) await rm(this.#file, { force: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release()
  }
}

/** Takes the lock if it is free or stale; otherwise answers who has it. Of any number of processes trying at once exactly one gets it. */
export async function tryFolderLock(
  file: string,
  request: LockRequest,
): Promise<{ lock: FolderLock; heldBy?: never } | { lock?: never; heldBy: LockHolder }> {
  const holder: LockHolder = {
    id: newId(),
    ...(await identifyProcess(process.pid)),
    ...(await currentRealm()),
    purpose: request.purpose,
    command: request.command,
    since: request.since.toISOString(),
  }
  const heldBy = await take(file, holder, request.silenceMs ?? SILENCE_MS)
  return heldBy ? { heldBy } : { lock: new FolderLock(file, holder) }
}

/**
 * Stale files are replaced under a second lock, named after the very holder that is dead and taken by the same rules. Whoever gets
 * that one looks again: if the dead holder is still there, nobody else can be replacing it.
 */
async function take(file: string, self: LockHolder, silenceMs: number): Promise<LockHolder | undefined> {
  for (;;) {
    if (await createFile(file, self)) return undefined
    const seen = await readHolder(file)
    if (!seen) continue
    if (await isHolderAlive(file, seen, silenceMs)) return seen

    const claim = `${file}.taking-${seen.id}`
    if (await take(claim, self, silenceMs)) {
      await sleep(20)
      continue
    }
    try {
      const present = await readHolder(file)
      if (present?.id !== seen.id) continue
      await replaceFile(file, self)
      return undefined
    } finally {
      await unlink(claim)
    }
  }
}

async function isHolderAlive(file: string, holder: LockHolder, silenceMs: number): Promise<boolean> {
  if (holder.id === DAMAGED.id) return false
  const here = await currentRealm()
  if (holder.bootId === here.bootId && holder.pidNamespace === here.pidNamespace) return isProcessAlive(holder)
  if (holder.bootId !== here.bootId && holder.hostname === here.hostname) return false
  return showsHeartbeat(file, silenceMs)
}

async function showsHeartbeat(file: string, silenceMs: number): Promise<boolean> {
  const changedAt = async () =>
    stat(file).then(
      (found) => found.mtimeMs,
      () => undefined,
    )
  const before = await changedAt()
  const until = performance.now() + silenceMs
  while (performance.now() < until) {
    await sleep(Math.min(200, silenceMs))
    if ((await changedAt()) !== before) return true
  }
  return false
}

/** What a file cut short by a power failure counts as; a living process never leaves one, because it is linked in whole. */
const DAMAGED: LockHolder = {
  id: 'damaged',
  pid: 1,
  hostname: '',
  purpose: 'command',
  command: 'unknown',
  since: new Date(0).toISOString(),
}

async function readHolder(file: string): Promise<LockHolder | undefined> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    return holderSchema.parse(JSON.parse(text))
  } catch {
    return DAMAGED
  }
}

async function createFile(file: string, holder: LockHolder): Promise<boolean> {
  const draft = await writeDraft(file, holder)
  try {
    await link(draft, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    await unlink(draft)
  }
}

async function replaceFile(file: string, holder: LockHolder): Promise<void> {
  await rename(await writeDraft(file, holder), file)
}

async function writeDraft(file: string, holder: LockHolder): Promise<string> {
  const draft = `${file}.${newId()}.tmp`
  await createPrivateFile(draft, `${JSON.stringify(holder, null, 2)}\n`)
  return draft
}
