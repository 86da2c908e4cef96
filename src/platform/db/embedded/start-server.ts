import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Binaries } from './binaries.ts'
import { databaseFailed, diskFull, meansFullDisk } from './failures.ts'
import { choosePort } from './free-port.ts'
import { dropMisleadingPostmasterFile, readPostmasterFile } from './postmaster-file.ts'
import { identifyProcess } from './process-identity.ts'
import { type Account, programEnvironment } from './run-program.ts'
import { openServerLog, readLogSince, sizeOfLog } from './server-log.ts'
import { type RunningServer, stopServer } from './server-process.ts'

/** Everything needed to start the server of one cluster, again and again. */
export interface ServerPlan {
  binaries: Binaries
  /** Whom to run it as, when we are root. */
  account?: Account | undefined
  cluster: string
  logPath: string
  settings: Record<string, string>
}

/** Replaying the write-ahead log after a crash can take a while on a slow disk. */
const READY_MS = 120_000
/** The processes of a killed server let go of its memory within moments. */
const BUSY_MS = 15_000
const PORT_ATTEMPTS = 5

const PORT_TAKEN = /could not bind|Address already in use|could not create any TCP\/IP sockets/
const STILL_BUSY = /pre-existing shared memory block|lock file "postmaster\.pid" already exists/

/** Starts the server on the given port, or on another one if that is taken. Throws `disk_full` or `database_failed`. */
export async function startServer(plan: ServerPlan, remembered: number | undefined): Promise<RunningServer> {
  let port = await choosePort(remembered)
  for (let attempt = 1; ; attempt++) {
    const outcome = await startOnPort(plan, port)
    if (outcome.server) return outcome.server
    if (attempt === PORT_ATTEMPTS)
      throw databaseFailed('The database found no free port', plan.logPath, outcome.lastLines)
    port = await choosePort(undefined)
  }
}

/** Starts the server on this port and no other; answers with its last words if the port is taken. An abort ends the attempt with a failure. */
export async function startOnPort(
  plan: ServerPlan,
  port: number,
  signal?: AbortSignal,
): Promise<{ server: RunningServer; lastLines?: never } | { server?: never; lastLines: string }> {
  const until = performance.now() + BUSY_MS
  for (;;) {
    const outcome = await tryStart(plan, port, signal)
    if (outcome.server) return outcome
    const { lastLines, said } = outcome
    if (PORT_TAKEN.test(said)) return { lastLines }
    if (meansFullDisk(said)) throw diskFull(plan.cluster)
    if (!STILL_BUSY.test(said) || performance.now() > until || signal?.aborted)
      throw databaseFailed('The database server did not start', plan.logPath, lastLines)
    await dropMisleadingPostmasterFile(plan.cluster)
    await sleep(200)
  }
}

async function tryStart(
  plan: ServerPlan,
  port: number,
  signal: AbortSignal | undefined,
): Promise<{ server: RunningServer } | { server?: never; said: string; lastLines: string }> {
  const position = await sizeOfLog(plan.logPath)
  const log = await openServerLog(plan.logPath)
  const child = spawn(plan.binaries.postgres, serverArguments(plan, port), {
    cwd: '/',
    env: programEnvironment(),
    // A process group of its own: Ctrl-C in the terminal reaches us and not the server, so that we decide who ends when.
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    ...(plan.account ? { uid: plan.account.uid, gid: plan.account.gid } : {}),
  })
  let end: string | undefined
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`it could not be run: ${error.message}`))
    child.once('exit', (code, signal) => resolve(signal ? `it was ended by ${signal}` : `it ended with status ${code}`))
  })
  void exited.then((how) => {
    end = how
  })
  // 'spawn' or, if the program cannot be run at all, 'error', which `exited` reports.
  await once(child, 'spawn').catch(() => {})
  child.unref()
  await log.close()
  // A number that was never given out, if the program could not be run.
  const identity = await identifyProcess(child.pid ?? 0)

  const until = performance.now() + READY_MS
  while (end === undefined && performance.now() < until && !signal?.aborted) {
    const written = await readPostmasterFile(plan.cluster)
    if (written?.pid === child.pid && written?.isReady) return { server: { identity, port, exited } }
    await sleep(10)
  }
  if (end === undefined) await stopServer(identity)
  const how = end ?? `it was not ready after ${READY_MS / 1000} s`
  const said = await readLogSince(plan.logPath, position, 200)
  return { said: `${said}\n${how}`, lastLines: `${await readLogSince(plan.logPath, position)}\n(${how})` }
}

function serverArguments(plan: ServerPlan, port: number): string[] {
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    max_connections: '200',
    timezone: 'UTC',
    log_timezone: 'UTC',
    logging_collector: 'off',
    log_destination: 'stderr',
    ...plan.settings,
  }
  return ['-D', plan.cluster, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])]
}
