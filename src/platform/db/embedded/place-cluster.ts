import { createHash } from 'node:crypto'
import { chmod, mkdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { AppError, describeError } from '../../../base/errors.ts'
import { CLUSTER_NAME, readClusterMajor } from './cluster.ts'
import { databaseFailed } from './failures.ts'
import { readLocation } from './location-file.ts'
import { findBarrier } from './reachability.ts'
import { type Account, runProgram } from './run-program.ts'
import { ensureServerUser, findAccount } from './server-user.ts'

/** Where the cluster of a data folder lives and who runs its server. */
export interface Placement {
  /** The folder that holds the cluster, as `postgres`: the data folder itself, or one under the system folder. */
  home: string
  /** Whom to run the server as; undefined: the user we are. */
  account?: Account | undefined
  /** The home was chosen just now, outside the data folder, which does not name it yet. */
  isNewHome: boolean
}

interface PlacementNeeds {
  dataDir: string
  /** Where to go when the server's user cannot enter the data folder: /var/lib/rapporteur. */
  systemDir: string
  log: (line: string) => void
}

/** An ordinary user keeps the cluster in the data folder. Root, whom PostgreSQL does not serve, needs a user and a folder open to that user. */
export async function placeCluster(needs: PlacementNeeds): Promise<Placement> {
  const { dataDir } = needs
  const location = await readLocation(dataDir)
  const home = location?.home ?? dataDir
  const cluster = path.join(home, CLUSTER_NAME)
  const owner = await ownerOf(cluster)
  if (!isRoot()) {
    if (owner !== undefined && owner !== process.getuid?.()) throw await belongsToAnother(cluster, owner)
    return { home, isNewHome: false }
  }

  const hasCluster = (await readClusterMajor(cluster)) !== undefined
  const account = await chooseAccount(needs, hasCluster ? owner : undefined)
  const barrier = owner === undefined && location ? undefined : await findBarrier(home, account)
  if (barrier && (hasCluster || location)) throw cannotReach(account, [barrier], dataDir)
  if (barrier) return { home: await makeSystemHome(needs, account, barrier), account, isNewHome: true }
  if (hasCluster && owner === 0) await giveCluster(cluster, account)
  return { home, account, isNewHome: false }
}

const isRoot = () => process.getuid?.() === 0

/** Whoever has the cluster or else the data folder keeps it, so that one run with sudo changes nothing; else a user of our own. */
async function chooseAccount({ dataDir, log }: PlacementNeeds, clusterOwner: number | undefined): Promise<Account> {
  for (const uid of [clusterOwner, await ownerOf(dataDir)]) {
    const account = uid ? await findAccount(uid) : undefined
    if (account) return account
  }
  return ensureServerUser(log)
}

async function makeSystemHome(
  { dataDir, systemDir }: PlacementNeeds,
  account: Account,
  barrier: string,
): Promise<string> {
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 16)
  const home = path.join(systemDir, 'clusters', name)
  try {
    for (const folder of [systemDir, path.dirname(home), home]) {
      // The mode of mkdir is cut by the umask; a folder that was there keeps its own.
      if (await mkdir(folder, { recursive: true })) await chmod(folder, 0o755)
    }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code !== 'EACCES' && code !== 'EPERM' && code !== 'EROFS') throw cause
    throw cannotReach(account, [barrier], dataDir, cause)
  }
  const second = await findBarrier(home, account)
  if (second) throw cannotReach(account, [barrier, second], dataDir)
  return home
}

function cannotReach(account: Account, barriers: string[], dataDir: string, cause?: unknown): AppError {
  const folders = barriers.join(' nor ')
  const also = cause === undefined ? '' : `, and no other place could be made (${describeError(cause)})`
  return new AppError(
    'server_user_cannot_reach',
    `As root the database runs as the user "${account.name}", who may not enter ${folders}${also}. Run \`chmod o+x ${barriers[0]}\`, or set DATA_DIR to a folder that user can reach (now ${dataDir}), or run Rapporteur as an ordinary user.`,
    { details: { account: account.name, barriers, dataDir }, cause },
  )
}

async function belongsToAnother(cluster: string, owner: number): Promise<AppError> {
  const name = (await findAccount(owner))?.name ?? (owner === 0 ? 'root' : String(owner))
  return new AppError(
    'database_not_ours',
    `The database in ${cluster} belongs to the user "${name}": Rapporteur was run here as that user or as root. Run it that way again, or set DATA_DIR to a folder of your own.`,
    { details: { cluster, owner: name } },
  )
}

/** A cluster that root copied here would be refused by the server. */
async function giveCluster(cluster: string, account: Account): Promise<void> {
  const result = await runProgram('chown', ['-R', `${account.uid}:${account.gid}`, cluster])
  if (!result.ok)
    throw databaseFailed(`The database in ${cluster} could not be given to ${account.name}`, cluster, result.output)
}

async function ownerOf(folder: string): Promise<number | undefined> {
  return stat(folder).then(
    (found) => found.uid,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    },
  )
}
