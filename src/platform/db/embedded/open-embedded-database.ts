import { mkdir, realpath } from 'node:fs/promises'
import path from 'node:path'
import { type Clock, systemClock } from '../../../base/clock.ts'
import type { AppError } from '../../../base/errors.ts'
import { SECOND_MS } from '../../../base/time.ts'
import { claimFolder } from './claim-folder.ts'
import { CLUSTER_NAME } from './cluster.ts'
import { createDatabase, databaseUrl } from './connection.ts'
import { diskFull, meansFullDisk, translateFailure } from './failures.ts'
import type { FolderLock } from './folder-lock.ts'
import { rememberPort } from './free-port.ts'
import { readLocation } from './location-file.ts'
import { prepareServer } from './prepare-server.ts'
import { readLogSince, sizeOfLog, watchServerLog } from './server-log.ts'
import { SupervisedServer } from './supervised-server.ts'

const DATABASE = 'rapporteur'
const WAIT_MS = 60 * SECOND_MS

export interface EmbeddedDatabaseOptions {
  dataDir: string
  /** `start` owns the folder for as long as it runs; a `command` attaches to it, or has the folder for its own length. */
  purpose: 'start' | 'command'
  /** What a person would type, such as `rapporteur start`: shown to whoever wants the folder meanwhile. */
  commandName: string
  log: (line: string) => void
  /** PostgreSQL settings over ours, such as `fsync: 'off'` in tests. */
  settings?: Record<string, string>
  clock?: Clock
  /** The server died again and again and is not restarted any more. */
  onFailure?: (failure: AppError) => void
  /** Where programs and data go when root's own folders are closed to the server's user. */
  systemDir?: string
  /** How long to wait for a command that has the folder. */
  waitMs?: number
}

export interface EmbeddedDatabase extends AsyncDisposable {
  /** The database named rapporteur, with its password. */
  url: string
  port: number
  /** Whether stopping this stops the server. */
  role: 'owner' | 'attached'
  /** The folder of the cluster. */
  location: string
  /** May be called again. Open connections are cut off. */
  stop(): Promise<void>
}

/**
 * Brings up the PostgreSQL of a data folder, or attaches to the one that runs there. Writes under `dataDir` and, as root, perhaps under
 * `systemDir`. Throws `data_dir_in_use`, `data_dir_not_accessible`, `disk_full`, `database_failed`, `database_other_major`,
 * `database_missing`, `database_not_ours`, `database_binaries_missing`, `server_user_missing`, `server_user_cannot_reach`.
 */
export async function openEmbeddedDatabase(options: EmbeddedDatabaseOptions): Promise<EmbeddedDatabase> {
  const folder = path.resolve(options.dataDir)
  try {
    // As root the server's user has to pass through; what is in it is closed file by file.
    await mkdir(folder, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 })
    const dataDir = await realpath(folder)
    const claim = await claimFolder({
      ...claimOf(options, dataDir),
      passwordFile: path.join(dataDir, 'postgres.password'),
    })
    return claim.lock ? await own(options, dataDir, claim.lock) : await attach(dataDir, claim.attachTo)
  } catch (error) {
    throw translateFailure(error, folder)
  }
}

async function attach(dataDir: string, { port, password }: { port: number; password: string }) {
  const home = (await readLocation(dataDir))?.home ?? dataDir
  const stop = async () => {}
  return {
    url: databaseUrl(port, password, DATABASE),
    port,
    role: 'attached' as const,
    location: path.join(home, CLUSTER_NAME),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

async function own(options: EmbeddedDatabaseOptions, dataDir: string, lock: FolderLock): Promise<EmbeddedDatabase> {
  const { log, clock = systemClock } = options
  const logPath = path.join(dataDir, 'postgres.log')
  const logPosition = await sizeOfLog(logPath)
  /** What has to be undone, newest first. */
  const undo: Array<() => Promise<void> | void> = [() => lock.release()]
  const undoAll = async () => {
    for (let next = undo.pop(); next; next = undo.pop()) await next()
  }
  try {
    const lockHome = async (home: string) => {
      const claim = await claimFolder(claimOf(options, home))
      if (claim.lock) undo.push(() => claim.lock.release())
    }
    const systemDir = options.systemDir ?? '/var/lib/rapporteur'
    const prepared = await prepareServer({
      dataDir,
      systemDir,
      settings: options.settings ?? {},
      logPath,
      log,
      lockHome,
    })
    const onFailure = options.onFailure ?? ((failure) => log(failure.message))
    const server = new SupervisedServer(prepared.server, { plan: prepared.plan, clock, log, onFailure })
    undo.push(() => server.stop())
    undo.push(watchServerLog(logPath))

    const { port } = prepared.server
    const url = databaseUrl(port, prepared.password, DATABASE)
    await createDatabase(url, DATABASE)
    await rememberPort(path.join(dataDir, 'postgres.port'), port)
    await lock.announcePort(port)
    let stopped: Promise<void> | undefined
    const stop = () => {
      stopped ??= undoAll()
      return stopped
    }
    return { url, port, role: 'owner', location: prepared.plan.cluster, stop, [Symbol.asyncDispose]: stop }
  } catch (error) {
    await undoAll()
    // A server that ran out of space in mid-answer only breaks the connection; its log says why.
    if (meansFullDisk(await readLogSince(logPath, logPosition, 200))) throw diskFull(dataDir, error)
    throw error
  }
}

function claimOf(options: EmbeddedDatabaseOptions, folder: string) {
  return {
    folder,
    lockFile: path.join(folder, 'rapporteur.lock'),
    purpose: options.purpose,
    command: options.commandName,
    since: (options.clock ?? systemClock).now(),
    waitMs: options.waitMs ?? WAIT_MS,
    log: options.log,
  }
}
