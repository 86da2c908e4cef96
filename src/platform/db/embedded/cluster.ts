import { chown, mkdir, mkdtemp, readdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '../../../base/errors.ts'
import type { Binaries } from './binaries.ts'
import { databaseFailed, diskFull, meansFullDisk } from './failures.ts'
import { type Account, runProgram } from './run-program.ts'

export const CLUSTER_NAME = 'postgres'
const DRAFT_PREFIX = 'postgres.new-'

interface ClusterNeeds {
  /** The folder that holds the cluster, as `postgres`. */
  home: string
  binaries: Binaries
  account?: Account | undefined
  password: string
  logPath: string
  /** Whether it must survive a power failure; off only in tests. */
  isDurable: boolean
  log: (line: string) => void
}

/**
 * Makes the cluster if there is none. It is made under another name and renamed, so that one that has its name is whole; a folder
 * without a version in it is put aside and never deleted. Throws `database_other_major` for one of another major version.
 */
export async function ensureCluster(needs: ClusterNeeds): Promise<{ cluster: string; isNew: boolean }> {
  const cluster = path.join(needs.home, CLUSTER_NAME)
  await removeDrafts(needs.home)
  const madeBy = await readClusterMajor(cluster)
  if (madeBy !== undefined) {
    await refuseOtherMajor(cluster, madeBy, needs.binaries)
    return { cluster, isNew: false }
  }
  await putAsideIncomplete(cluster, needs.log)
  await initialise(cluster, needs)
  return { cluster, isNew: true }
}

/** The major version that made a cluster, such as "18"; undefined if there is no (complete) cluster. */
export async function readClusterMajor(cluster: string): Promise<string | undefined> {
  try {
    const text = await readFile(path.join(cluster, 'PG_VERSION'), 'utf8')
    return text.trim() || undefined
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
  }
}

async function refuseOtherMajor(cluster: string, madeBy: string, binaries: Binaries): Promise<void> {
  const [ours = ''] = binaries.packageVersion.split('.')
  if (madeBy === ours) return
  throw new AppError(
    'database_other_major',
    `The database in ${cluster} was made by PostgreSQL ${madeBy}, and this Rapporteur brings PostgreSQL ${ours}, which cannot read it. Run \`rapporteur backup FILE\` with the Rapporteur that made it, then \`rapporteur restore FILE\` with this one on an empty data folder. Nothing was changed.`,
    { details: { cluster, madeBy, ours } },
  )
}

async function putAsideIncomplete(cluster: string, log: (line: string) => void): Promise<void> {
  const entries = await readdir(cluster).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (!entries) return
  if (entries.length === 0) return rmdir(cluster)
  const aside = await putAside(cluster)
  log(`${cluster} is not a complete database; it was moved to ${aside} and a new one is made.`)
}

/** Renames a folder to a free name beside it and returns that. */
export async function putAside(folder: string): Promise<string> {
  for (let number = 1; ; number++) {
    const aside = `${folder}.aside-${number}`
    if (await stat(aside).catch(() => undefined)) continue
    await rename(folder, aside)
    return aside
  }
}

async function initialise(cluster: string, needs: ClusterNeeds): Promise<void> {
  const { home, binaries, account } = needs
  const draft = await mkdtemp(path.join(home, DRAFT_PREFIX))
  try {
    const passwordFile = path.join(draft, 'password')
    const folder = path.join(draft, 'cluster')
    await writeFile(passwordFile, `${needs.password}\n`, { mode: 0o600, flag: 'wx' })
    await mkdir(folder, { mode: 0o700 })
    if (account) for (const each of [folder, passwordFile, draft]) await chown(each, account.uid, account.gid)
    const result = await runProgram(
      binaries.initdb,
      [
        `--pgdata=${folder}`,
        '--username=rapporteur',
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        // The server's own C.UTF-8: the same on every machine, whatever locales and libraries it has (PostgreSQL 17 and later).
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        ...(needs.isDurable ? [] : ['--no-sync']),
      ],
      { account },
    )
    if (!result.ok) {
      if (meansFullDisk(result.output)) throw diskFull(home)
      const lastLines = result.output.trim().split('\n').slice(-12).join('\n')
      throw databaseFailed('The database could not be created', needs.logPath, lastLines)
    }
    await rename(folder, cluster)
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

/** Drafts of starts that were killed; nobody ever used them, and whoever holds the folder's lock is alone here. */
async function removeDrafts(home: string): Promise<void> {
  for (const name of await readdir(home))
    if (name.startsWith(DRAFT_PREFIX)) await rm(path.join(home, name), { recursive: true, force: true, maxRetries: 10 })
}
