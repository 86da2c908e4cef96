import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Binaries } from './binaries.ts'
import { databaseFailed } from './failures.ts'
import { writePrivateFile } from './private-file.ts'
import { type Account, runProgram } from './run-program.ts'

/** The password in a file, or undefined if there is no such file. */
export async function readPassword(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim() || undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

export function randomPassword(): string {
  return randomBytes(24).toString('base64url')
}

export async function keepPassword(file: string, password: string): Promise<void> {
  await writePrivateFile(file, `${password}\n`)
}

/** Gives a stopped cluster a password whose file was lost: whoever may read the cluster may do that anyway. */
export async function resetPassword(
  cluster: string,
  password: string,
  { binaries, account, logPath }: { binaries: Binaries; account?: Account | undefined; logPath: string },
): Promise<void> {
  const result = await runProgram(
    binaries.postgres,
    ['--single', '-D', cluster, '-c', 'unix_socket_directories=', 'postgres'],
    { account, input: `alter user rapporteur password '${password}'\n` },
  )
  if (!result.ok || /ERROR|FATAL/.test(result.output))
    throw databaseFailed('The lost database password could not be replaced', logPath, result.output.slice(-2_000))
}
