import { spawn } from 'node:child_process'

/** The system user a program runs as; undefined: the one we are. */
export interface Account {
  name: string
  uid: number
  gid: number
}

export interface ProgramResult {
  ok: boolean
  /** What it printed, both streams, at most the last 20,000 characters; a missing or forbidden program is said here too. */
  output: string
  /** ENOENT when there is no such program, EACCES when the account cannot reach it. */
  errorCode?: string | undefined
}

/** PostgreSQL's programs must not be led astray by PGDATA, LD_LIBRARY_PATH or a locale that is not installed, and we read their English. */
export function programEnvironment(): NodeJS.ProcessEnv {
  return { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', TZ: 'UTC' }
}

/** Runs a program to its end, in the root folder, which every account can enter. Never rejects: a failure is in the result. */
export async function runProgram(
  program: string,
  args: readonly string[],
  { account, input }: { account?: Account | undefined; input?: string } = {},
): Promise<ProgramResult> {
  return new Promise((resolve) => {
    let output = ''
    const child = spawn(program, args, {
      cwd: '/',
      env: programEnvironment(),
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(account ? { uid: account.uid, gid: account.gid } : {}),
    })
    const collect = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-20_000)
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.stdin.on('error', () => {})
    child.stdin.end(input ?? '')
    child.once('error', (error: NodeJS.ErrnoException) =>
      resolve({ ok: false, output: error.message, errorCode: error.code }),
    )
    child.once('close', (code, signal) => {
      if (signal) output += `\nended by ${signal}${signal === 'SIGXFSZ' ? ' (File size limit exceeded)' : ''}`
      resolve({ ok: code === 0, output })
    })
  })
}
