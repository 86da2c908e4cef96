import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { AppError } from '../../../base/errors.ts'
import { writePrivateFile } from './private-file.ts'

const locationSchema = z.object({
  /** The folder that holds the cluster, as `postgres`. */
  home: z.string(),
  /** False from before the cluster is made until it is complete. */
  isComplete: z.boolean(),
})

/** Where the cluster of a data folder is, when it cannot be inside it. */
type ClusterLocation = z.infer<typeof locationSchema>

const fileIn = (dataDir: string) => path.join(dataDir, 'postgres.location')

export async function readLocation(dataDir: string): Promise<ClusterLocation | undefined> {
  let text: string
  try {
    text = await readFile(fileIn(dataDir), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    return locationSchema.parse(JSON.parse(text))
  } catch (cause) {
    throw new AppError(
      'database_missing',
      `The file ${fileIn(dataDir)}, which says where the database is, cannot be read as such. Put back the file of a backup, or delete it to begin with an empty database.`,
      { cause },
    )
  }
}

export async function writeLocation(dataDir: string, location: ClusterLocation): Promise<void> {
  await writePrivateFile(fileIn(dataDir), `${JSON.stringify(location)}\n`)
}

export function clusterMissing(dataDir: string, home: string): AppError {
  return new AppError(
    'database_missing',
    `The database of ${dataDir} was kept in ${home} and is not there any more. Put that folder back, or delete ${fileIn(dataDir)} to begin with an empty database.`,
    { details: { dataDir, home } },
  )
}
