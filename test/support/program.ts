import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'

const bin = path.resolve(import.meta.dirname, '../../bin/rapporteur.js')

/** A fresh folder to run the built program in, as an administrator would; everything started in it ends with it. */
export interface Installation extends AsyncDisposable {
  folder: string
  dataDir: string
  /** Runs one command to its end. */
  run(
    args: readonly string[],
    env?: Record<string, string>,
  ): Promise<{ status: number | null; out: string; err: string }>
  /** Starts `rapporteur start` and waits for its five lines. */
  start(args?: readonly string[], env?: Record<string, string>): Promise<Running>
}

export interface Running {
  child: ChildProcess
  lines: string[]
  /** What it wrote to standard error so far. */
  errorText(): string
  /** The address of the first line. */
  address: string
  origin: string
  /** The text of a page, seen by a browser that was opened with the sandbox's address. */
  page(path?: string): Promise<string>
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

export async function createInstallation(): Promise<Installation> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'rapporteur-run-'))
  await chmod(folder, 0o711)
  const dataDir = path.join(folder, 'data')
  const children = new Set<ChildProcess>()
  const launch = (args: readonly string[], env: Record<string, string> = {}) => {
    const child = spawn(process.execPath, [bin, ...args], {
      cwd: folder,
      env: { PATH: process.env.PATH ?? '', DATA_DIR: dataDir, PORT: '0', TIME_ZONE: zoneWhereItIsNoon(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    children.add(child)
    child.once('exit', () => children.delete(child))
    return child
  }
  const run: Installation['run'] = async (args, env) => {
    const child = launch(args, env)
    let out = ''
    let err = ''
    child.stdout?.on('data', (data) => {
      out += data
    })
    child.stderr?.on('data', (data) => {
      err += data
    })
    await once(child, 'close')
    return { status: child.exitCode, out, err }
  }
  return {
    folder,
    dataDir,
    run,
    start: (args = [], env = {}) => startServing(launch(['start', ...args], env)),
    async [Symbol.asyncDispose]() {
      for (const child of children) {
        child.kill('SIGKILL')
        await once(child, 'exit')
      }
      // What a killed start left running is taken over, and stopped, by any command.
      for (const [args, cluster] of [
        [[], 'postgres'],
        [['--sandbox'], 'sandbox/postgres'],
      ] as const) {
        if (existsSync(path.join(dataDir, cluster, 'postmaster.pid'))) await run(['sign-in-link', ...args])
      }
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** So that what begins within minutes begins today, whenever the tests run. */
function zoneWhereItIsNoon(): string {
  const behind = new Date().getUTCHours() - 12
  return `Etc/GMT${behind < 0 ? '-' : '+'}${Math.abs(behind)}`
}

const WELCOME_LINES = 5

async function startServing(child: ChildProcess): Promise<Running> {
  const lines: string[] = []
  let err = ''
  child.stderr?.on('data', (data) => {
    err += data
  })
  if (!child.stdout) throw new Error('no output')
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith('{')) lines.push(line)
    if (lines.length === WELCOME_LINES) break
  }
  const address = lines[0]?.match(/^Open\s+(\S+)/)?.[1]
  if (!address) throw new Error(`It did not start:\n${lines.join('\n')}\n${err}`)
  child.stdout.resume()
  const { origin } = new URL(address)
  let cookie: string | undefined
  return {
    child,
    lines,
    errorText: () => err,
    address,
    origin,
    async page(path = '/dashboard/') {
      cookie ??= cookiesOf(await fetch(address, { redirect: 'manual' }))
      return (await fetch(origin + path, { headers: { cookie } })).text()
    },
    async stop(signal = 'SIGTERM') {
      // It may have ended by itself, and would tell nobody again.
      if (child.exitCode === null && child.signalCode === null) {
        child.kill(signal)
        await once(child, 'exit')
      }
      return child.exitCode
    },
  }
}

/** What a browser sends back of the cookies that an answer sets. */
export function cookiesOf(answer: Response): string {
  return answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ')
}
