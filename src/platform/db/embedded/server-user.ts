import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '../../../base/errors.ts'
import { type Account, type ProgramResult, runProgram } from './run-program.ts'

const SERVER_USER = 'rapporteur'
const USERADD_ARGS = [
  '--system',
  '--user-group',
  '--no-create-home',
  '--home-dir',
  '/var/lib/rapporteur',
  '--shell',
  '/usr/sbin/nologin',
  SERVER_USER,
]

type Run = (program: string, args: readonly string[]) => Promise<Pick<ProgramResult, 'ok' | 'output' | 'errorCode'>>

/** The user that runs the server when we are root, whom PostgreSQL refuses to serve; made if missing, and said. */
export async function ensureServerUser(log: (line: string) => void, run: Run = runProgram): Promise<Account> {
  const present = await findAccount(SERVER_USER, run)
  if (present) return present

  let added = await run('useradd', USERADD_ARGS)
  for (let attempt = 1; ; attempt++) {
    const account = await findAccount(SERVER_USER, run)
    if (account) {
      if (added.ok)
        log(`Created the system user "${SERVER_USER}" to run the database, because PostgreSQL refuses to run as root.`)
      return account
    }
    // Another program may have the user list locked for a moment.
    if (attempt === 5 || !added.output.includes('cannot lock')) break
    await sleep(300)
    added = await run('useradd', USERADD_ARGS)
  }
  const reason = added.errorCode === 'ENOENT' ? 'there is no useradd here' : added.output.trim()
  throw new AppError(
    'server_user_missing',
    `PostgreSQL refuses to run as root, and the user for it could not be created (${reason}). Create it with \`useradd ${USERADD_ARGS.join(' ')}\` (without useradd: \`adduser -S -H -D ${SERVER_USER}\`), run Rapporteur as an ordinary user, or set DATABASE_URL.`,
  )
}

/** The account with a name or number; undefined if it does not exist here or is root's. */
export async function findAccount(nameOrUid: string | number, run: Run = runProgram): Promise<Account | undefined> {
  const [uid, gid, name] = await Promise.all(
    ['-u', '-g', '-un'].map(async (flag) => {
      const result = await run('id', [flag, String(nameOrUid)])
      return result.ok ? result.output.trim() : undefined
    }),
  )
  if (!uid || !gid || !name || uid === '0') return undefined
  return { name, uid: Number(uid), gid: Number(gid) }
}
