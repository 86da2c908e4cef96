import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { withConnection } from '../../src/platform/db/embedded/connection.ts'
import { openEmbeddedDatabase } from '../../src/platform/db/embedded/index.ts'
import type { EmbeddedDatabaseOptions } from '../../src/platform/db/embedded/open-embedded-database.ts'
import { isServerOf, readPostmasterFile } from '../../src/platform/db/embedded/postmaster-file.ts'
import { identifyProcess } from '../../src/platform/db/embedded/process-identity.ts'
import { stopServer } from '../../src/platform/db/embedded/server-process.ts'

export const isRoot = process.getuid?.() === 0

/** No waiting for the disk: these clusters live for seconds. */
export const QUICK = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }

/** Opens an embedded database as `start` does, but quickly and without a word. */
export function openQuickly(
  options: Partial<EmbeddedDatabaseOptions> & Pick<EmbeddedDatabaseOptions, 'dataDir' | 'systemDir'>,
) {
  return openEmbeddedDatabase({
    purpose: 'start',
    commandName: 'rapporteur start',
    log: () => {},
    settings: QUICK,
    ...options,
  })
}

/** The first row that a statement answers. */
export const ask = (url: string, sql: string) =>
  withConnection(url, async (client) => (await client.query(sql)).rows[0])

/** Folders under the temporary folder that the server's user can enter; removed with the servers in them. */
export class TemporaryFolders implements AsyncDisposable {
  readonly #folders: string[] = []

  async make(mode = 0o711): Promise<string> {
    const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'rapporteur-')))
    await chmod(folder, mode)
    this.#folders.push(folder)
    return folder
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const folder of this.#folders) {
      for (const name of await readdir(folder, { recursive: true }))
        if (path.basename(name) === 'postmaster.pid') await stopServerIn(path.dirname(path.join(folder, name)))
      await rm(folder, { recursive: true, force: true, maxRetries: 10 })
    }
  }
}

export async function serverPid(cluster: string): Promise<number> {
  const pid = (await readPostmasterFile(cluster))?.pid
  if (!pid) throw new Error(`No server runs in ${cluster}.`)
  return pid
}

async function stopServerIn(cluster: string): Promise<void> {
  const pid = (await readPostmasterFile(cluster))?.pid
  if (pid && (await isServerOf(pid, cluster))) await stopServer(await identifyProcess(pid))
}

export interface HolderOptions {
  dataDir: string
  systemDir: string
  purpose?: 'start' | 'command'
  uid?: number
  /** In units of 1024 bytes, as `ulimit -f` takes it. */
  fileLimit?: number
}

export type HolderAnswer =
  | { url: string; role: string; location: string; code?: never; message?: never }
  | { url?: never; role?: never; location?: never; code: string; message: string }

const MODULE = new URL('../../src/platform/db/embedded/index.ts', import.meta.url).href
export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url))

const SCRIPT = `
  const { openEmbeddedDatabase } = await import(${JSON.stringify(MODULE)})
  const { dataDir, systemDir, purpose = 'start' } = JSON.parse(process.argv[1])
  const say = (answer) => console.log(JSON.stringify(answer))
  try {
    const database = await openEmbeddedDatabase({
      dataDir, systemDir, purpose, commandName: 'rapporteur ' + purpose, log: () => {}, settings: ${JSON.stringify(QUICK)},
    })
    say({ url: database.url, role: database.role, location: database.location })
    await new Promise((resolve) => process.stdin.once('end', resolve).resume())
    await database.stop()
  } catch (error) {
    say({ code: String(error.code), message: error.message })
  }
  process.exit(0)
`

/** Another process that opens the database of a folder and keeps it until its input ends or it is killed. */
export async function spawnHolder(options: HolderOptions): Promise<{ child: ChildProcess; answer: HolderAnswer }> {
  const args = ['--input-type=module', '-e', SCRIPT, JSON.stringify(options)]
  const spawnOptions = {
    cwd: '/',
    stdio: ['pipe', 'pipe', 'inherit'] as ['pipe', 'pipe', 'inherit'],
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  }
  const child = options.fileLimit
    ? spawn('bash', ['-c', `ulimit -f ${options.fileLimit}; exec "$0" "$@"`, process.execPath, ...args], spawnOptions)
    : spawn(process.execPath, args, spawnOptions)
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  return { child, answer: JSON.parse(line) }
}

/** Answers its exit status. */
export async function endHolder(child: ChildProcess, signal?: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
  const ended = once(child, 'exit')
  if (signal) child.kill(signal)
  else child.stdin?.end()
  await ended
  return child.exitCode
}
