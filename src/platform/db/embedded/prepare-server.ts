import path from 'node:path'
import { adoptServer } from './adopt-server.ts'
import { CLUSTER_NAME, ensureCluster, putAside, readClusterMajor } from './cluster.ts'
import { recallPort } from './free-port.ts'
import { clusterMissing, readLocation, writeLocation } from './location-file.ts'
import { keepPassword, randomPassword, readPassword, resetPassword } from './password.ts'
import { placeBinaries } from './place-binaries.ts'
import { type Placement, placeCluster } from './place-cluster.ts'
import type { RunningServer } from './server-process.ts'
import { type ServerPlan, startServer } from './start-server.ts'

interface PrepareNeeds {
  dataDir: string
  systemDir: string
  settings: Record<string, string>
  logPath: string
  log: (line: string) => void
  /** Called before anything is touched in a home outside the data folder: two copies of a data folder name the same one. */
  lockHome: (home: string) => Promise<void>
}

/** From a data folder that is ours to a server that runs: place, programs, cluster, password, left-over server, start. */
export async function prepareServer(
  needs: PrepareNeeds,
): Promise<{ plan: ServerPlan; server: RunningServer; password: string }> {
  const { dataDir, systemDir, settings, logPath, log } = needs
  const placement = await placeCluster({ dataDir, systemDir, log })
  const { home, account } = placement
  const binaries = await placeBinaries({ account, copyTo: account ? systemDir : dataDir, log })
  if (home !== dataDir) await settleHome(needs, placement, binaries)

  const passwordFile = path.join(dataDir, 'postgres.password')
  const known = await readPassword(passwordFile)
  const password = known ?? randomPassword()
  const isDurable = settings.fsync !== 'off'
  const { cluster, isNew } = await ensureCluster({ home, binaries, account, password, logPath, isDurable, log })
  if (home !== dataDir && isNew) await writeLocation(dataDir, { home, isComplete: true })

  const plan: ServerPlan = { binaries, account, cluster, logPath, settings }
  const adopted = await adoptServer(cluster, known, binaries, log)
  if (known === undefined) {
    // Kept only when it is the cluster's: a lost file must be noticed again if we are killed in between.
    if (!isNew) await resetPassword(cluster, password, plan)
    await keepPassword(passwordFile, password)
  }
  const server = adopted ?? (await startServer(plan, await recallPort(path.join(dataDir, 'postgres.port'))))
  return { plan, server, password }
}

/** Makes sure that a home outside the data folder holds this folder's cluster and no other's. */
async function settleHome(
  { dataDir, log, lockHome }: PrepareNeeds,
  { home, isNewHome }: Placement,
  binaries: { packageVersion: string },
): Promise<void> {
  const cluster = path.join(home, CLUSTER_NAME)
  if (!isNewHome) {
    const location = await readLocation(dataDir)
    if (location?.isComplete && (await readClusterMajor(cluster)) === undefined) throw clusterMissing(dataDir, home)
    return lockHome(home)
  }
  await lockHome(home)
  if ((await readClusterMajor(cluster)) !== undefined) {
    await adoptServer(cluster, undefined, binaries, log)
    log(`A database of an earlier, deleted ${dataDir} was moved to ${await putAside(cluster)}.`)
  }
  await writeLocation(dataDir, { home, isComplete: false })
}
