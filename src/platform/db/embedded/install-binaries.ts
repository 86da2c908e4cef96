import { chmod, copyFile, mkdir, readdir, readlink, rename, rm, stat, symlink } from 'node:fs/promises'
import path from 'node:path'
import { newId } from '../../../base/ids.ts'
import { type Binaries, binariesIn, linkLibraries } from './binaries.ts'

const FOLDERS = ['bin', 'lib', 'share']

/**
 * Copies PostgreSQL to `<parent>/postgresql-<version>`, where everybody may read and run it, unless a complete copy is there.
 * Written under another name and renamed, so that a copy that has its name is whole.
 */
export async function installBinaries(
  source: Binaries,
  parent: string,
  log: (line: string) => void,
): Promise<Binaries> {
  const home = path.join(parent, `postgresql-${source.packageVersion}`)
  const installed = binariesIn(home, source.packageVersion)
  if (await isCompleteCopy(source.root, home)) {
    await linkLibraries(installed)
    return installed
  }
  if (await mkdir(parent, { recursive: true })) await chmod(parent, 0o755)
  const draft = `${home}.${newId()}.new`
  try {
    await copyTree(source.root, draft)
    await linkLibraries({ root: draft })
    await putInPlace(draft, home)
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  log(`Copied PostgreSQL to ${home}, where the user that runs it can reach it.`)
  return installed
}

async function putInPlace(draft: string, home: string): Promise<void> {
  const discarded = `${home}.${newId()}.old`
  try {
    await rename(home, discarded)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  try {
    await rename(draft, home)
  } catch (error) {
    // Another start put its own whole copy there in between.
    if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
  await rm(discarded, { recursive: true, force: true })
}

async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to)
  await chmod(to, 0o755)
  for (const name of await filesToCopy(from)) {
    const target = path.join(to, name)
    const found = path.join(from, name)
    await mkdir(path.dirname(target), { recursive: true })
    const link = await readlink(found).catch(() => undefined)
    if (link !== undefined) {
      await symlink(link, target)
      continue
    }
    await copyFile(found, target)
    await chmod(target, name.startsWith('bin') || name.includes('.so') ? 0o755 : 0o644)
  }
  // Folders made under a strict umask would be closed to the user it is all for.
  for (const entry of await readdir(to, { recursive: true, withFileTypes: true }))
    if (entry.isDirectory()) await chmod(path.join(entry.parentPath, entry.name), 0o755)
}

/** Every file and link of the three folders and the list of links; the archives for building other programs (*.a) are left out. */
async function filesToCopy(root: string): Promise<string[]> {
  const names = ['pg-symlinks.json']
  for (const folder of FOLDERS) {
    for (const entry of await readdir(path.join(root, folder), { recursive: true, withFileTypes: true })) {
      if (entry.isDirectory() || entry.name.endsWith('.a')) continue
      names.push(path.relative(root, path.join(entry.parentPath, entry.name)))
    }
  }
  return names
}

async function isCompleteCopy(source: string, copy: string): Promise<boolean> {
  try {
    for (const name of await filesToCopy(source)) {
      const [original, present] = await Promise.all([stat(path.join(source, name)), stat(path.join(copy, name))])
      if (original.size !== present.size) return false
    }
    return true
  } catch {
    return false
  }
}
