import { access, constants, mkdir, statfs } from 'node:fs/promises'
import { type CheckReport, failed, ok, warning } from '../../../base/check-report.ts'
import { describeError } from '../../../base/errors.ts'
import type { Config } from '../../../platform/config/index.ts'
import { LEAST_FREE_BYTES } from '../../../platform/observe/index.ts'

const COMFORTABLE_FREE_BYTES = 2 * 1024 ** 3

/** The program and the machine it stands on. */
export async function checkMachine(config: Config): Promise<CheckReport[]> {
  const disk =
    config.database.kind === 'embedded' ? [await checkDataDir(config.dataDir), await checkSpace(config.dataDir)] : []
  return [checkNode(), ...disk, checkAddress(config)]
}

function checkNode(): CheckReport {
  const major = Number(process.versions.node.split('.')[0])
  if (major >= 24) return ok('node', `Node ${process.version}.`)
  return warning('node', `Node ${process.version} works; Node 24 is what is developed and tested with.`)
}

async function checkDataDir(dataDir: string): Promise<CheckReport> {
  try {
    await mkdir(dataDir, { recursive: true })
    await access(dataDir, constants.W_OK)
    return ok('data folder', `${dataDir} can be written to.`)
  } catch (error) {
    return failed(
      'data folder',
      `${dataDir} cannot be written to (${describeError(error)}). Set DATA_DIR or change its owner.`,
    )
  }
}

async function checkSpace(dataDir: string): Promise<CheckReport> {
  try {
    const { bavail, bsize } = await statfs(dataDir)
    const gigabytes = `${((bavail * bsize) / 1024 ** 3).toFixed(1)} GB`
    if (bavail * bsize < LEAST_FREE_BYTES)
      return failed('disk', 'The disk of the data folder is full. Free some space.')
    if (bavail * bsize >= COMFORTABLE_FREE_BYTES) return ok('disk', `${gigabytes} free.`)
    return warning('disk', `Only ${gigabytes} free where the data is. Free some space before it runs out.`)
  } catch (error) {
    return warning('disk', `The free space cannot be told (${describeError(error)}).`)
  }
}

function checkAddress({ server }: Config): CheckReport {
  const isLoopback = ['127.0.0.1', '::1', 'localhost'].includes(server.host)
  if (server.siteUrl?.protocol === 'https:') return ok('address', `${server.siteUrl.origin} is the public address.`)
  if (server.siteUrl)
    return warning('address', `SITE_URL is ${server.siteUrl.origin}: without https, others on the way can read along.`)
  if (isLoopback)
    return ok('address', `Serves this machine only, on port ${server.port}. Set SITE_URL and HOST to serve others.`)
  // A warning of the settings says what that means.
  return ok('address', `Serves port ${server.port} of ${server.host}.`)
}
