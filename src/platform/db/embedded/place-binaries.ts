import { AppError, describeError } from '../../../base/errors.ts'
import { type Binaries, findPackagedBinaries, linkLibraries } from './binaries.ts'
import { databaseFailed } from './failures.ts'
import { installBinaries } from './install-binaries.ts'
import { type Account, runProgram } from './run-program.ts'

const CLOSED = new Set(['EACCES', 'EPERM', 'EROFS'])

interface BinariesNeeds {
  /** Who runs the server, when we are root. */
  account?: Account | undefined
  /** Where a copy goes if they cannot be run where npm put them. */
  copyTo: string
  log: (line: string) => void
  /** Default: what npm installed. */
  packaged?: Binaries
}

/** A PostgreSQL that the server's user can run: in place if that works, which is tried and not guessed, else a copy. */
export async function placeBinaries({ account, copyTo, log, ...needs }: BinariesNeeds): Promise<Binaries> {
  const packaged = needs.packaged ?? (await findPackagedBinaries())
  const isLinked = await linkLibraries(packaged)
  if (isLinked && (await canRun(packaged, account)).ok) return packaged

  const copy = await installBinaries(packaged, copyTo, log).catch((error: NodeJS.ErrnoException) => {
    throw account && CLOSED.has(error.code ?? '') ? cannotRun(packaged, account, error) : error
  })
  const trial = await canRun(copy, account)
  if (trial.ok) return copy
  if (account && CLOSED.has(trial.errorCode ?? '')) throw cannotRun(copy, account)
  throw databaseFailed(`PostgreSQL cannot be run on this machine (${copy.postgres})`, 'none yet', trial.output)
}

function cannotRun({ postgres }: Binaries, account: Account, cause?: unknown): AppError {
  const also = cause === undefined ? '' : `, and a copy for it could not be made (${describeError(cause)})`
  return new AppError(
    'server_user_cannot_reach',
    `As root the database runs as the user "${account.name}", who cannot run ${postgres} (a closed folder above it, or a disk mounted noexec)${also}. Open the way with \`chmod o+x\` on each folder, or run Rapporteur as an ordinary user.`,
    { details: { account: account.name, program: postgres }, cause },
  )
}

/** initdb also reads share/, which a strict umask at the time of `npm install` may have closed. */
async function canRun(binaries: Binaries, account: Account | undefined) {
  const version = await runProgram(binaries.postgres, ['--version'], { account })
  if (!version.ok) return version
  return runProgram('test', ['-r', `${binaries.root}/share/postgresql/postgres.bki`], { account })
}
